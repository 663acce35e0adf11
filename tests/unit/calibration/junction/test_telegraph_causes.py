"""Traces behind filters, on baselines, with a third level: causes are named, models with them find what was planted."""

import re

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from spinchip.calibration.engine.coverage import coverage_of_experiments
from spinchip.calibration.engine.record import SMALLEST_P
from spinchip.calibration.junction.telegraph_baseline import BaselineTrace, fit_on_baseline
from spinchip.calibration.junction.telegraph_cause import cause_of
from spinchip.calibration.junction.telegraph_choice import model_of
from spinchip.calibration.junction.telegraph_filter import FilteredTrace, fit_filtered
from spinchip.calibration.junction.telegraph_fit import calibrate_telegraph, experiment_of, fit_telegraph, misfit_of
from spinchip.calibration.junction.telegraph_likelihood import Trace
from spinchip.calibration.junction.telegraph_smoothing import SmoothedTrace, fit_smoothed
from spinchip.emulator.spec.errors import InputError

DT = 1e-3
RATES = np.log([1 / 0.05, 1 / 0.035])  # 50 and 35 samples a stay


def telegraph(n, seed):
    return (
        Trace(np.zeros(n), DT).redrawn(np.array([0.0, 1.0, -40.0, -40.0, *RATES]), np.random.default_rng(seed)).values
    )


def planted(n, seed, kind):
    """Return samples of two levels 5 noises apart with what ``kind`` does to them, by another hand than the models'."""
    x, noise = telegraph(n, seed), 0.2 * np.random.default_rng([seed, 1]).standard_normal(n)
    name, _, size = kind.partition(" ")
    decay = float(np.exp(-1.0 / float(size))) if name in ("before", "behind") else 0.0
    if name == "before":
        return lfilter([1.0 - decay], [1.0, -decay], x + noise)
    if name == "behind":
        return lfilter([1.0 - decay], [1.0, -decay], x) + noise
    t = np.arange(n) / n
    drift = {"line": t, "wave": 0.5 * np.sin(2.0 * np.pi * 1.3 * t), "none": 0.0 * t}.get(name, 0.0 * t)
    if name == "walk":
        drift = np.cumsum(0.004 * np.random.default_rng([seed, 2]).standard_normal(n))
    if name == "third":
        x = x + telegraph(n, seed + 1000) * 0.6
    return x + float(size or 1.0) * drift + noise


CAUSES = [
    ("before 1", "bandwidth"),
    ("before 3", "bandwidth"),
    ("before 0.5", "bandwidth"),
    ("behind 1", "bandwidth"),
    ("behind 3", "bandwidth"),
    ("line 0.3", "baseline"),
    ("line 1", "baseline"),
    ("wave 1", "baseline"),
    ("walk", "baseline"),
    ("third", "third level"),
]


@pytest.mark.promise("calibration.causes")
@pytest.mark.parametrize(("kind", "cause"), CAUSES)
def test_cause_is_named(kind, cause):
    found = cause_of(Trace(planted(10_000, 3, kind), DT))
    assert found.name == cause, found
    assert found.gain > 10.0
    if cause == "bandwidth" and kind.startswith("before"):
        n_samples = float(re.search(r"\(([\d.]+) samples\)", found.text)[1])
        assert n_samples == pytest.approx(float(kind.split()[1]), rel=0.1)


@pytest.mark.promise("calibration.causes")
def test_clean_traces_have_no_cause():
    """A false alarm has a chance of about e^-10 a law; one in 40 traces is excluded."""
    assert [cause_of(Trace(planted(4000, seed, "none"), DT)).name for seed in range(40)] == ["unknown"] * 40


def test_stays_that_are_not_exponential_have_no_cause_of_these():
    rng = np.random.default_rng(8)
    states = np.repeat(np.arange(400) % 2, rng.gamma(8.0, 50.0 / 8.0, 400).astype(int) + 1)
    assert cause_of(Trace(states + 0.2 * rng.standard_normal(states.size), DT)).name == "unknown"


MODELS = {
    "before 1": lambda y: (FilteredTrace(y, DT), fit_filtered),
    "before 3": lambda y: (FilteredTrace(y, DT), fit_filtered),
    "behind 1": lambda y: (SmoothedTrace(y, DT), fit_smoothed),
    "behind 3": lambda y: (SmoothedTrace(y, DT), fit_smoothed),
    "wave 1": lambda y: (BaselineTrace(y, DT, n_waves=8), fit_on_baseline),
    "line 1": lambda y: (BaselineTrace(y, DT, n_waves=8), fit_on_baseline),
}


