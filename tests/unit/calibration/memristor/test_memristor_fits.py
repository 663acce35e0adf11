"""Programming error, drift, relaxation, read noise: planted laws, coverage, misfits and refusals."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spinchip.calibration.engine.coverage import coverage_of_experiments
from spinchip.calibration.engine.location_scale import LocationScale
from spinchip.calibration.examples.memristors import DRIFT
from spinchip.calibration.memristor.drift import calibrate_drift, fit_exponents, law_of_drift
from spinchip.calibration.memristor.programming import calibrate_programming, law_of_programming
from spinchip.calibration.memristor.read_noise_spectrum import Periodogram, calibrate_read_noise
from spinchip.calibration.memristor.relaxation import Relaxation, calibrate_relaxation, law_of_relaxation
from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.heavy_tail_relaxation import HeavyTailRelaxation
from spinchip.emulator.spec.errors import InputError

PCM = device("pcm_ibm")
TIMES_S = 20.0 * 3.0 ** np.arange(8)
FOUND_IN = 4.0  # standard errors within which a planted number must be found


def assert_found(calibration, truth):
    errors = calibration.trials.std(axis=0)
    off = (np.array(list(calibration.estimates.values()))[: len(truth)] - truth) / errors[: len(truth)]
    assert np.abs(off).max() < FOUND_IN, off


def programmed(n_cells, seed, card=PCM):
    rng = np.random.default_rng(seed)
    target_S = rng.uniform(5e-6, 25e-6, n_cells)
    return target_S, card.without("drift", "read_noise").program(target_S[None], rng).programmed_S[0]


def test_location_and_scale_equal_scipy_where_both_are_constant():
    y = np.random.default_rng(1).normal(3.0, 2.0, 500)
    one = np.ones((500, 1))
    theta, covariance = LocationScale(y, one, one, 0.0, ("mean", "sd")).fit()
    np.testing.assert_allclose(theta, stats.norm.fit(y), rtol=1e-5)
    np.testing.assert_allclose(covariance.diagonal(), [theta[1] ** 2 / 500, theta[1] ** 2 / 1000], rtol=1e-4)


@pytest.mark.promise("calibration.memristor")
def test_fits_of_few_cells_with_a_spread_near_0_end():
    u = np.random.default_rng(4).uniform(-1.5, 1.0, 57)
    design = np.vander(u, 2, increasing=True)
    problem = LocationScale(np.zeros(57), design, design, 1e-7, ("a", "b", "c", "d"))
    truth, rng = np.array([0.048, 0.0027, 0.0137, 0.005]), np.random.default_rng(0)
    for _ in range(300):  # in a few of a hundred the expected information leads around the maximum, or slowly to it
        drawn = problem.redrawn(truth, rng)
        theta, covariance = drawn.fit(truth)
        around = theta + np.sqrt(covariance.diagonal()) * 0.1 * np.concatenate([np.eye(4), -np.eye(4)])
        assert drawn.likelihood(theta).sum() > max(drawn.likelihood(one).sum() for one in around)


def test_scores_are_derivatives_of_the_likelihood():
    rng = np.random.default_rng(2)
    x = rng.uniform(0.0, 1.0, 200)
    design = np.vander(x, 2, increasing=True)
    problem = LocationScale(rng.standard_normal(200), design, design, 0.3, ("a", "b", "c", "d"))
    theta = np.array([0.1, -0.2, 0.8, 0.4])
    steps = 1e-6 * np.eye(4)
    slopes = [(problem.likelihood(theta + s) - problem.likelihood(theta - s)).sum() / 2e-6 for s in steps]
    np.testing.assert_allclose(problem.scores(theta).sum(axis=0), slopes, rtol=1e-6)


@pytest.mark.promise("calibration.memristor")
def test_programming_error_of_the_card_is_found():
    target_S, found_S = programmed(6000, 3)
    found = calibrate_programming(target_S, found_S, 25e-6, seed=1).check()
    assert_found(found, [0.0, 0.0, 0.26348, 1.9650, -1.1731])
    sigma_S = law_of_programming(found, 25e-6).sigma_S(np.array([10e-6, 20e-6]))
    np.testing.assert_allclose(sigma_S, PCM.programming.sigma_S(np.array([10e-6, 20e-6])), rtol=0.05)


@pytest.mark.promise("calibration.memristor")
def test_heavy_tails_of_programming_are_rejected():
    target_S, found_S = programmed(6000, 4)
    far = np.arange(6000) % 20 == 0  # one cell in twenty is four times as far off
    jumped = np.where(far, target_S + 4.0 * (found_S - target_S), found_S)
    with pytest.raises(InputError, match="consistent with the data"):
        calibrate_programming(target_S, jumped, 25e-6, seed=1, n_trials=20).check()


@pytest.mark.slow
def test_programming_intervals_hold_68_percent():
    target_S, found_S = programmed(800, 5)
    calibrate_programming(target_S, found_S, 25e-6, seed=2, n_trials=25, n_coverage=60).coverage.check()


def drifting(n_cells, seed, noise=0.01, law=DRIFT, bend=0.0):
    rng = np.random.default_rng(seed)
    target_S = np.exp(rng.uniform(np.log(2e-6), np.log(20e-6), n_cells))
    _, drawn = law.begin(target_S, target_S, rng, TIMES_S[0])
    x = np.log(TIMES_S / TIMES_S[0])
    exact = target_S[:, None] * np.exp(-drawn["nu"][:, None] * x + bend * x**2)
    return exact * (1.0 + noise * rng.standard_normal(exact.shape)), target_S


@pytest.mark.promise("calibration.memristor")
def test_drift_of_a_population_is_found_and_its_card_drifts_alike():
    conductance_S, target_S = drifting(3000, 6)
    found = calibrate_drift(TIMES_S, conductance_S, seed=1).check()
    shift = np.log(np.exp(np.log(target_S).mean()) / DRIFT.scale_S)
    truth = [0.06 - 0.0155 * shift, -0.0155, 0.012 - 0.003 * shift, -0.003, 0.01]
    assert_found(found, truth)
    law = law_of_drift(found, conductance_S)
    probe_S = np.full(40_000, 6e-6)
    for part in ("mean", "std"):
        mine, planted = (
            getattr(one.begin(probe_S, probe_S, np.random.default_rng(1), 20.0)[1]["nu"], part)()
            for one in (law, DRIFT)
        )
        assert mine == pytest.approx(planted, rel=0.05)


@pytest.mark.promise("calibration.memristor")
def test_spread_of_exponents_has_the_fits_own_taken_off():
    """Reads so noisy that the fits' own spread is as large as the cells'; without subtraction it would be 1.4 times."""
    conductance_S, _ = drifting(2000, 7, noise=0.07)
    found = calibrate_drift(TIMES_S, conductance_S, seed=1)
    fits = fit_exponents(TIMES_S, conductance_S)
    assert fits.nu_variance > 0.5 * 0.012**2
    assert_found(found, [found.estimates["nu_mean"], -0.0155, 0.012])
    raw = np.std(fits.nu - found.estimates["nu_mean_per_ln_g"] * fits.log_g)
    assert raw > found.estimates["nu_sd"] + FOUND_IN * found.trials[:, 2].std()


def test_weights_and_bias_follow_noise_that_grows():
    """1/f noise of growing variance: without its bias, half the variance, exponents come out too large."""
    rng, t_read_s = np.random.default_rng(8), 1.0
    octaves = np.log((TIMES_S + t_read_s) / (2.0 * t_read_s))
    sigma = 0.15 * np.sqrt(octaves / octaves[0])
    reads = np.maximum(1.0 + sigma * rng.standard_normal((20_000, 8)), 0.05)
    biased, right = fit_exponents(TIMES_S, reads), fit_exponents(TIMES_S, reads, t_read_s)
    error = np.sqrt(right.nu_variance / 20_000)
    assert biased.nu.mean() > 5.0 * error
    assert abs(right.nu.mean()) < 0.35 * biased.nu.mean()  # the next order, 3/4 sigma^4, is a fifth of the first


def test_drift_that_bends_is_rejected():
    calibrate_drift(TIMES_S, drifting(1000, 9)[0], seed=1, n_trials=20).check()
    with pytest.raises(InputError, match="consistent with the data"):
        calibrate_drift(TIMES_S, drifting(1000, 9, bend=1e-3)[0], seed=1, n_trials=20).check()


@pytest.mark.slow
def test_drift_intervals_hold_68_percent():
    calibrate_drift(TIMES_S, drifting(300, 10)[0], seed=2, n_trials=25, n_coverage=60).coverage.check()


LAW = HeavyTailRelaxation((4.0, 4e4), (8e-6,), ((1.58e-6, 2.86e-6),), ((2.46e-6, 3.45e-6),), (-0.73e-6,), 0.1)
RELAX_S = np.array([4.0, 40.0, 400.0, 4000.0, 40000.0])


def relaxed(n_cells, seed, law=LAW):
    target_S = np.full(n_cells, 8e-6)
    _, drawn = law.begin(target_S, target_S, np.random.default_rng(seed), 4.0)
    return np.stack([law.displacement_S(target_S, drawn, t) for t in RELAX_S], axis=1)


def planted_relaxation():
    (core, tail), grown = 1e6 * LAW.components_S()[:, 0], np.log(1e4)
    rows = [0.1, core[0], np.ptp(core) / grown, tail[0], np.ptp(tail) / grown, 0.0, -0.73 / grown]
    return np.array(rows)


@pytest.mark.promise("calibration.memristor")
def test_relaxation_of_two_kinds_is_found_and_makes_their_law():
    found = calibrate_relaxation(RELAX_S, relaxed(4000, 11), seed=1).check()
    assert_found(found, planted_relaxation())
    law = law_of_relaxation(found, RELAX_S, 8e-6)
    for part in ("robust_S", "std_S"):
        mine, planted = np.array(getattr(law, part))[0], np.array(getattr(LAW, part))[0]
        np.testing.assert_allclose(mine[[0, -1]], planted, rtol=0.06)


@pytest.mark.promise("calibration.memristor")
@pytest.mark.slow
def test_relaxation_intervals_hold_68_percent_and_independent_times_would_not():
    """Cells keep to their path: scores summed over times as if apart make intervals too narrow by root 5."""
    kept = []

    def experiment(rng):
        kept.append(calibrate_relaxation(RELAX_S, relaxed(1000, rng), 1, n_trials=40).trials)
        return kept[-1], 0.5

    names, truth = tuple("abcdefg"), planted_relaxation()
    coverage_of_experiments(experiment, names, truth, 3, 60).check()
    again = iter(kept)

    def by_time(_):
        trials = next(again)
        return np.median(trials, axis=0) + (trials - np.median(trials, axis=0)) / np.sqrt(5.0), 0.5

    with pytest.raises(InputError, match="Coverage"):
        coverage_of_experiments(by_time, names, truth, 3, 60).check()


def test_relaxation_without_tails_is_refused():
    moved = np.random.default_rng(12).standard_normal((2000, 1)) * np.array([1.0, 1.2, 1.4, 1.6, 1.8]) * 1e-6
    with pytest.raises(InputError, match="heavier tails than a normal law"):
        calibrate_relaxation(RELAX_S, moved, seed=1)


def test_scores_of_relaxation_end_at_zero():
    data = Relaxation(RELAX_S, 1e6 * relaxed(2000, 13))
    theta = data.fit()
    scores = data.scores(theta)
    assert np.abs(scores.sum(axis=0) / np.sqrt(np.square(scores).sum(axis=0))).max() < 0.05


def flickering(n_traces, seed, exponent=1.1, white=2e-8, n_samples=8192, interval_s=1e-3):
    """Return traces with exactly that spectrum: independent Fourier components."""
    rng = np.random.default_rng(seed)
    frequency = np.fft.rfftfreq(n_samples, interval_s)[1:]
    density = 1e-6 * frequency**-exponent + white
    parts = rng.standard_normal((n_traces, frequency.size, 2)) @ np.array([1.0, 1j])
    parts = parts * np.sqrt(density * n_samples / (4.0 * interval_s))
    return 1.0 + np.fft.irfft(np.concatenate([np.zeros((n_traces, 1)), parts], axis=1), n_samples, axis=1)


@pytest.mark.promise("calibration.memristor")
def test_spectrum_is_found_and_a_line_in_it_rejected():
    traces = flickering(4, 14)
    found = calibrate_read_noise(traces, 1e-3, seed=1).check()
    assert_found(found, [1e-6, 1.1, 2e-8])
    hum = 2e-3 * np.sin(2.0 * np.pi * 50.0 * 1e-3 * np.arange(8192))
    with pytest.raises(InputError, match="consistent with the data"):
        calibrate_read_noise(traces + hum, 1e-3, seed=1, n_trials=20).check()


@pytest.mark.slow
def test_spectrum_intervals_hold_68_percent():
    calibrate_read_noise(flickering(1, 15, n_samples=4096), 1e-3, 2, n_trials=25, n_coverage=60).coverage.check()


def test_slopes_of_the_spectrum_are_derivatives():
    one = Periodogram(flickering(1, 16, n_samples=512), 1e-3)
    theta = np.array([-10.0, 1.2, -16.0])
    _, slope = one.loss(theta, one.power)
    steps = 1e-6 * np.eye(3)
    by_difference = [(one.loss(theta + s, one.power)[0] - one.loss(theta - s, one.power)[0]) / 2e-6 for s in steps]
    np.testing.assert_allclose(slope, by_difference, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: calibrate_drift(TIMES_S, np.ones((5, 8)), 1), "Cells must be at least 20"),
        (lambda: calibrate_drift(TIMES_S[::-1], np.ones((50, 8)), 1), "Times must ascend"),
        (lambda: calibrate_drift(TIMES_S, -np.ones((50, 8)), 1), "Conductance of cell 0, time 0, must be above 0"),
        (lambda: calibrate_programming(np.full(50, 1e-6), np.full(50, 1e-6), 1e-6, 1), "Targets must be at least 3"),
        (lambda: calibrate_relaxation(RELAX_S, np.ones((50, 5)), 1), "Cells must be at least 200"),
        (lambda: calibrate_read_noise(np.ones(50) + 0.1 * np.eye(50)[0], 1e-3, 1), "Reads must be at least"),
    ],
)
def test_data_that_tell_nothing_are_refused(call, fault):
    with pytest.raises(InputError, match=fault):
        call()


def test_law_of_a_card_is_replaced_and_keeps_the_rest():
    target_S, found_S = programmed(500, 17)
    law = law_of_programming(calibrate_programming(target_S, found_S, 25e-6, 1, n_trials=20), 25e-6)
    card = replace(PCM, programming=law)
    assert card.drift == PCM.drift
    assert card.program(np.full((2, 2), 10e-6), np.random.default_rng(1)).programmed_S.shape == (2, 2)
