"""Bootstrap trials of a linear model follow the closed form; quantiles keep their rank; all is seeded."""

import numpy as np
import pytest

from spinchip.calibration.engine.bootstrap import bootstrap, intervals
from spinchip.calibration.engine.calibrate import calibrate
from spinchip.calibration.engine.least_squares import Problem
from spinchip.calibration.engine.model import Parameter, curve_model
from spinchip.calibration.engine.series import Series
from spinchip.emulator.spec.errors import InputError

X = np.array([0.0, 1.0, 2.0, 3.0])
# Two readings of one slope whose errors cancel: without the correlation its error would be 1 / sqrt(1 - 0.8) larger.
SERIES = Series(
    "pair",
    X,
    np.stack([2.0 * X + [0.1, -0.2, 0.2, 0.0], 2.0 * X], axis=1),
    np.tile([[0.25, -0.2], [-0.2, 0.25]], (4, 1, 1)),
    ("left", "right"),
)
MODEL = curve_model("slope", lambda x, b: np.stack([b * x, b * x], axis=1), [Parameter("b", 1.0)])
SIGMA = np.sqrt((0.25 - 0.2) / 2 / np.sum(X**2))  # the mean of both is all that counts, with variance 0.025
CARELESS = np.sqrt(0.25 / 2 / np.sum(X**2))  # correlations forgotten
# A standard deviation is known to 1 / sqrt(2 n) of itself; a factor sqrt(2) between the two must be seen at 8 sigma.
N_TRIALS = int((8 / (np.sqrt(2) - 1)) ** 2 / 2)


def z_of_spread(trials, sigma):
    return (np.std(trials, ddof=1) / sigma - 1) * np.sqrt(2 * trials.size)


@pytest.mark.promise("calibration.engine.calibrate")
@pytest.mark.parametrize("centre", ["data", "fit"])
def test_spread_of_trials_is_that_of_the_closed_form(centre):
    problem = Problem(MODEL, [SERIES])
    fit = problem.fit()
    trials = bootstrap(problem, fit, np.random.default_rng(2), N_TRIALS, centre)
    assert abs(z_of_spread(trials, SIGMA)) < 4
    assert abs(z_of_spread(trials, np.sqrt(2) * SIGMA)) > 4  # drawn too narrow by sqrt(2)
    assert abs(z_of_spread(trials, CARELESS)) > 4
    assert abs(trials.mean() - fit.values[0]) < 4 * SIGMA / np.sqrt(N_TRIALS)


def test_centres_differ_where_the_data_are_off_the_curve():
    # b^3 has curvature: around data off the curve the trials' chi2 is twice as large, and their median moves
    cubic = curve_model("cubic", lambda x, b: b**3 * x, [Parameter("b", 1.0)])
    problem = Problem(cubic, [Series.of_curve("trace", X, [0.0, 9.0, 14.0, 27.0], 1.0)])
    fit = problem.fit()
    found = [bootstrap(problem, fit, np.random.default_rng(2), 50, centre) for centre in ("data", "fit")]
    assert found[0] == pytest.approx(found[1], rel=1e-3)  # to first order the same
    assert not np.array_equal(*found)


def test_interval_holds_its_share_of_exchangeable_draws():
    # Of n + 1 uniform draws the last falls inside with probability 0.68; usual quantiles: (n - 1) / (n + 1) of it.
    n, repeats = 25, int((8 * np.sqrt(0.68 * 0.32) / (0.68 * 2 / 26)) ** 2)
    draws = np.random.default_rng(4).random((n + 1, repeats))
    low, _, high = intervals(draws[:-1])
    share = np.mean((low <= draws[-1]) & (draws[-1] <= high))
    low, high = np.quantile(draws[:-1], [0.16, 0.84], axis=0)
    usual = np.mean((low <= draws[-1]) & (draws[-1] <= high))
    error = np.sqrt(0.68 * 0.32 / repeats)
    assert abs(share - 0.68) < 4 * error
    assert abs(usual - 0.68) > 4 * error


def test_same_seed_gives_the_same_calibration():
    one, again, other = (calibrate(MODEL, [SERIES], seed, 30) for seed in (5, 5, 6))
    assert np.array_equal(one.trials, again.trials)
    assert not np.array_equal(one.trials, other.trials)
    assert one.estimates == other.estimates


def test_correlation_of_parameters_is_that_of_the_curvature():
    line = curve_model("line", lambda x, a, b: a + b * x, [Parameter("a", 1.0), Parameter("b", 1.0)])
    found = calibrate(line, [Series.of_curve("ramp", X, 1.0 + X, 0.1)], 1, 400)
    expected = -X.sum() / np.sqrt(X.size * np.sum(X**2))
    error = (1 - expected**2) / np.sqrt(400)
    assert abs(found.correlation("a", "b") - expected) < 4 * error
    assert abs(found.correlation("a", "b")) > 8 * error  # not none


def test_too_few_trials_and_unknown_centre_are_refused():
    with pytest.raises(InputError, match="^Number of trials must be at least 20 for intervals of 0.68, not 19$"):
        calibrate(MODEL, [SERIES], 1, 19)
    with pytest.raises(InputError, match="^Centre of synthetic data must be one of data, fit, not 'truth'$"):
        calibrate(MODEL, [SERIES], 1, 20, "truth")


def test_interval_cut_off_by_a_bound_is_refused():
    near = curve_model("near", lambda x, b: b * x, [Parameter("b", 1.0, 0.0)])
    series = Series.of_curve("flat", X, 0.02 * X, 0.5)  # 0.02 +- 0.13, and nothing below 0
    with pytest.raises(InputError, match=r"^Interval of parameter 'b' must be determined .*, not cut off at .*$"):
        calibrate(near, [series], 1)
