"""Slopes and offsets of many junctions: SciPy's optimum, planted truth, correlated reads, populations, refusals."""

import numpy as np
import pytest
from scipy import optimize

from spinchip.calibration.engine.coverage import Coverage
from spinchip.calibration.junction.sigmoid import SigmoidCounts, calibrate_sigmoids, fit_sigmoids
from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.emulator.devices.junction.telegraph import sample_at
from spinchip.emulator.spec.errors import InputError

DRIVES = np.linspace(-0.2, 0.2, 9)


def chance(slopes, offsets, drives=DRIVES):
    return 1.0 / (1.0 + np.exp(-2.0 * np.asarray(slopes)[:, None] * (drives - np.asarray(offsets)[:, None])))


def counted(slopes, offsets, n_reads, seed, tau=1.0):
    rng = np.random.default_rng(seed)
    p = chance(slopes, offsets)
    return SigmoidCounts(DRIVES, tau * rng.binomial(int(n_reads / tau), p), np.full(p.shape, float(n_reads)), tau)


def test_estimate_is_the_maximum_that_scipy_finds():
    counts = counted([8.0, 20.0], [0.02, -0.05], 500, 1)
    fits = fit_sigmoids(counts, seed=1, n_trials=20)
    for i in range(2):

        def loss(parameters, i=i):
            field = 2.0 * parameters[0] * (DRIVES - parameters[1])
            return np.sum(counts.n_reads[i] * np.logaddexp(0.0, field) - counts.n_up[i] * field)

        found = optimize.minimize(loss, [10.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12})
        np.testing.assert_allclose([fits.slopes[i], fits.offsets[i]], found.x, rtol=1e-5, atol=1e-7)


def hits(intervals, truth):
    return np.array([[low <= value <= high for (low, high), value in zip(intervals, truth, strict=True)]])


@pytest.mark.promise("calibration.smtj")
def test_intervals_hold_68_percent_over_a_thousand_junctions():
    """1000 independent junctions: 0.68 +- 0.015, so intervals 7 % too narrow would be seen."""
    rng = np.random.default_rng(2)
    slopes, offsets = 10.0 * np.exp(0.1 * rng.standard_normal(1000)), 0.02 * rng.standard_normal(1000)
    fits = fit_sigmoids(counted(slopes, offsets, 400, 3), seed=4)
    for trials, truth, label in ((fits.slope_trials, slopes, "slope"), (fits.offset_trials, offsets, "offset")):
        low, high = np.quantile(trials, [0.16, 0.84], axis=1, method="weibull")
        Coverage((label,), ((low <= truth) & (truth <= high))[:, None], np.ones(1000)).check()
        middle = np.median(trials, axis=1)
        narrow = np.abs(truth - middle) <= (high - low) / 2.0 / np.sqrt(2.0)
        with pytest.raises(InputError, match="Coverage"):
            Coverage((label,), narrow[:, None], np.ones(1000)).check()


@pytest.mark.promise("calibration.smtj")
def test_correlated_reads_count_for_less():
    """Junctions read twice in a correlation time: reads taken for independent make intervals that do not hold."""
    card, n_junctions = SmtjCard(tau0_s=1e-9, barrier_kT=6.0, gain=1.0), 300
    drives, n_reads = np.linspace(-0.1, 0.1, 5), 3000
    period_s = card.correlation_time_s(0.0) / 2.0
    times_s = period_s * np.arange(1, n_reads + 1)
    states = np.stack(
        [sample_at(card, np.full((n_reads, 1), v), times_s, k, n_junctions) for k, v in enumerate(drives)]
    )
    counts = SigmoidCounts.of_states(drives, states)
    assert counts.tau[:, 2].mean() == pytest.approx(1.0 / np.tanh(0.25), rel=0.1)  # of an AR(1) chain of e^-1/2
    alone = SigmoidCounts(drives, counts.n_up, counts.n_reads)
    shares = []
    for one in (counts, alone):
        low, high = np.quantile(fit_sigmoids(one, 5).offset_trials, [0.16, 0.84], axis=1, method="weibull")
        shares.append(Coverage(("offset",), ((low <= 0.0) & (0.0 <= high))[:, None], np.ones(n_junctions)))
    shares[0].check()
    with pytest.raises(InputError, match="Coverage"):
        shares[1].check()


def test_spread_of_a_population_is_that_of_the_devices_alone():
    """50 reads a drive: the fits' own variance is as large as the devices', and is taken off."""
    rng = np.random.default_rng(6)
    offsets = 0.007 * rng.standard_normal(400)
    found = calibrate_sigmoids(counted(np.full(400, 10.0), offsets, 50, 7), seed=8)
    raw = np.std([found.estimates[f"offset_{i}_V"] for i in range(400)])
    spread = found.parameters["offset_sd_V"]
    assert spread.low - (spread.high - spread.low) < offsets.std() < spread.high + (spread.high - spread.low)
    assert raw > spread.high + (spread.high - spread.low)


def test_curve_that_is_no_sigmoid_is_rejected():
    p = 0.05 + 0.9 * chance([10.0], [0.0])  # never surer than 95 %
    n_up = np.random.default_rng(9).binomial(5000, p)
    with pytest.raises(InputError, match="consistent with the data"):
        calibrate_sigmoids(SigmoidCounts(DRIVES, n_up, np.full(p.shape, 5000)), seed=1).check()
    calibrate_sigmoids(counted([10.0], [0.0], 5000, 9), seed=1).check()


@pytest.mark.parametrize(
    ("drives", "n_up", "fault"),
    [
        (DRIVES, np.where(DRIVES > 0, 100, 0), "between never and always up"),
        (DRIVES, 100 - np.arange(9) * 10, "more often at larger drives"),
        (DRIVES[::-1], np.arange(9), "Drive in row 1 must be above"),
        (DRIVES[:2], np.arange(2), "at least 3"),
        (DRIVES, np.arange(9) + 95, "0 to all of 1 or more"),
    ],
    ids=["step", "falling", "descending", "two", "too many"],
)
def test_counts_that_tell_nothing_are_refused(drives, n_up, fault):
    with pytest.raises(InputError, match=fault):
        fit_sigmoids(SigmoidCounts(drives, n_up, np.full(n_up.shape, 100)), seed=1)
