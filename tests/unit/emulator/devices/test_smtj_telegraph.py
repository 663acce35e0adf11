"""Event logs and samples of telegraph junctions with the exact laws of two states."""

import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from spinchip.emulator.devices.junction.card import SmtjCard, draw_population
from spinchip.emulator.devices.junction.random import (
    EDGES,
    LAYER_AREA,
    LAYERS,
    TAIL_START,
    junction_streams,
    load,
    normal,
    tail,
    word,
)
from spinchip.emulator.devices.junction.telegraph import run_events, sample_at
from spinchip.emulator.spec.errors import InputError

CARD = SmtjCard(tau0_s=1e-9, barrier_kT=4.0)
ALPHA = 1e-4  # false alarms of each Kolmogorov-Smirnov test
SHAPE = 1.1  # Weibull shape that must be told from 1


def ks_size():
    """Return the number of dwells at which a Weibull of that shape and mean 1 is rejected for certain."""
    t = np.linspace(1e-3, 8, 20_000)
    weibull = stats.weibull_min(SHAPE, scale=1 / math.gamma(1 + 1 / SHAPE))
    distance = np.abs(weibull.cdf(t) - stats.expon.cdf(t)).max()
    critical = math.sqrt(-math.log(ALPHA / 2) / 2)  # of sqrt(n) D
    return math.ceil(((critical + 4 * 0.5) / distance) ** 2)  # sqrt(n) D scatters by less than 1/2


@pytest.mark.promise("smtj.telegraph")
@pytest.mark.parametrize(("x", "seed"), [(0.0, 1), (0.15, 2), (-0.15, 3)])
def test_dwell_times_are_exponential(x, seed):
    n = ks_size()
    assert 10_000 < n < 50_000
    mean_s = CARD.dwell_s(x)
    log = run_events(CARD, x, [0, 1.05 * n * sum(mean_s)], seed)
    for stays, expected in zip(log.dwells_s(0), mean_s, strict=True):
        assert stays.size >= n
        assert stats.kstest(stays[:n] / expected, "expon").pvalue > ALPHA
        warped = (stays[:n] / expected) ** (1 / SHAPE) / math.gamma(1 + 1 / SHAPE)  # negative control, the same mean
        assert stats.kstest(warped, "expon").pvalue < ALPHA
        z, z_wrong = ((stays[:n].mean() / mean - 1) * math.sqrt(n) for mean in (expected, 1.065 * expected))
        assert abs(z) < 4 < abs(z_wrong)  # 6.5 % of the mean is 8 sigma


def samples_far_apart(x, n, seed):
    """Return ``n`` states of one junction, 20 correlation times apart."""
    step = 20 * float(CARD.correlation_time_s(x))
    return sample_at(CARD, x, step * np.arange(1, n + 1), seed)[:, 0]


def events_far_apart(x, n, seed):
    step = 20 * float(CARD.correlation_time_s(x))
    log = run_events(CARD, x, [0, step * (n + 1)], seed)
    return log.states_at(step * np.arange(1, n + 1))[:, 0]


@pytest.mark.promise("smtj.telegraph")
@pytest.mark.parametrize("draw", [samples_far_apart, events_far_apart])
def test_transfer_curve_is_tanh(draw):
    for seed, x in enumerate((-0.2, -0.1, 0.05, 0.1, 0.2)):
        mean, wrong = np.tanh(2 * 4.0 * x), np.tanh(2 * 4.0 * 0.93 * x)  # a barrier 7 % too low must be seen
        n = math.ceil((8 * math.sqrt(1 - mean**2) / (mean - wrong)) ** 2)
        z, z_wrong = ((draw(x, n, seed).mean() - m) / math.sqrt((1 - mean**2) / n) for m in (mean, wrong))
        assert abs(z) < 4, f"{x=} {z=:.2f} {n=}"
        assert abs(z_wrong) > 4, f"{x=} {z_wrong=:.2f} {n=}"


def pairs_by_sampling(times_s, n, seed):
    return sample_at(CARD, 0.0, times_s, seed, n_devices=n)


def pairs_by_events(times_s, n, seed):
    return run_events(CARD, 0.0, [0, times_s[-1]], seed, n_devices=n).states_at(times_s)


