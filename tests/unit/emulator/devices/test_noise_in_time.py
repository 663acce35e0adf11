"""Noise that remembers: exact covariances at any step, slope -1 in the band, dwell times, and the lumped variance."""

import numpy as np
import pytest
from scipy.signal import periodogram

from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.flicker_process import FlickerProcess
from spinchip.emulator.devices.memristor.noise_trace import NoiseTrace
from spinchip.emulator.devices.memristor.telegraph_process import TelegraphProcess
from spinchip.emulator.spec.errors import InputError

N = 20000  # of independent cells: a standard deviation to 0.5 %, a correlation to 0.7 %


def z_of_correlation(a, b, rho):
    """Return how many errors the correlation of two samples is from ``rho``, by Fisher's transform."""
    return (np.arctanh(np.corrcoef(a, b)[0, 1]) - np.arctanh(rho)) * np.sqrt(a.size - 3)


def flicker(sigma, seed=1, tau_min_s=1e-3, tau_max_s=10.0):
    return FlickerProcess(sigma, tau_min_s, tau_max_s, np.random.default_rng(seed))


def flicker_correlation(process, dt_s):
    return np.mean(np.exp(-dt_s / process.taus_s))


@pytest.mark.promise("crossbar.noise")
@pytest.mark.parametrize("dt_s", [1e-4, 0.03, 5.0])
def test_flicker_covariance_is_exact_at_any_step(dt_s):
    """The number of cells puts the control, twice the step, 10 errors away."""
    rho, rho_wrong = (flicker_correlation(flicker(1.0), share * dt_s) for share in (1, 2))
    n = int((10 / (np.arctanh(rho) - np.arctanh(rho_wrong))) ** 2) + 3
    process = flicker(np.full(n, 0.02))
    before = process.deviation
    process.advance(dt_s)
    assert abs(z_of_correlation(before, process.deviation, rho)) < 4.5
    cut = flicker(np.full(n, 0.02), seed=2)  # the same time in unequal steps
    before = cut.deviation
    for share in (0.1, 0.6, 0.3):
        cut.advance(share * dt_s)
    assert abs(z_of_correlation(before, cut.deviation, rho)) < 4.5
    other = flicker(np.full(n, 0.02), seed=3)
    before = other.deviation
    other.advance(2 * dt_s)
    assert abs(z_of_correlation(before, other.deviation, rho)) > 4.5


def test_flicker_variance_holds_at_every_time():
    process = flicker(np.full(N, 0.02))
    for dt_s in (0.0, 1e-4, 0.1, 100.0):
        process.advance(dt_s)
        z = (np.std(process.deviation) / 0.02 - 1) * np.sqrt(2 * N)
        assert abs(z) < 4.5
        assert abs((np.std(process.deviation) / 0.021 - 1) * np.sqrt(2 * N)) > 4.5  # 5 % off is seen


def density(taus_s, f_Hz):
    """Return the one-sided density of the sum of relaxations of unit variance, in continuous time."""
    tau = taus_s[:, None]
    return np.mean(4 * tau / (1 + (2 * np.pi * f_Hz * tau) ** 2), axis=0)


def test_density_is_one_over_f_inside_the_band():
    """Evenly spread relaxations give (2/pi)(atan w tau_max - atan w tau_min) / (f L); these ripple about it, 0.08 %."""
    taus_s = FlickerProcess(1.0, 1e-6, 1e3, np.random.default_rng(0)).taus_s
    f_Hz = np.geomspace(1e-1, 1e3, 200)
    w = 2 * np.pi * f_Hz
    exact = (np.arctan(w * 1e3) - np.arctan(w * 1e-6)) * 2 / np.pi / (f_Hz * np.log(1e9))
    assert np.abs(density(taus_s, f_Hz) / exact - 1).max() < 0.0008
    sparse = FlickerProcess(1.0, 1e-6, 1e3, np.random.default_rng(0), per_decade=1).taus_s
    assert np.abs(density(sparse, f_Hz) / exact - 1).max() > 0.01  # one a decade ripples by some per cent


