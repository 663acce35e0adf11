"""Hidden Markov fits of noisy two-level traces: exact likelihood, planted numbers, misfits and refusals."""

import itertools

import numpy as np
import pytest
from scipy import stats

from spinchip.calibration.engine.coverage import coverage_of_experiments
from spinchip.calibration.junction.telegraph_fit import (
    calibrate_telegraph,
    experiment_of,
    fit_telegraph,
    threshold_dwells_s,
)
from spinchip.calibration.junction.telegraph_likelihood import Trace, levels_of, parameter_names, shown, steps_of
from spinchip.emulator.spec.errors import InputError

# Levels 2.5 noises apart, 30 and 20 samples a stay.
PLANTED = np.array([0.0, 2.5, 0.0, 0.1, np.log(1 / 0.03), np.log(1 / 0.02)])
INTERVAL_S = 1e-3


def drawn(n_samples, seed, theta=PLANTED):
    return Trace(np.zeros(n_samples), INTERVAL_S).redrawn(theta, np.random.default_rng(seed))


def by_all_paths(values, theta):
    """Return log-likelihood and expected statistics summed over every path of hidden states."""
    low, high, noise_low, noise_high = levels_of(theta)
    rise, fall = steps_of(theta, INTERVAL_S)
    first, step = [fall / (rise + fall), rise / (rise + fall)], [[1 - rise, rise], [fall, 1 - fall]]
    total, sums = 0.0, np.zeros(10)
    for path in itertools.product((0, 1), repeat=values.size):
        states = np.array(path)
        chance = first[path[0]] * np.prod([step[a][b] for a, b in itertools.pairwise(path)])
        chance *= stats.norm.pdf(values, np.where(states, high, low), np.where(states, noise_high, noise_low)).prod()
        powers = [np.ones(values.size), values, values**2]
        found = [one.sum() for one in powers] + [(states * one).sum() for one in powers]
        found += [sum((a, b) == pair for a, b in itertools.pairwise(path)) for pair in ((0, 0), (0, 1), (1, 0), (1, 1))]
        total, sums = total + chance, sums + chance * np.array(found)
    return np.log(total), sums / total


@pytest.mark.promise("calibration.smtj")
def test_likelihood_and_statistics_are_those_of_all_paths():
    trace = Trace(drawn(9, 3).values, INTERVAL_S, n_batches=4)
    likelihood, sums = by_all_paths(trace.values, PLANTED)
    found, statistics, _ = trace.expect(PLANTED)
    assert found == pytest.approx(likelihood, abs=1e-12)
    np.testing.assert_allclose(statistics.sum(axis=0), sums, rtol=0, atol=1e-12)


def test_statistics_of_a_batch_are_those_of_its_samples():
    values, starts = drawn(60, 4).values, 3
    whole, parts = (Trace(values, INTERVAL_S, n).expect(PLANTED)[1] for n in (1, starts))
    np.testing.assert_allclose(parts.sum(axis=0), whole[0], atol=1e-12)
    np.testing.assert_allclose(parts[:, 1], values.reshape(starts, -1).sum(axis=1), atol=1e-12)


def test_far_outliers_keep_the_likelihood_finite():
    values = drawn(100, 5).values
    values[[10, 50]] = (-300.0, 300.0)
    assert np.isfinite(Trace(values, INTERVAL_S).scores(PLANTED)[0])


def test_scores_are_derivatives_of_the_likelihood():
    trace, off = drawn(3000, 1), PLANTED + 0.05
    score = trace.scores(off)[1].sum(axis=0)
    steps = 1e-5 * np.eye(6)
    slopes = [(trace.scores(off + step)[0] - trace.scores(off - step)[0]) / 2e-5 for step in steps]
    np.testing.assert_allclose(score, slopes, rtol=1e-5)