@pytest.mark.promise("smtj.telegraph")
@pytest.mark.parametrize("pairs", [pairs_by_sampling, pairs_by_events])
def test_autocorrelation_decays_with_the_correlation_time(pairs):
    tau = float(CARD.correlation_time_s(0.0))
    for lag in (0.5, 1.0):
        slope = lag * math.exp(-lag)
        n = math.ceil((8 * math.sqrt(1 - math.exp(-2 * lag)) / (0.05 * slope)) ** 2)  # 5 % of tau_c is 8 sigma
        first, second = pairs(np.array([tau, (1 + lag) * tau]), n, seed=2).astype(float)
        product = first * second
        error = product.std() / math.sqrt(n)
        assert abs(product.mean() - math.exp(-lag)) < 4 * error
        assert abs(product.mean() - math.exp(-lag / 1.05)) > 4 * error


@pytest.mark.parametrize("way", ["events", "samples"])
def test_step_of_the_drive_relaxes_as_two_states_do(way):
    before, after = -0.2, 0.1
    tau = float(CARD.correlation_time_s(after))
    start, end = CARD.mean(before), CARD.mean(after)
    expected = end + (start - end) * math.exp(-0.7)
    n = math.ceil((8 / (0.05 * 0.7 * math.exp(-0.7) * (end - start))) ** 2)  # 5 % of the rate is 8 sigma or more
    if way == "events":
        log = run_events(CARD, [[before], [after]], [0, 2e-8, 2e-8 + 0.7 * tau], seed=4, n_devices=n)
        states = log.states_at([log.end_s])[0]
    else:
        states = sample_at(CARD, [[before], [after]], [2e-8, 2e-8 + 0.7 * tau], seed=4, n_devices=n)[1]
    error = states.std() / math.sqrt(n)
    assert abs(states.mean() - expected) < 4 * error
    assert abs(states.mean() - (end + (start - end) * math.exp(-0.7 / 1.05))) > 4 * error


def test_identical_seeds_give_identical_logs_and_junctions_do_not_depend_on_their_number():
    population = draw_population(SmtjCard(1e-9, 4.0, cv_barrier=0.077), 20, np.random.default_rng(1))
    logs = [run_events(population, 0.05, [0, 1e-6, 3e-6], seed) for seed in (7, 7, 8)]
    assert logs[0].times_s.tobytes() == logs[1].times_s.tobytes()
    assert np.array_equal(logs[0].pointers, logs[1].pointers)
    assert logs[0].times_s.tobytes() != logs[2].times_s.tobytes()
    few, many = (run_events(CARD, 0.05, [0, 3e-6], 7, n_devices=n) for n in (3, 50))
    for junction in range(3):
        assert np.array_equal(few.flips_s(junction), many.flips_s(junction))
    assert not np.array_equal(many.flips_s(0), many.flips_s(1))
    samples = [sample_at(CARD, 0.0, [1e-7, 2e-7], 7, n_devices=n) for n in (3, 50)]
    assert np.array_equal(samples[0], samples[1][:, :3])


def test_edge_without_a_change_of_drive_changes_nothing():
    whole = run_events(CARD, 0.1, [0, 4e-6], 3, n_devices=5)
    cut = run_events(CARD, 0.1, [0, 1e-6, 2.5e-6, 4e-6], 3, n_devices=5)
    assert np.array_equal(whole.pointers, cut.pointers)
    assert np.allclose(whole.times_s, cut.times_s, rtol=1e-12)


def test_log_answers_agree_with_each_other():
    log = run_events(CARD, 0.0, [0, 2e-6], 9, n_devices=4, initial=[1, -1, 1, -1])
    assert log.first_states.tolist() == [1, -1, 1, -1]
    times, junctions = log.in_order()
    assert np.all(np.diff(times) >= 0)
    assert times.size == log.n_events
    flips = log.flips_s(1)
    assert np.array_equal(times[junctions == 1], flips)
    middles = (flips[:-1] + flips[1:]) / 2
    assert np.array_equal(log.states_at(middles)[:, 1], np.resize([1, -1], middles.size))
    assert log.states_at([0.0])[0].tolist() == [1, -1, 1, -1]
    assert log.states_at(flips[:2])[:, 1].tolist() == [1, -1]  # a flip at that very time has happened
    up, down = log.dwells_s(1)
    assert up[0] == pytest.approx(flips[1] - flips[0])
    assert up.sum() + down.sum() == pytest.approx(flips[-1] - flips[0])


