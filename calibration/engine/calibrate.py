"""Calibration of every kind of data: fit, bootstrap, intervals, correlations, goodness, and coverage where asked."""

from __future__ import annotations

import numpy as np

from .bootstrap import N_TRIALS, Interval, bootstrap, check_inside_bounds, correlations, intervals
from .coverage import measure_coverage
from .least_squares import Problem
from .record import Calibration, provenance_of


def calibrate(model, series, seed, n_trials=N_TRIALS, centre="data", n_coverage=0):
    """Fit a model to measured series and say how well its parameters are known.

    The protocol of arXiv:2103.06246: weighted least squares, ``n_trials`` synthetic data sets drawn point by point
    from multivariate normals, a refit of each; reported are the median and the interval that contains 68 % of the
    trials, and the correlations of the parameters over them.

    Parameters
    ----------
    model : Model
        Model and its parameters.
    series : sequence of Series
        Measured points with covariances.
    seed : int
        Seed of the synthetic data.
    n_trials : int
        Synthetic data sets, at least 20.
    centre : {"data", "fit"}
        Means of the synthetic data: the measured points or the fitted ones; see `bootstrap`.
    n_coverage : int
        Synthetic experiments, with the estimates as truth, on which the intervals are tested; 0 for none. Each of
        them costs as much as the calibration.

    Returns
    -------
    Calibration
        Its ``check()`` refuses a model that the data reject.

    Raises
    ------
    InputError
        If the data do not determine a parameter, an interval is cut off by a bound, there are not more values than
        parameters, or a search does not end.

    Examples
    --------
    >>> from .model import Parameter, curve_model
    >>> from .series import Series
    >>> x = np.arange(10.0)
    >>> line = curve_model("line", lambda x, a, b: a + b * x, [Parameter("a", 1.0), Parameter("b", 1.0)])
    >>> found = calibrate(line, [Series.of_curve("ramp", x, 3.0 + 2.0 * x, 0.1)], seed=1)
    >>> round(found.estimates["b"], 6), found.dof
    (2.0, 8)
    """
    problem = Problem(model, series)
    fit = problem.fit()
    trials = bootstrap(problem, fit, np.random.default_rng(seed), n_trials, centre)
    ends = intervals(trials)
    check_inside_bounds(problem, ends)
    coverage = measure_coverage(problem, fit.values, seed, n_coverage, n_trials) if n_coverage else None
    return Calibration(
        model=model.name,
        parameters={name: Interval(*map(float, ends[:, k])) for k, name in enumerate(model.names)},
        estimates=dict(zip(model.names, fit.values.tolist(), strict=True)),
        correlations=correlations(trials),
        chi2=fit.chi2,
        dof=fit.dof,
        chi2_dof=fit.chi2_dof,
        chi2_p=fit.chi2_p,
        trials=trials,
        seed=int(seed),
        provenance=provenance_of(problem.series, centre),
        coverage=coverage,
    )
