"""Intervals hold the truth as often as they claim, and the check finds those that are too narrow by sqrt(2)."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest, norm

from spinchip.calibration.engine.calibrate import calibrate
from spinchip.calibration.engine.coverage import Coverage, measure_coverage
from spinchip.calibration.engine.least_squares import Problem
from spinchip.calibration.engine.model import Parameter, curve_model
from spinchip.calibration.engine.series import Series
from spinchip.emulator.spec.errors import InputError

X = np.linspace(-1.0, 1.0, 5)  # centred: slope and intercept are independent, and so are their hits
LINE = curve_model("line", lambda x, a, b: a + b * x, [Parameter("a", 1.0), Parameter("b", 1.0)])
TRUTH = np.array([1.0, 2.0])
SERIES = Series.of_curve("ramp", X, TRUTH[0] + TRUTH[1] * X, 0.2)
NARROW = 2.0 * norm.cdf(norm.ppf(0.84) / np.sqrt(2.0)) - 1.0  # 0.518, what intervals too narrow by sqrt(2) hold
# Both laws 8 standard errors apart, with two independent parameters of each experiment.
N_EXPERIMENTS = int(np.ceil(0.5 * (8.0 * np.sqrt(0.68 * 0.32) / (0.68 - NARROW)) ** 2))
N_TRIALS = 25


@pytest.fixture(scope="module")
def honest():
    return measure_coverage(Problem(LINE, [SERIES]), TRUTH, 7, N_EXPERIMENTS, N_TRIALS)


@pytest.fixture(scope="module")
def too_narrow():
    assumed = replace(SERIES, covariances=0.5 * SERIES.covariances)
    noise = Problem(LINE, [SERIES])
    return measure_coverage(Problem(LINE, [assumed]), TRUTH, 7, N_EXPERIMENTS, N_TRIALS, noise)


@pytest.mark.promise("calibration.engine.calibrate")
@pytest.mark.slow
def test_honest_intervals_hold_68_percent(honest):
    share, error = honest.pooled
    assert abs(share - 0.68) < 4 * error, f"{share:.3f} +- {error:.3f}"
    assert honest.check() is honest


@pytest.mark.promise("calibration.engine.calibrate")
@pytest.mark.slow
def test_intervals_too_narrow_by_sqrt_2_are_caught(too_narrow):
    share, error = too_narrow.pooled
    assert abs(share - 0.68) > 4 * error, f"test too weak: {share:.3f} +- {error:.3f}"
    assert abs(share - NARROW) < 4 * error
    with pytest.raises(InputError, match="^Coverage of parameter '[ab]' must be 0.68, not 0.[45].. of .*$"):
        too_narrow.check()


def test_chi2_probabilities_are_uniform_for_honest_covariances_only(honest, too_narrow):
    assert kstest(honest.chi2_p, "uniform").pvalue > 1e-4
    assert kstest(too_narrow.chi2_p, "uniform").pvalue < 1e-4


def test_check_allows_chance_and_no_more():
    def of(hits):
        return Coverage(("a",), np.arange(200)[:, None] < hits, np.full(200, 0.5))

    assert of(136).standard_error == pytest.approx(0.03298, abs=1e-5)
    assert of(136).p_value("a") > 0.9
    of(136 + 20).check()  # 3.03 standard errors; p is just above 0.001
    with pytest.raises(InputError, match="^Coverage of parameter 'a' must be 0.68, not 0.800 of 200 experiments$"):
        of(160).check()


def test_coverage_comes_with_a_calibration_that_asks_for_it():
    found = calibrate(LINE, [SERIES], 3, 20, n_coverage=6)
    assert (found.coverage.n_experiments, found.coverage.names) == (6, ("a", "b"))
    assert calibrate(LINE, [SERIES], 3, 20).coverage is None
    again = measure_coverage(Problem(LINE, [SERIES]), list(found.estimates.values()), 3, 6, 20)
    assert np.array_equal(again.hits, found.coverage.hits)


def test_first_experiments_of_a_longer_run_are_those_of_a_shorter_one():
    runs = [measure_coverage(Problem(LINE, [SERIES]), TRUTH, 9, n, 20) for n in (3, 5)]
    assert np.array_equal(runs[0].hits, runs[1].hits[:3])