# Records of 4.1 s in steps of 1 ms, which reach from 1 to 500 Hz.
N_CELLS, N_STEPS, DT_S = 256, 4096, 1e-3


def record(process):
    trace = NoiseTrace(process)
    return np.array([trace.advance(DT_S) for _ in range(N_STEPS)]) - 1


def sampled_density(taus_s, f_Hz):
    """Return the one-sided density of unit-variance relaxations sampled every DT_S, aliases included."""
    a = np.exp(-DT_S / np.asarray(taus_s))[:, None]
    return np.mean(2 * DT_S * (1 - a**2) / (1 - 2 * a * np.cos(2 * np.pi * f_Hz * DT_S) + a**2), axis=0)


def band_ratios(samples, expected):
    """Return measured over expected density in eight bands of equal ratio, and the error of each.

    A periodogram ordinate is exponential, so the mean of m has error 1 / sqrt(m); the Hann window correlates
    neighbours, which leaves 1 / 1.95 independent ones (sum of squared correlations 1 + 2 (4/9) + 2 (1/36)).
    """
    f_Hz, power = periodogram(samples, fs=1 / DT_S, window="hann", detrend=False, axis=0)
    edges = np.geomspace(4 / (N_STEPS * DT_S), 0.5 / DT_S, 9)
    where = np.digitize(f_Hz, edges)
    ratio = power.mean(axis=1)[1:] / expected(f_Hz[1:])
    bands = [ratio[where[1:] == k] for k in range(1, 9)]
    middles = np.sqrt(edges[1:] * edges[:-1])
    return middles, np.array([b.mean() for b in bands]), np.array([np.sqrt(1.95 / b.size / N_CELLS) for b in bands])


def test_flicker_spectrum_is_that_of_its_relaxations():
    process = flicker(np.full(N_CELLS, 0.01), tau_min_s=1e-4, tau_max_s=10.0)
    taus_s = process.taus_s
    samples = record(process)
    _, ratios, errors = band_ratios(samples, lambda f: 1e-4 * sampled_density(taus_s, f))
    assert np.abs((ratios - 1) / errors).max() < 4.5
    _, ratios, errors = band_ratios(samples, lambda f: 1e-4 * 1.1 * sampled_density(taus_s, f))
    assert np.abs((ratios - 1) / errors).max() > 4.5  # 10 % off is seen


def slope_of(samples, f_low_Hz, f_high_Hz):
    """Return the slope of log density over log f in a band, and its error from the scatter of the ordinates."""
    f_Hz, power = periodogram(samples, fs=1 / DT_S, window="hann", detrend=False, axis=0)
    inside = (f_Hz >= f_low_Hz) & (f_Hz <= f_high_Hz)
    x, y = np.log(f_Hz[inside]), np.log(power[inside].mean(axis=1))
    slope = np.polyfit(x, y, 1)[0]
    return slope, np.sqrt(1.95 / samples.shape[1] / np.sum((x - x.mean()) ** 2))


@pytest.mark.promise("crossbar.noise")
def test_flicker_slope_is_minus_one():
    """From 2 to 50 Hz the sampled density has a slope within 0.02 of -1; white noise and one relaxation have not."""
    process = flicker(np.full(N_CELLS, 0.01), tau_min_s=2e-4, tau_max_s=10.0)
    f_Hz = np.arange(2, 50, 0.25)
    expected = np.polyfit(np.log(f_Hz), np.log(sampled_density(process.taus_s, f_Hz)), 1)[0]
    assert abs(expected + 1) < 0.02
    slope, error = slope_of(record(process), 2.0, 50.0)
    assert abs(slope - expected) < 4.5 * error
    assert abs(slope + 1) < 0.02 + 4.5 * error
    for tau_s in (1e-5, 1.0):
        single = flicker(np.full(N_CELLS, 0.01), tau_min_s=tau_s, tau_max_s=1.01 * tau_s)
        assert abs(slope_of(record(single), 2.0, 50.0)[0] + 1) > 0.5