@pytest.mark.promise("calibration.smtj")
@pytest.mark.slow
def test_intervals_hold_68_percent_and_narrower_ones_do_not():
    """200 experiments tell 0.68 from the 0.52 of intervals too narrow by sqrt 2 at 4.8 standard errors."""
    names = parameter_names()

    kept = []

    def experiment(rng):
        kept.append(experiment_of(drawn(2000, rng), names, rng, 40))
        return kept[-1]

    honest = coverage_of_experiments(experiment, names, shown(PLANTED), 1, 200).check()
    assert stats.kstest(honest.chi2_p, "uniform").pvalue > 1e-3
    again = iter(kept)

    def narrow(_):
        trials, p_value = next(again)
        return np.median(trials, axis=0) + (trials - np.median(trials, axis=0)) / np.sqrt(2.0), p_value

    with pytest.raises(InputError, match="Coverage of parameter"):
        coverage_of_experiments(narrow, names, shown(PLANTED), 1, 200).check()


@pytest.mark.promise("calibration.smtj")
def test_threshold_is_wrong_by_five_where_the_model_is_right():
    theta = np.array([0.0, 2.5, 0.0, 0.0, np.log(20.0), np.log(20.0)])  # 50 samples a stay
    trace = drawn(40_000, 2, theta)
    read_off = np.array(threshold_dwells_s(trace, 1.25))
    assert np.all(read_off < 0.05 / 5.0)
    found, covariance = fit_telegraph(trace)
    assert np.all(np.abs(found - theta) < 5.0 * np.sqrt(covariance.diagonal()))


def test_changes_between_samples_are_accounted_for():
    """Three samples a stay: counting changes of the true states would give stays a sixth too long."""
    theta = np.array([0.0, 4.0, 0.0, 0.0, np.log(333.0), np.log(333.0)])
    found, covariance = fit_telegraph(drawn(40_000, 6, theta))
    error = np.sqrt(covariance.diagonal())[4:]
    assert np.all(np.abs(found[4:] - theta[4:]) < 4.0 * error)
    steps = steps_of(theta, INTERVAL_S)
    counted = np.log(steps / INTERVAL_S)  # what counting would call the rates
    assert np.all(np.abs(counted - theta[4:]) > 8.0 * error)


@pytest.mark.promise("calibration.smtj")
def test_right_model_is_kept_and_others_are_refused():
    calibrate_telegraph(drawn(20_000, 7), seed=1, n_trials=20).check()
    rng = np.random.default_rng(8)
    states = np.repeat(np.arange(400) % 2, rng.gamma(8.0, 50.0 / 8.0, 400).astype(int) + 1)  # stays that are regular
    regular = Trace(2.5 * states + rng.standard_normal(states.size), INTERVAL_S)
    with pytest.raises(InputError, match="consistent with the data"):
        calibrate_telegraph(regular, seed=1, n_trials=20).check()
    third = np.repeat(rng.integers(0, 3, 400), 50)
    with pytest.raises(InputError, match="consistent with the data"):
        calibrate_telegraph(Trace(3.0 * third + rng.standard_normal(20_000), INTERVAL_S), seed=1, n_trials=20).check()


@pytest.mark.promise("calibration.bad-input")
@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (np.ones(500), "must visit two levels"),
        (np.random.default_rng(1).standard_normal(5000), "two levels that last|not resolved"),
        (np.random.default_rng(1).standard_normal(50), "Samples must be at least 100"),
        (
            np.where(np.arange(4000) > 2000, 5.0, 0.0) + np.random.default_rng(1).standard_normal(4000),
            "visited at least",
        ),
    ],
    ids=["constant", "noise", "short", "one change"],
)
def test_trace_that_tells_nothing_is_refused(values, fault):
    with pytest.raises(InputError, match=fault):
        calibrate_telegraph(Trace(values, INTERVAL_S), seed=1)


def test_levels_are_in_order_and_equal_seeds_agree():
    first, second = (calibrate_telegraph(drawn(4000, 9), seed=3, n_trials=20) for _ in range(2))
    assert first.estimates["level_low_V"] < first.estimates["level_high_V"]
    assert first.parameters == second.parameters
