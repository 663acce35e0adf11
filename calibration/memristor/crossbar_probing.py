"""Identification of a crossbar by Hadamard patterns: every weight, gain and offset of columns, stuck cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.linalg import hadamard

from ...emulator.spec.errors import InputError
from ..engine.bootstrap import N_TRIALS
from ..engine.record import Calibration, provenance_of_arrays

MODEL = "crossbar by Hadamard probing"
FALSE_STUCK = 1e-3  # cells of a whole array that chance may call stuck
LEAST_SPARE = 8  # patterns beyond rows and offset, from which the noise is told


@dataclass(frozen=True, eq=False)
class ProbedCrossbar:
    """What probing tells of an array.

    Parameters
    ----------
    weights : ndarray, shape (n_rows, n_cols), float64
        Weight that each cell really has, in units of output over input.
    weight_error : ndarray, shape (n_cols,), float64
        Standard error of each weight of a column: noise over the root of the number of patterns.
    offsets, offset_error : ndarray, shape (n_cols,), float64
        Output without input, and its standard error.
    gains, gain_error : ndarray, shape (n_cols,), float64
        Slope of real against intended weights, stuck cells left out.
    deviation : float
        Standard deviation of the cells about their column's line, the probing's error taken off.
    noise : ndarray, shape (n_cols,), float64
        Standard deviation of one output.
    is_stuck : ndarray, shape (n_rows, n_cols), bool
        Cells too far from their column's line to be programming error.
    """

    weights: np.ndarray
    weight_error: np.ndarray
    offsets: np.ndarray
    offset_error: np.ndarray
    gains: np.ndarray
    gain_error: np.ndarray
    deviation: float
    noise: np.ndarray
    is_stuck: np.ndarray


def probing_patterns(n_rows):
    """Return patterns of -1 and +1 whose columns are orthogonal, to each other and to a constant.

    Parameters
    ----------
    n_rows : int
        Inputs of the array.

    Returns
    -------
    ndarray, shape (n_patterns, n_rows), int8
        Part of a Hadamard matrix whose size is the power of two that leaves eight columns for offset and noise. One
        bit of input conversion is enough, and every weight has the variance noise^2 / n_patterns.
    """
    n_patterns = 1 << int(np.ceil(np.log2(n_rows + 1 + LEAST_SPARE)))
    return hadamard(n_patterns, dtype=np.int8)[:, 1 : n_rows + 1]


def probe(patterns, outputs, intended):
    """Identify a crossbar from its outputs.

    Parameters
    ----------
    patterns : ndarray, shape (n_patterns, n_rows), float64
        Inputs of -1 and +1 with orthogonal, balanced columns; see `probing_patterns`.
    outputs : ndarray, shape (n_patterns, n_cols), float64
        What the array answered, one read a pattern.
    intended : ndarray, shape (n_rows, n_cols), float64
        Weights that were programmed.

    Returns
    -------
    ProbedCrossbar

    Raises
    ------
    InputError
        If shapes disagree, patterns are not orthogonal, or none is left over for the noise.
    """
    patterns, outputs, intended = (np.asarray(one, dtype=np.float64) for one in (patterns, outputs, intended))
    n_patterns, n_rows = patterns.shape
    _check(patterns, outputs, intended)
    offsets = outputs.mean(axis=0)
    weights = patterns.T @ (outputs - offsets) / n_patterns
    left = outputs - offsets - patterns @ weights
    noise = np.sqrt(np.square(left).sum(axis=0) / (n_patterns - n_rows - 1))
    error = noise / np.sqrt(n_patterns)
    gains, gain_error, deviation, is_stuck = _lines(weights, intended, error)
    return ProbedCrossbar(weights, error, offsets, error, gains, gain_error, deviation, noise, is_stuck)


def calibrate_crossbar(patterns, outputs, intended, seed, n_trials=N_TRIALS):
    """Return what probing tells of the array as a whole, with intervals over columns.

    Parameters
    ----------
    patterns, outputs, intended
        Same meaning as in `probe`.
    seed : int
        Seed of the trials: columns drawn again, each with the error of its own fit already in it.
    n_trials : int
        Number of synthetic data sets behind the intervals, at least 20.

    Returns
    -------
    Calibration
        ``gain_mean``, ``gain_sd`` (errors taken off), ``offset_mean``, ``offset_sd``, ``deviation`` of cells,
        ``noise``, ``stuck_share``. chi2 tests that outputs of patterns add up: residuals of a linear array remember no
        output.
    """
    found = probe(patterns, outputs, intended)
    names = ("gain_mean", "gain_sd", "offset_mean", "offset_sd", "deviation", "noise", "stuck_share")
    n_cols = found.gains.size
    if n_cols < 3:
        raise InputError(f"Columns must be at least 3 for a spread, not {n_cols}")
    rng = np.random.default_rng(seed)
    trials = np.stack([_summary(found, weights_of(rng, n_cols), intended) for _ in range(n_trials)])
    return Calibration.of_trials(
        MODEL,
        dict(zip(names, _summary(found, np.ones(n_cols), intended).tolist(), strict=True)),
        trials,
        _nonlinearity(np.asarray(patterns, dtype=np.float64), np.asarray(outputs, dtype=np.float64), found),
        seed,
        provenance_of_arrays("Hadamard probing, least squares in closed form", patterns, outputs, intended),
    )


def weights_of(rng, n_cols):
    """Return how often each column is in a sample drawn with replacement; shape (n_cols,), float64."""
    return np.bincount(rng.integers(0, n_cols, n_cols), minlength=n_cols).astype(np.float64)


def _summary(found, times, intended):
    """Return the figures of the array with each column counted ``times``."""
    share = times / times.sum()

    def moments(values, error):
        mean = share @ values
        spread = share @ (values - mean) ** 2 * times.size / (times.size - 1) - share @ error**2
        return mean, np.sqrt(max(spread, 0.0))

    gain, offset = moments(found.gains, found.gain_error), moments(found.offsets, found.offset_error)
    good = ~found.is_stuck
    off = np.where(good, found.weights - found.gains * intended, 0.0)
    cells = share @ (np.square(off).sum(axis=0) / np.maximum(good.sum(axis=0) - 1, 1)) - share @ found.weight_error**2
    noise = np.sqrt(share @ found.noise**2)
    return np.array([*gain, *offset, np.sqrt(max(cells, 0.0)), noise, share @ found.is_stuck.mean(axis=0)])


def _lines(weights, intended, error):
    """Return the gain of each column, its error, the deviation of cells, and which cells are stuck.

    Cells further from the line than chance explains once in a thousand arrays are left out, and the line drawn again.
    """
    is_stuck = np.zeros(weights.shape, dtype=bool)
    limit = stats.norm.isf(0.5 * FALSE_STUCK / weights.size)
    squares = np.square(intended).sum(axis=0)
    for column in np.flatnonzero(squares == 0.0)[:1]:
        raise InputError(f"Intended weights of column {column} must not all be 0")
    for _ in range(20):
        good = ~is_stuck
        squares = np.square(intended * good).sum(axis=0)
        gains = (weights * intended * good).sum(axis=0) / squares
        off = weights - gains * intended
        total = np.sqrt(_robust_variance(off[good]))
        found = np.abs(off) > limit * np.maximum(total, error)
        if np.array_equal(found, is_stuck):
            break
        is_stuck = found
    gain_error = np.maximum(total, error) / np.sqrt(squares)
    deviation = np.sqrt(max(np.square(off[good]).mean() - np.mean(error**2), 0.0))
    return gains, gain_error, float(deviation), is_stuck


def _robust_variance(off):
    """Return the variance of a normal distribution with these quartiles; stuck cells do not widen it."""
    return (np.subtract(*np.quantile(off, [0.75, 0.25])) / 1.3489795) ** 2


def _nonlinearity(patterns, outputs, found):
    """Return chi2 of the correlation of residuals with the square and the cube of outputs; two degrees a column."""
    fitted = patterns @ found.weights
    left = outputs - found.offsets - fitted
    design = np.column_stack([np.ones(len(patterns)), patterns])
    basis, _ = np.linalg.qr(design)
    chi2 = 0.0
    for column, noise in enumerate(found.noise):
        powers = np.stack([fitted[:, column] ** 2, fitted[:, column] ** 3], axis=1)
        powers -= basis @ (basis.T @ powers)
        powers, _ = np.linalg.qr(powers)
        chi2 += float(np.square(powers.T @ left[:, column]).sum() / max(noise**2, 1e-300))
    return chi2, 2 * found.noise.size


def _check(patterns, outputs, intended):
    n_patterns, n_rows = patterns.shape
    if intended.ndim != 2 or intended.shape[0] != n_rows or outputs.shape != (n_patterns, intended.shape[1]):
        rule = f"of shapes ({n_rows}, n_cols) and ({n_patterns}, n_cols)"
        raise InputError(f"Intended weights and outputs must be {rule}, not {intended.shape} and {outputs.shape}")
    for name, array in (("outputs", outputs), ("intended", intended)):
        for row, column in np.argwhere(~np.isfinite(array))[:1]:
            raise InputError(f"Column {column}, row {row} of {name} must be finite, not {array[row, column]}")
    if n_patterns <= n_rows + 1:
        raise InputError(f"Patterns must be more than {n_rows + 1}, rows and offset, not {n_patterns}")
    whole = np.column_stack([np.ones(n_patterns), patterns])
    if not np.allclose(whole.T @ whole, n_patterns * np.eye(n_rows + 1), atol=1e-9 * n_patterns):
        raise InputError("Patterns must be of -1 and +1 with orthogonal, balanced columns; see probing_patterns")
