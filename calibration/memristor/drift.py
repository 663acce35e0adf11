"""Drift of a population of memristors: the exponent of each cell, and how mean and spread depend on conductance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ...emulator.devices.memristor.power_law_drift import PowerLawDrift
from ...emulator.devices.memristor.read_noise import octaves_of_noise
from ...emulator.devices.memristor.state_functions import ClippedLog
from ...emulator.spec.errors import InputError
from ..engine.bootstrap import N_TRIALS
from ..engine.coverage import coverage_of_experiments
from ..engine.location_scale import LocationScale
from ..engine.record import Calibration, provenance_of_arrays

MODEL = "drift exponents"
NAMES = ("nu_mean", "nu_mean_per_ln_g", "nu_sd", "nu_sd_per_ln_g", "read_noise")
LEAST_CELLS, LEAST_TIMES = 20, 3


@dataclass(frozen=True, eq=False)
class DriftFits:
    """Regressions of ln G on ln t, one a cell.

    Parameters
    ----------
    nu, log_g : ndarray, shape (n_cells,), float64
        Exponent, and ln of the fitted conductance at the first time over its geometric mean.
    nu_variance : float
        Variance of the error of each exponent's fit [1].
    read_noise : float
        Relative standard deviation of a read at the first time [1].
    bend : ndarray, shape (n_times - 2,), float64
        Mean over cells of what a power law has not, in standard errors; normal if drift is a power law.
    """

    nu: np.ndarray
    log_g: np.ndarray
    nu_variance: float
    read_noise: float
    bend: np.ndarray


def fit_exponents(times_s, conductance_S, t_read_s=None):
    r"""Fit the exponent of every cell by weighted least squares of ln G on ln(t / t0).

    Parameters
    ----------
    times_s : ndarray, shape (n_times,), float64
        Ascending; the first is t0 [s].
    conductance_S : ndarray, shape (n_cells, n_times), float64
        Reads, above 0 [S].
    t_read_s : float, optional
        Duration of a read [s]: the variance of ln G then grows as ln((t + t_read) / (2 t_read)), as that of 1/f noise
        does, and weights and the bias of a logarithm, minus half the variance, follow it. Without it noise is equal.

    Returns
    -------
    DriftFits

    Notes
    -----
    Drift correlates with read noise in no way, so residuals of all cells share one variance; it is estimated from them.
    """
    x, y = np.log(times_s / times_s[0]), np.log(conductance_S)
    shape = (
        np.ones(x.size)
        if t_read_s is None
        else octaves_of_noise(times_s, t_read_s) / octaves_of_noise(times_s[0], t_read_s)
    )
    design = np.stack([np.ones(x.size), x], axis=1)
    root = 1.0 / np.sqrt(shape)
    basis, _ = np.linalg.qr(root[:, None] * np.column_stack([design, np.eye(x.size)[:, : x.size - 2]]))
    variance = np.square((root * y) @ basis[:, 2:]).sum() / (len(y) * (x.size - 2))
    variance -= np.square(((root * y) @ basis[:, 2:]).mean(axis=0)).sum() / (x.size - 2)  # a common bend is no noise
    variance *= len(y) / (len(y) - 1)
    y = y + 0.5 * variance * shape
    solve = np.linalg.pinv(root[:, None] * design)
    level, slope = (root * y) @ solve.T[:, 0], (root * y) @ solve.T[:, 1]
    bend = ((root * y) @ basis[:, 2:]).mean(axis=0) / np.sqrt(variance / len(y))
    return DriftFits(-slope, level - level.mean(), float(variance * (solve[1] @ solve[1])), float(variance**0.5), bend)


def calibrate_drift(times_s, conductance_S, seed, t_read_s=None, n_trials=N_TRIALS, n_coverage=0):
    r"""Fit mean and spread of the drift exponents of a population as functions of conductance.

    .. math:: \nu_i \sim N(m_0 + m_1 u_i,\; (s_0 + s_1 u_i)^2 + v), \qquad u = \ln(G_0 / \bar G_0)

    with v the variance of each cell's own fit, which the raw spread contains.

    Parameters
    ----------
    times_s, conductance_S, t_read_s
        Same meaning as in `fit_exponents`.
    seed : int
        Seed of the synthetic populations.
    n_trials, n_coverage : int
        Numbers of synthetic data sets behind the intervals, and of synthetic experiments that test them; see
        `calibrate`.

    Returns
    -------
    Calibration
        `NAMES`; chi2 tests that the mean drift is a power law of time, and that exponents are normal.

    Raises
    ------
    InputError
        If cells or times are too few, times do not ascend, or a conductance is not above 0.
    """
    times_s, conductance_S = _checked(times_s, conductance_S)
    fits = fit_exponents(times_s, conductance_S, t_read_s)
    problem = _population(fits)
    theta, covariance = problem.fit()
    dof = conductance_S.shape[0] * (times_s.size - 2)
    coverage = None
    if n_coverage:

        def experiment(rng):
            one = fit_exponents(times_s, _redrawn(times_s, fits, theta, t_read_s, rng), t_read_s)
            return _trials(one, dof, rng, n_trials)

        coverage = coverage_of_experiments(experiment, NAMES, [*theta, fits.read_noise], seed, n_coverage)
    trials, _ = _trials(fits, dof, np.random.default_rng(seed), n_trials)
    return Calibration.of_trials(
        MODEL,
        dict(zip(NAMES, [*theta.tolist(), fits.read_noise], strict=True)),
        trials,
        _misfit(fits, problem, theta, covariance),
        seed,
        provenance_of_arrays("weighted least squares a cell, maximal likelihood over cells", times_s, conductance_S),
        coverage,
    )


def law_of_drift(calibration, conductance_S):
    """Return the `PowerLawDrift` that a calibration found; the law is held at the ends of the measured conductances.

    Parameters
    ----------
    calibration : Calibration
        Result of `calibrate_drift`.
    conductance_S : ndarray, shape (n_cells, n_times), float64
        Measured conductance of each cell [S].
    """
    found = calibration.estimates
    first = conductance_S[:, 0]
    scale_S = float(np.exp(np.log(first).mean()))
    reach = np.log(np.array([first.min(), first.max()]) / scale_S)

    def law(level, slope):
        ends = sorted(max(level + slope * one, 0.0) for one in reach)
        return ClippedLog(slope=slope, offset=level, low=float(ends[0]), high=float(ends[1]))

    mean, spread = (law(found[f"nu_{part}"], found[f"nu_{part}_per_ln_g"]) for part in ("mean", "sd"))
    return PowerLawDrift(mean=mean, spread=spread, scale_S=scale_S)


def _checked(times_s, conductance_S):
    times_s, conductance_S = np.asarray(times_s, dtype=np.float64), np.asarray(conductance_S, dtype=np.float64)
    if times_s.size < LEAST_TIMES or len(conductance_S) < LEAST_CELLS:
        rule = f"at least {LEAST_CELLS} at {LEAST_TIMES} times"
        raise InputError(f"Cells must be {rule}, not {len(conductance_S)} at {times_s.size}")
    if not (times_s[0] > 0.0 and np.all(np.diff(times_s) > 0.0)):
        raise InputError(f"Times must ascend from above 0 s, not {times_s.tolist()}")
    for cell, k in np.argwhere(~(conductance_S > 0.0))[:1]:
        raise InputError(f"Conductance of cell {cell}, time {k}, must be above 0 S, not {conductance_S[cell, k]:g}")
    return times_s, conductance_S


def _population(fits):
    design = np.stack([np.ones(fits.nu.size), fits.log_g], axis=1)
    return LocationScale(fits.nu, design, design, fits.nu_variance, NAMES[:4])


def _trials(fits, dof, rng, n_trials):
    """Return parameters of synthetic populations, and the probability of a larger chi2 of the data themselves."""
    problem = _population(fits)
    theta, covariance = problem.fit()
    trials = problem.trials(theta, rng, n_trials)
    noise = fits.read_noise * np.sqrt(rng.chisquare(dof, n_trials) / dof)
    chi2, free = _misfit(fits, problem, theta, covariance)
    return np.column_stack([trials, noise]), float(stats.chi2.sf(chi2, free))


def _misfit(fits, problem, theta, covariance):
    chi2, dof = problem.misfit(theta, covariance, fits.log_g)
    return chi2 + float(fits.bend @ fits.bend), dof + fits.bend.size


def _redrawn(times_s, fits, theta, t_read_s, rng):
    """Return synthetic reads of cells at the fitted conductances, with exponents and noise drawn anew."""
    nu = theta[0] + theta[1] * fits.log_g
    nu = nu + np.maximum(theta[2] + theta[3] * fits.log_g, 0.0) * rng.standard_normal(nu.size)
    shape = 1.0 if t_read_s is None else octaves_of_noise(times_s, t_read_s) / octaves_of_noise(times_s[0], t_read_s)
    exact = np.exp(fits.log_g[:, None] - nu[:, None] * np.log(times_s / times_s[0]))
    noisy = 1.0 + fits.read_noise * np.sqrt(shape) * rng.standard_normal(exact.shape)
    return exact * np.maximum(noisy, 1e-3)