@pytest.mark.promise("crossbar.noise")
def test_noise_of_a_card_has_the_lumped_variance():
    card = device("pcm_ibm").without("programming", "drift")
    cells = card.program(np.full(N, 12.5e-6), np.random.default_rng(0))
    sigma = card.read_sigma_S(cells, 3600.0)[0] / 12.5e-6
    trace = NoiseTrace(FlickerProcess.of_card(card, cells, 3600.0, np.random.default_rng(1)))
    for dt_s in (0.0, 1e-6, 100.0):
        z = (np.std(trace.advance(dt_s)) / sigma - 1) * np.sqrt(2 * N)
        assert abs(z) < 4.5
        assert abs((np.std(trace.relative) / (1.05 * sigma) - 1) * np.sqrt(2 * N)) > 4.5


def test_noise_of_a_card_has_the_density_of_its_law():
    """S_G / G^2 = Q^2 / f in mid-band, with Q = 0.0088 / 0.5^0.65; ends of the band and ripple stay below 0.2 %."""
    card = device("pcm_ibm").without("programming", "drift")
    cells = card.program(np.array([12.5e-6]), np.random.default_rng(0))
    process = FlickerProcess.of_card(card, cells, 3600.0, np.random.default_rng(1))
    variance = (card.read_sigma_S(cells, 3600.0)[0] / 12.5e-6) ** 2
    f_Hz = np.geomspace(1.0, 1e3, 50)
    assert variance * density(process.taus_s, f_Hz) == pytest.approx((0.0088 / 0.5**0.65) ** 2 / f_Hz, rel=2e-3)


def telegraph(tau_low_s, tau_high_s, n=N, seed=4, step=0.1):
    return TelegraphProcess(np.full(n, step), tau_low_s, tau_high_s, np.random.default_rng(seed))


@pytest.mark.promise("crossbar.noise")
@pytest.mark.parametrize("dt_s", [1e-4, 2e-3, 0.1])
def test_telegraph_chances_are_exact_at_any_step(dt_s):
    """1 ms low and 3 ms high: P(high) = 3/4, decay rate 4000/3 per second.

    Control: 20 % slower. It moves the chance to leave the low state by 0.0133 and 0.0166 at the two shorter steps,
    which is 9 errors of a quarter of 155000 and of 248000 cells.
    """
    n = 260000
    process = telegraph(1e-3, 3e-3, n)
    was_high = process.is_high
    assert abs(was_high.mean() - 0.75) < 4.5 * np.sqrt(0.75 * 0.25 / n)
    process.advance(dt_s)
    kept = np.exp(-dt_s * 4000 / 3)
    for state, chance in ((True, 0.75 + 0.25 * kept), (False, 0.75 - 0.75 * kept)):
        sample = process.is_high[was_high == state]
        assert abs(sample.mean() - chance) < 4.5 * np.sqrt(chance * (1 - chance) / sample.size)
    if dt_s < 0.01:
        slower = telegraph(1.2e-3, 3.6e-3, n)
        was_high = slower.is_high
        slower.advance(dt_s)
        sample = slower.is_high[~was_high]
        chance = 0.75 - 0.75 * kept
        assert abs(sample.mean() - chance) > 4.5 * np.sqrt(chance * (1 - chance) / sample.size)


def test_telegraph_noise_has_mean_zero_and_its_variance():
    """A step of 0.1, high for 3/4 of the time: variance 0.01 * 3/16, with an error that the fourth moment gives."""
    deviation = telegraph(1e-3, 3e-3).deviation
    variance = 0.01 * 3 / 16
    fourth = 0.75 * 0.025**4 + 0.25 * 0.075**4
    assert abs(deviation.mean()) < 4.5 * np.sqrt(variance / N)
    assert abs(np.mean(deviation**2) - variance) < 4.5 * np.sqrt((fourth - variance**2) / N)
    assert abs(np.mean(deviation**2) - 1.05 * variance) > 4.5 * np.sqrt((fourth - variance**2) / N)


