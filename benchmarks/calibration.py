"""Speed of the fitting engine beside a loop of SciPy's ``curve_fit`` with the same models and the same data sets."""

from __future__ import annotations

import numpy as np
from scipy.linalg import block_diag
from scipy.optimize import curve_fit

from ..calibration.engine.bootstrap import bootstrap
from ..calibration.engine.least_squares import Problem
from ..calibration.engine.model import Parameter, curve_model
from ..calibration.engine.series import Series
from ..models.dipolar_gas.experiment import Experiment, problem_of
from .calibration_devices import sigmoid_rows, telegraph_rows
from .stopwatch import best_of

N_TRIALS = 100
LARGEST_DIFFERENCE = 1e-2  # of estimates, in their standard errors: below it both have found the same minimum


def dipolar_problem():
    """Return ten parameters on two series of eleven points with three quantities each."""
    planted = Experiment()
    return problem_of(planted).with_values([one.values for one in planted.measure(1)])


def exponential_problem():
    """Return two parameters on one series of twenty points."""
    x = np.linspace(0.0, 3.0, 20)
    model = curve_model("decay", lambda t, a, k: a * np.exp(-k * t), [Parameter("a", 1.0), Parameter("k", 1.0)])
    y = 2.0 * np.exp(-0.8 * x) + 0.05 * np.random.default_rng(1).standard_normal(x.size)
    return Problem(model, [Series.of_curve("trace", x, y, 0.05)])


def curve_fit_loop(problem, fit, rng, n_trials):
    """Return what `bootstrap` does, by ``curve_fit``: scaled parameters, all covariances in one matrix.

    Parameters
    ----------
    problem, fit, rng, n_trials
        Same meaning as in `bootstrap`.

    Returns
    -------
    ndarray, shape (n_trials, n_parameters), float64
    """
    sigma = block_diag(*(matrix for one in problem.series for matrix in one.covariances))

    def flat(points):
        return np.concatenate([np.ravel(one) for one in points])

    def predict(_, *scaled):
        return flat(problem.predict(np.array(scaled) * problem.scale))

    trials = np.empty((n_trials, problem.n_parameters))
    for trial in trials:
        data = flat(problem.draw(problem.measured, rng))
        start = fit.values / problem.scale
        trial[:] = curve_fit(predict, None, data, start, sigma, absolute_sigma=True)[0] * problem.scale
    return trials


def rows(quick=False):
    """Return fits per second of both, and the time of the hundred fits of one calibration.

    Parameters
    ----------
    quick : bool
        One round instead of five.

    Returns
    -------
    list of dict
        ``name, value, unit, peer, ratio``, and ``difference``, the largest of the estimates in standard errors.
    """
    found = []
    for name, problem in (("dipolar gas", dipolar_problem()), ("exponential", exponential_problem())):
        fit = problem.fit()
        ours, theirs = (run(problem, fit, np.random.default_rng(2), 20) for run in (bootstrap, curve_fit_loop))
        difference = float(np.abs((ours - theirs) / fit.errors).max())
        if difference > LARGEST_DIFFERENCE:
            raise RuntimeError(f"Estimates must agree, not differ by {difference:.2g} standard errors")
        works = {
            key: lambda run=run, p=problem, f=fit: run(p, f, np.random.default_rng(2), N_TRIALS)
            for key, run in (("engine", bootstrap), ("curve_fit", curve_fit_loop))
        }
        seconds = best_of(works, 1 if quick else 5)
        size = f"{name}, {problem.n_parameters} parameters"
        peer = f"{size}: scipy curve_fit"
        speeds = {key: N_TRIALS / spent for key, spent in seconds.items()}
        found += [
            _row(f"{size}: engine", speeds["engine"], "fits/s/core", peer, speeds["engine"] / speeds["curve_fit"]),
            _row(peer, speeds["curve_fit"], "fits/s/core", "", None),
            _row(f"{size}: {N_TRIALS} bootstrap fits", seconds["engine"], "s", "", None),
        ]
        found[-3]["difference"] = difference
    rounds = 1 if quick else 5
    return found + sigmoid_rows(rounds) + telegraph_rows(rounds)


def _row(name, value, unit, peer, ratio):
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio}
