"""Gain and offset of every p-bit of a machine, from states that it drew with known couplings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from ..engine.bootstrap import N_TRIALS
from ..engine.likelihood_record import provenance_of_states, record_of_influence, score_test, together
from ..inverse_ising.logistic import N_BATCHES, Batches, fit_logistic
from ..inverse_ising.pseudolikelihood import check_turns
from ..inverse_ising.states import checked_order, checked_states, seen_fields

MODEL = "p-bit gains and offsets"


@dataclass(frozen=True, eq=False)
class PbitGains:
    r"""How each p-bit of a machine answers its input.

    .. math:: P(s_i = +1) = \sigma(2 \alpha_i (\beta I_i - d_i))

    Parameters
    ----------
    gains : ndarray, shape (n,), float64
        alpha [1], above 0.
    offsets : ndarray, shape (n,), float64
        d, in units of beta I [1]: a junction's own offset does not grow with the couplings.
    """

    gains: np.ndarray
    offsets: np.ndarray

    def __post_init__(self):
        for label in ("gains", "offsets"):
            object.__setattr__(self, label, np.array(getattr(self, label), dtype=np.float64))
        if self.gains.ndim != 1 or self.gains.shape != self.offsets.shape:
            rule = "one number each for every p-bit"
            raise InputError(f"Gains and offsets must be {rule}, not {self.gains.shape} and {self.offsets.shape}")
        for i in np.flatnonzero(~(np.isfinite(self.gains) & (self.gains > 0.0) & np.isfinite(self.offsets))):
            found = f"{self.gains[i]:g} and {self.offsets[i]:g}"
            raise InputError(f"Gain and offset of p-bit {i} must be above 0 and finite, not {found}")

    @classmethod
    def of_calibration(cls, calibration):
        """Return the estimates of a `Calibration` from `fit_gains`."""
        found = calibration.estimates
        parts = ([found[f"{kind}_{i}"] for i in range(len(found) // 2)] for kind in ("gain", "offset"))
        return cls(*parts)


def fit_gains(instance, beta, spins, seed, colors=None, n_trials=N_TRIALS, n_batches=N_BATCHES):
    """Regress every p-bit on its programmed local field.

    Parameters
    ----------
    instance : IsingInstance
        Couplings and biases that the machine was given. A `SubstituteInstance` does as well.
    beta : float
        Inverse temperature that it was given.
    spins : ndarray, shape (n_chains, n_draws, n) or (n_draws, n), int8
        States -1/+1.
    seed : int
        Seed of the trials.
    colors : array_like, shape (n,), int, optional
        Colour of each p-bit, lower ones updated first, if the draws are consecutive sweeps: each bit is then compared
        with the field that it saw. Right for any machine that updates in this order, whatever its distribution, and
        draws are as good as independent. Without colours bits are compared with the state they are in, which takes a
        machine in equilibrium; p-bits whose gains differ by a share x bias each other's gains by the order of x.
    n_trials, n_batches : int
        Numbers of synthetic data sets (`record_of_influence`), and of batches of draws (`Batches`).

    Returns
    -------
    Calibration
        Parameters ``gain_i`` and ``offset_i``; chi2 tests the square and the cube of the input, and with colours the
        p-bit's own state before, which a logistic p-bit without memory does not follow.

    Raises
    ------
    InputError
        If a p-bit never turned, its input never changed, its gain is not above 0, or chains are too short.
    """
    spins = checked_states(spins)
    n_chains, n_draws, n = spins.shape
    colors = checked_order(colors, n, n_draws)
    if n != instance.n_spins:
        raise InputError(f"Spins must be as many as the instance has, {instance.n_spins}, not {n}")
    if not (np.isfinite(beta) and beta > 0):
        raise InputError(f"Inverse temperature must be above 0 to show a gain, not {beta!r}")
    batches = Batches.of_shape(n_chains, n_draws - (colors is not None), n_batches)
    fields = seen_fields(instance, spins, colors).reshape(-1, n)
    drawn = (spins if colors is None else spins[:, 1:]).reshape(-1, n)
    before = None if colors is None else spins[:, :-1].reshape(-1, n)
    names, values, influence, left_out, tau = [], [], [], [], 1.0
    for i in range(n):
        check_turns(drawn[:, i], i)
        rows = np.stack([beta * fields[:, i], np.ones(len(fields))], axis=1)
        fit = fit_logistic(rows, drawn[:, i], batches, (f"gain_{i}", f"offset_{i}"))
        slope, shift = fit.values
        if slope <= 0.0:
            raise InputError(f"Gain of p-bit {i} must be above 0, not {slope:.3g} +- {fit.errors[0]:.2g}")
        names += [f"gain_{i}", f"offset_{i}"]
        values += [slope, -shift / slope]
        moved = fit.influence[:, 0]
        influence += [moved, (shift / slope * moved - fit.influence[:, 1]) / slope]
        extra, cross, memory = _left_out(rows, drawn[:, i], None if before is None else before[:, i], batches, fit)
        left_out.append((extra, cross, fit.influence))
        tau = max(tau, memory)
    groups = batches.groups(tau)
    misfit = [score_test(together(a, groups), cross, together(b, groups)) for a, cross, b in left_out]
    provenance = provenance_of_states(spins, instance, beta, colors)
    moved = together(np.stack(influence, axis=1), groups)
    return record_of_influence((MODEL, names, np.array(values)), moved, misfit, seed, provenance, n_trials)


def _left_out(rows, bits, before, batches, fit):
    """Return scores of what a straight, forgetful p-bit has not, their curvature with it, and the memory of draws."""
    u = rows @ fit.values
    mean, tau = np.tanh(u), 1.0
    residual, weight = bits - mean, 1.0 - mean**2
    if before is None:
        tau = max(batches.tau(residual), batches.tau(residual * u))
    extra = [u**2, u**3] if before is None else [u**2, u**3, before]
    directions = np.stack(extra, axis=1).astype(np.float64)
    cross = (rows * weight[:, None]).T @ directions
    return np.add.reduceat(residual[:, None] * directions, batches.starts, axis=0), cross, tau