def test_telegraph_dwell_times():
    """Steps of tau / 50: a stay of m steps ends with the exact chance p, so m is geometric with mean 1 / p."""
    process = telegraph(1e-3, 3e-3, n=400)
    states = []
    for _ in range(1500):
        process.advance(2e-5)
        states.append(process.is_high)
    states = np.array(states)
    before, after = states[:-1], states[1:]
    kept = np.exp(-2e-5 * 4000 / 3)
    for state, chance, tau_s in ((True, 0.25 * (1 - kept), 3e-3), (False, 0.75 * (1 - kept), 1e-3)):
        stays = np.count_nonzero(before == state)
        left = np.count_nonzero((before == state) & (after != state))
        assert abs(left - chance * stays) < 4.5 * np.sqrt(chance * stays)
        assert abs(left - 1.1 * chance * stays) > 4.5 * np.sqrt(chance * stays)
        assert chance == pytest.approx(2e-5 / tau_s, rel=0.02)  # short steps: the inverse dwell time


@pytest.mark.promise("crossbar.noise")
def test_telegraph_spectrum_is_a_lorentzian():
    process = telegraph(8e-3, 24e-3, n=N_CELLS)  # tau = 6 ms, variance 0.01 * 3/16
    samples = record(process)
    _, ratios, errors = band_ratios(samples, lambda f: 0.01 * 3 / 16 * sampled_density([6e-3], f))
    # a two-state path is no Gaussian one: ordinates of one cell share its amplitude, which here never varies,
    # and telegraph noise of many flips a record is exponential again (some 100 flips here)
    assert np.abs((ratios - 1) / errors).max() < 4.5
    _, ratios, errors = band_ratios(samples, lambda f: 0.01 * 3 / 16 * sampled_density([7e-3], f))
    assert np.abs((ratios - 1) / errors).max() > 4.5


def test_processes_add_and_a_conductance_never_turns_negative():
    trace = NoiseTrace(flicker(np.full(50, 0.8)), telegraph(1e-3, 1e-3, n=50, step=0.5))
    assert trace.relative.min() == 0.0
    again = NoiseTrace(flicker(np.full(50, 0.8)), telegraph(1e-3, 1e-3, n=50, step=0.5))
    assert np.array_equal(trace.advance(0.1), again.advance(0.1))
    assert trace.time_s == 0.1
    trace.advance(0.25)
    assert trace.time_s == pytest.approx(0.35)
    parts = [flicker(np.full(50, 0.01)), telegraph(1e-3, 1e-3, n=50, step=0.02)]
    alone = 1 + parts[0].deviation + parts[1].deviation
    assert NoiseTrace(*parts).relative == pytest.approx(alone, rel=1e-14)


def test_trace_is_read_at_times_and_same_for_a_seed():
    times_s = [0.0, 0.5, 0.5, 7.0]
    one, same = (list(NoiseTrace(flicker(np.full((3, 4), 0.1), seed=9)).at(times_s)) for _ in range(2))
    assert [value.shape for value in one] == [(3, 4)] * 4
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert np.array_equal(one[1], one[2])
    assert not np.array_equal(one[0], one[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NoiseTrace(), "Processes must be at least one, not none"),
        (lambda: NoiseTrace(flicker(0.1)).advance(-1.0), "Time step must be finite and at least 0 s, not -1.0 s"),
        (
            lambda: list(NoiseTrace(flicker(0.1)).at([2.0, 1.0])),
            "Time must be at least 2.0 s, where the trace stands, not 1.0 s",
        ),
        (lambda: flicker(-0.1), "Relative sigma must be finite and at least 0, not -0.1 to -0.1"),
        (lambda: flicker(0.1, tau_min_s=20.0), "tau_min_s must be above 0 and below tau_max_s = 10.0, not 20.0"),
        (lambda: telegraph(0.0, 1.0), "tau_low_s must be finite and above 0, not 0"),
        (lambda: telegraph(1.0, 1.0, step=np.inf), "Relative step must be finite in every cell, not infinite or NaN"),
        (
            lambda: FlickerProcess.of_card(device("rram_wan"), None, 1.0, np.random.default_rng(0)),
            "Device must have read noise, which rram_wan has not",
        ),
    ],
)
def test_impossible_noise_is_refused(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message