@pytest.mark.promise("calibration.causes")
@pytest.mark.parametrize("kind", sorted(MODELS))
def test_model_finds_what_was_planted_and_the_plain_one_is_rejected(kind):
    y = planted(12_000, 5, kind)
    model, fit = MODELS[kind](y)
    theta, covariance = fit(model)
    assert stats.chi2.sf(*misfit_of(model, theta, covariance)) > SMALLEST_P
    first = 3 if isinstance(model, SmoothedTrace) else 4  # of the rates
    errors = np.sqrt(covariance.diagonal())
    assert np.all(np.abs(theta[first : first + 2] - RATES) < 4.0 * errors[first : first + 2])
    if not kind.startswith(("wave", "line")):
        assert abs(theta[-1] - np.exp(-1.0 / float(kind.split()[1]))) < 4.0 * errors[-1]
    try:
        plain_p = stats.chi2.sf(*misfit_of(Trace(y, DT), *fit_telegraph(Trace(y, DT))))
    except InputError:
        plain_p = 0.0
    assert plain_p < SMALLEST_P


@pytest.mark.promise("calibration.causes")
@pytest.mark.parametrize(("kind", "n"), [("before 1", 3000), ("wave 1", 4000)])
@pytest.mark.slow
def test_intervals_hold_68_percent(kind, n):
    """60 experiments: 0.68 +- 0.06; `check` refuses shares that chance does not explain."""
    model, fit = MODELS[kind](planted(n, 6, kind))
    names = model.names("V")
    theta, _ = fit(model)

    def experiment(rng):
        return experiment_of(model.redrawn(theta, rng), names, rng, 25, fit)

    found = coverage_of_experiments(experiment, names, model.shown(theta), 1, 60).check()
    assert stats.kstest(found.chi2_p, "uniform").pvalue > 1e-3


@pytest.mark.promise("calibration.causes")
def test_noise_in_front_of_the_filter_is_told_from_noise_behind_it():
    for kind, wanted in (("before 1", FilteredTrace), ("behind 3", SmoothedTrace)):
        model, fit = model_of(Trace(planted(8000, 7, kind), DT), "fit")
        assert isinstance(model, wanted)
        found = calibrate_telegraph(model, 1, n_trials=20, fit=fit).check()
        assert found.parameters["filter_time_s"].low < found.parameters["filter_time_s"].high
        assert abs(found.estimates["filter_time_s"] / (DT * float(kind.split()[1])) - 1.0) < 0.2


def test_filter_that_is_known_is_not_fitted():
    model, fit = model_of(Trace(planted(8000, 7, "before 3"), DT), "3e-3")
    found = calibrate_telegraph(model, 1, n_trials=20, fit=fit).check()
    assert "filter_time_s" not in found.parameters
    assert abs(np.log(found.estimates["dwell_low_s"]) + RATES[0]) < 0.4


def test_baseline_chooses_its_waves_and_refuses_those_that_are_too_fast():
    model, _ = model_of(Trace(planted(8000, 7, "wave 1"), DT), "", "fit")
    assert 2 <= model.n_waves <= 16
    model, _ = model_of(Trace(planted(8000, 7, "wave 1"), DT), "", "2.0")
    assert model.n_waves == 8
    fast = BaselineTrace(planted(8000, 7, "none"), DT, n_waves=60)
    with pytest.raises(InputError, match="Baseline must be slower than the signal"):
        fit_on_baseline(fast)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("x", ""), "Filter time must be a time in seconds above 0 or 'fit', not 'x'"),
        (("-1", ""), "Filter time must be"),
        (("nan", ""), "Filter time must be"),
        (("", "1e-9"), "Baseline must be of a period of"),
        (("fit", "fit"), "one at a time"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(arguments, fault):
    with pytest.raises(InputError, match=fault):
        model_of(Trace(planted(2000, 1, "none"), DT), *arguments)


def test_filter_is_not_seen_where_there_is_none():
    with pytest.raises(InputError, match="Filter time must be seen in the trace"):
        fit_filtered(FilteredTrace(planted(6000, 4, "none"), DT))
