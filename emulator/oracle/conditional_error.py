"""How far the p-bits' conditional probabilities are from the float model's: the local effect of quantisation."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

MAX_LISTED_DEGREE = 12  # 4096 settings of the neighbours; above, an interval bound
CHUNK_VALUES = 1 << 20  # float64 values worked on at once: 8 MiB


def conditional_errors(instance, quantised, table, beta):
    r"""Return the largest error of each p-bit's conditional probability over all settings of its neighbours.

    .. math:: b_i = \max_s \left| 2^{-w} T(\mathrm{word}_i(s)) - \sigma\left(2 \beta I_i(s)\right) \right|

    It holds everything that fixed point does: couplings, biases, the field's rounding and saturation, the table.
    P-bits of up to 12 neighbours are listed in full. For the others the result is an upper bound: the float field
    lies within sum |dJ| + |dh| of the exact sum of the words, and that sum within half a step of the field word.

    Parameters
    ----------
    instance : IsingInstance
        The float model.
    quantised : QuantisedInstance
        Its words on a fabric.
    table : ndarray, shape (n_table_entries,), uint32
        Activation table for ``beta``.
    beta : float
        Inverse temperature of the float model.

    Returns
    -------
    errors : ndarray, shape (n,), float64
        Largest error of P(up), or a bound of it.
    is_exact : ndarray, shape (n,), bool
        Where the error is exact rather than a bound.
    """
    errors = np.zeros(instance.n_spins)
    probabilities = np.asarray(table, dtype=np.float64) / 2.0**quantised.spec.compare_bits
    degrees = np.array([len(pairs) for pairs in quantised.spec.neighbors])
    is_exact = degrees <= MAX_LISTED_DEGREE
    for degree in np.unique(degrees[is_exact]):
        pbits = np.flatnonzero(degrees == degree)
        for part in np.array_split(pbits, -(-(len(pbits) << degree) // CHUNK_VALUES)):
            errors[part] = _listed_errors(instance, quantised, probabilities, beta, part)
    for pbit in np.flatnonzero(~is_exact):
        errors[pbit] = _bounded_error(instance, quantised, probabilities, beta, pbit)
    return errors, is_exact


def _neighborhood(instance, quantised, pbits):
    """Return the float couplings and weight words towards the neighbours; each of shape (len(pbits), degree)."""
    pairs = np.array([quantised.spec.neighbors[i] for i in pbits], dtype=np.int64).reshape(len(pbits), -1, 2)
    edges = np.array(quantised.spec.edges, dtype=np.int64).reshape(-1, 2)
    couplings = np.zeros(len(edges))
    if len(edges):
        couplings = np.asarray(instance.couplings[edges[:, 0], edges[:, 1]], dtype=np.float64)
    return couplings[pairs[..., 1]], quantised.weights[pairs[..., 1]]


def _listed_errors(instance, quantised, probabilities, beta, pbits):
    """Return the exact largest errors of p-bits that all have the same number of neighbours."""
    spec = quantised.spec
    couplings, weights = _neighborhood(instance, quantised, pbits)
    fields = instance.biases[pbits][:, None]
    accumulators = quantised.offsets[pbits][:, None]
    for k in range(couplings.shape[1]):
        coupling, weight = couplings[:, k : k + 1], weights[:, k : k + 1]
        fields = np.concatenate([fields - coupling, fields + coupling], axis=1)
        accumulators = np.concatenate([accumulators, accumulators + (weight << spec.weight_shift)], axis=1)
    words, _ = spec.field_words(accumulators)
    ups = probabilities[words & (spec.n_table_entries - 1)]
    return np.abs(ups - expit(2 * beta * fields)).max(axis=1)


def _bounded_error(instance, quantised, probabilities, beta, pbit):
    """Return an upper bound of the largest error of one p-bit of any number of neighbours."""
    spec = quantised.spec
    couplings, weights = (values[0] for values in _neighborhood(instance, quantised, [pbit]))
    bias = spec.bias.values(quantised.biases[pbit])
    reach = np.abs(spec.weight.values(weights)).sum()
    apart = np.abs(couplings - spec.weight.values(weights)).sum() + abs(instance.biases[pbit] - bias)
    lowest, highest = bias - reach, bias + reach
    unit = 2.0**-spec.accumulator_frac
    first, last = spec.field_words(np.rint(np.array([lowest, highest]) / unit).astype(np.int64))[0]
    words = np.arange(first, last + 1)
    half = 0.5 * spec.field.step if spec.field_shift > 0 else 0.0
    low, high = spec.field.values(words) - half, spec.field.values(words) + half
    low[0], high[-1] = lowest, highest  # end words also take what saturates
    low, high = np.clip(low, lowest, highest), np.clip(high, lowest, highest)
    ups = probabilities[words & (spec.n_table_entries - 1)]
    above = expit(2 * beta * (high + apart)) - ups
    below = ups - expit(2 * beta * (low - apart))
    return float(np.maximum(above, below).max())
