"""Parametric bootstrap: refits of synthetic data sets, and intervals from their quantiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError

N_TRIALS = 100  # Source: arXiv:2103.06246, Methods, "Data Analysis"
LEAST_TRIALS = 20
LEVEL = 0.68  # Source: the same
CENTRES = ("data", "fit")


@dataclass(frozen=True)
class Interval:
    """A number with the interval that contains the stated share of the trials.

    ``best`` is the median of the trials, not the solution of the data: that is `Calibration.estimates`.
    """

    low: float
    best: float
    high: float


def bootstrap(problem, fit, rng, n_trials=N_TRIALS, centre="data"):
    """Return the parameters of synthetic data sets, each drawn point by point from a multivariate normal and refitted.

    Parameters
    ----------
    problem : Problem
        Model and measured series.
    fit : Fit
        Its solution; refits begin there.
    rng : numpy.random.Generator
        Source of the noise.
    n_trials : int
        Synthetic data sets, at least 20.
    centre : {"data", "fit"}
        Means of the normals: the measured points, as arXiv:2103.06246 describes it, or the fitted ones. Both
        agree to first order in the noise.

    Returns
    -------
    ndarray, shape (n_trials, n_parameters), float64

    Raises
    ------
    InputError
        If a refit does not end; none is left out, since the ones that fail are not a fair sample.
    """
    if n_trials < LEAST_TRIALS:
        rule = f"at least {LEAST_TRIALS} for intervals of {LEVEL:g}"
        raise InputError(f"Number of trials must be {rule}, not {n_trials}")
    if centre not in CENTRES:
        raise InputError(f"Centre of synthetic data must be one of {', '.join(CENTRES)}, not {centre!r}")
    centres = problem.measured if centre == "data" else problem.predict(fit.values)
    trials = np.empty((n_trials, fit.values.size))
    for trial in trials:
        trial[:] = problem.solve(problem.draw(centres, rng), fit.values).x * problem.scale
    return trials


def intervals(trials, level=LEVEL):
    """Return the central interval and the median of each column.

    The ends are the order statistics of rank (n + 1)(1 -+ level) / 2, interpolated (Weibull's quantiles): of n + 1
    exchangeable draws one falls between them with probability ``level``, so an interval from few trials is not too
    narrow on average, as the usual interpolation would make it (0.667 at 100 trials, 0.65 at 25).

    Parameters
    ----------
    trials : ndarray, shape (n_trials, ...), float64
        Draws along the first axis.
    level : float
        Share of the trials between the ends.

    Returns
    -------
    ndarray, shape (3, ...), float64
        Low, median, high.

    Examples
    --------
    >>> intervals(np.arange(1.0, 100.0)[:, None], level=0.5)[:, 0].tolist()
    [25.0, 50.0, 75.0]
    """
    quantiles = [0.5 * (1.0 - level), 0.5, 0.5 * (1.0 + level)]
    return np.quantile(trials, quantiles, axis=0, method="weibull")


def check_inside_bounds(problem, ends):
    """Refuse intervals that a bound cuts off.

    Parameters
    ----------
    problem : Problem
        Problem whose bounds hold.
    ends : ndarray, shape (3, n_parameters), float64
        Low, best and high of `intervals`.

    Raises
    ------
    InputError
        One line that names the parameter.
    """
    for row in (0, 2):
        for number in np.flatnonzero(problem.on_bound(ends[row])):
            one = problem.model.parameters[number]
            rule = f"determined by the data inside {one.low:g} ... {one.high:g}"
            raise InputError(f"Interval of parameter {one.name!r} must be {rule}, not cut off at {ends[row, number]:g}")


def correlations(trials):
    """Return the correlation matrix of the parameters over the trials; shape (n_parameters, n_parameters).

    A parameter that is the same in all trials is correlated with none.
    """
    covariance = np.atleast_2d(np.cov(trials, rowvar=False))
    spread = np.sqrt(covariance.diagonal())
    spread = np.where(spread > 0.0, spread, np.inf)
    found = covariance / np.outer(spread, spread)
    np.fill_diagonal(found, 1.0)
    return found