@njit
def normals(streams, count):
    """Return normal draws, and the words that they took."""
    stream, out = load(streams, 0), np.empty(count)
    follower, words = stream, 0
    for i in range(count):
        out[i], stream = normal(stream)
        while follower != stream:
            _, follower = word(follower)
            words += 1
    return out, words


@njit
def tails(streams, count):
    stream, out = load(streams, 0), np.empty(count)
    for i in range(count):
        out[i], stream = tail(-1.0, stream)
    return out


def test_normal_draws_are_normal():
    n = 1_000_000
    values, words = normals(junction_streams(11, 1), n)
    assert stats.kstest(values, "norm").pvalue > ALPHA
    assert stats.kstest(values * 1.01, "norm").pvalue < ALPHA
    beyond = (np.abs(values) > TAIL_START).sum()
    expected = n * 2 * stats.norm.sf(TAIL_START)
    assert abs(beyond - expected) < 4 * math.sqrt(expected)
    # A fault of the layers' curved ends moves the density by 1e-3 at places, but the words per draw by far more.
    accepted = math.sqrt(math.pi / 2) / (LAYERS * LAYER_AREA)
    ends = 1 - EDGES[2:] / EDGES[1:-1]
    per_try = 1 + ends.sum() / LAYERS + 2.1 * (1 - EDGES[1] / EDGES[0]) / LAYERS
    assert abs(words / n - per_try / accepted) < 4 * math.sqrt(2 * (per_try / accepted - 1) / n)
    assert abs(words / n - per_try / (1 - (1 - accepted) / 2)) > 4 * math.sqrt(2 * (per_try / accepted - 1) / n)


def test_tail_of_the_normal_draws_is_normal():
    excess = stats.norm.pdf(TAIL_START) / stats.norm.sf(TAIL_START)
    n = math.ceil((8 / (1 - (excess - TAIL_START) * TAIL_START)) ** 2)  # a plain exponential is 8 sigma away
    values = tails(junction_streams(3, 1), n)
    assert values.max() < -TAIL_START
    error = values.std() / math.sqrt(n)
    assert abs(-values.mean() - excess) < 4 * error
    assert abs(-values.mean() - TAIL_START - 1 / TAIL_START) > 4 * error


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"edges_s": [0, 1, 1]}, r"Edges must be ascending times from 0 s, not \[0\.0, 1\.0, 1\.0\]"),
        ({"edges_s": [1, 2]}, r"Edges must be ascending times from 0 s, not \[1\.0, 2\.0\]"),
        ({"drive": [[1, 2, 3]]}, r"Drive must be of shape \(1, 2\), not \(1, 3\)"),
        ({"drive": 9.0}, "Drive must be -1 to 5 V, the range of smtj, not 9"),
        ({"initial": [1, 0]}, r"First states must be 2 of -1 or \+1, not \[1, 0\]"),
        ({"seed": -1}, "Seed must be a whole number of at least 0, not -1"),
    ],
)
def test_wrong_arguments_are_refused(arguments, text):
    card = SmtjCard(1e-9, 4.0, drive_min=-1, drive_max=5)
    usual = {"drive": 0.0, "edges_s": [0, 1e-7], "seed": 0, "n_devices": 2}
    with pytest.raises(InputError, match=f"^{text}$"):
        run_events(card, **usual | arguments)


def test_times_that_descend_are_refused():
    with pytest.raises(InputError, match="^Times must be a list that does not descend from 0 s"):
        sample_at(CARD, 0.0, [2e-9, 1e-9], 0)
    with pytest.raises(InputError, match="^Times must be 0 to 1e-07 s, not 0 to 2e-07 s$"):
        run_events(CARD, 0.0, [0, 1e-7], 0).states_at([0, 2e-7])
    population = draw_population(CARD, 3, np.random.default_rng(0))
    with pytest.raises(InputError, match="^Devices must be 3, the size of the population, not 4$"):
        sample_at(population, 0.0, [1e-9], 0, n_devices=4)
