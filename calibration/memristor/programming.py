"""Programming error of memristors: bias and spread as polynomials of the target."""

from __future__ import annotations

import numpy as np
from scipy import stats

from ...emulator.devices.memristor.programming_error import GaussianError
from ...emulator.devices.memristor.state_functions import Polynomial
from ...emulator.spec.errors import InputError
from ..engine.bootstrap import N_TRIALS
from ..engine.coverage import coverage_of_experiments
from ..engine.location_scale import LocationScale
from ..engine.record import Calibration, provenance_of_arrays

MODEL = "programming error"
BIAS_DEGREE, SPREAD_DEGREE = 1, 2  # Source: Nandakumar et al., ICECS 2019, Eq. 2, for the spread


def programming_problem(target_S, found_S, scale_S):
    """Return errors in microsiemens as a `LocationScale`; see `calibrate_programming`."""
    g = np.asarray(target_S, dtype=np.float64) / scale_S
    if np.unique(g).size <= SPREAD_DEGREE:
        raise InputError(f"Targets must be at least {SPREAD_DEGREE + 1} different ones, not {np.unique(g).size}")
    names = tuple(f"bias_{k}_uS" for k in range(BIAS_DEGREE + 1))
    names += tuple(f"sigma_{k}_uS" for k in range(SPREAD_DEGREE + 1))
    designs = (np.vander(g, degree + 1, increasing=True) for degree in (BIAS_DEGREE, SPREAD_DEGREE))
    return LocationScale(1e6 * (np.asarray(found_S) - target_S), *designs, 0.0, names)


def calibrate_programming(target_S, found_S, scale_S, seed, n_trials=N_TRIALS, n_coverage=0):
    r"""Fit mean and standard deviation of the error of programmed cells.

    .. math:: G - G_\mathrm{target} \sim N(b_0 + b_1 g,\; (s_0 + s_1 g + s_2 g^2)^2)

    with g = target / scale.

    Parameters
    ----------
    target_S, found_S : ndarray, shape (n_cells,), float64
        What was asked for, and what was read [S].
    scale_S : float
        Conductance at which g is 1 [S].
    seed : int
        Seed of the synthetic data.
    n_trials, n_coverage : int
        Numbers of synthetic data sets behind the intervals, and of synthetic experiments that test them; see
        `calibrate`.

    Returns
    -------
    Calibration
        ``bias_K_uS`` and ``sigma_K_uS``; chi2 tests skew, kurtosis and higher powers.
    """
    problem = programming_problem(target_S, found_S, scale_S)
    theta, covariance = problem.fit()
    state = np.asarray(target_S) / scale_S
    coverage = None
    if n_coverage:

        def experiment(rng):
            one = problem.redrawn(theta, rng)
            values, inverse = one.fit(theta)
            chi2, dof = one.misfit(values, inverse, state)
            return one.trials(values, rng, n_trials), float(stats.chi2.sf(chi2, dof))

        coverage = coverage_of_experiments(experiment, problem.names, theta, seed, n_coverage)
    return Calibration.of_trials(
        MODEL,
        dict(zip(problem.names, theta.tolist(), strict=True)),
        problem.trials(theta, np.random.default_rng(seed), n_trials),
        problem.misfit(theta, covariance, state),
        seed,
        provenance_of_arrays("maximal likelihood, parametric bootstrap", target_S, found_S),
        coverage,
    )


def law_of_programming(calibration, scale_S):
    """Return the `GaussianError` that a calibration found; its bias, which the law has no place for, stays out."""
    spread = [value for name, value in calibration.estimates.items() if name.startswith("sigma_")]
    return GaussianError(sigma=Polynomial(tuple(spread)), scale_S=scale_S)
