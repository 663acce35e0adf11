"""Chains, spins and sweeps draw from separate randomness; a seed gives one run whatever shares the processor."""

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.reference import bit_groups
from spinchip.emulator.reference import sampler as float_sampler
from spinchip.emulator.reference.bitsliced import BitSlicedSampler
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule

ALPHA = 1e-6
BACKENDS = {
    "float32": ReferenceSampler,
    "float64": lambda **options: ReferenceSampler("float64", **options),
    "bitsliced": BitSlicedSampler,
}
# Where each backend gets its seeds, and how many neighbouring streams the mutant below makes one.
SEEDS = {"float32": (float_sampler, 2), "float64": (float_sampler, 2), "bitsliced": (bit_groups, 2)}


@pytest.fixture(params=BACKENDS)
def name(request):
    return request.param


def free_spins(n):
    """Return an instance without couplings: every sweep draws every spin anew, so that states are independent."""
    return IsingInstance.from_edges(n, [], [])


def ring(n):
    return IsingInstance.from_edges(n, [(i, (i + 1) % n) for i in range(n)], np.ones(n), np.full(n, 0.5))


def largest_correlation(rows):
    """Return the largest |r| among the rows and among rows one step apart, and the bound for independent bits.

    r of T independent fair pairs has (T + r T)/2 ~ Binomial(T, 1/2); the bound is its two-sided quantile at ALPHA over
    all pairs that are compared.
    """
    k, length = rows.shape
    now, later = rows[:, :-1].astype(float), rows[:, 1:].astype(float)
    same, lagged = now @ now.T / (length - 1), now @ later.T / (length - 1)
    np.fill_diagonal(same, 0.0)
    n_pairs = k * (k - 1) // 2 + k * k
    bound = 2 * stats.binom.isf(ALPHA / 2 / n_pairs, length - 1, 0.5) / (length - 1) - 1
    return max(np.abs(same).max(), np.abs(lagged).max()), bound


def draw(name, instance, n_chains, n_sweeps, seed=1):
    """Return all states, shape (n_chains, n_sweeps, n_spins)."""
    return BACKENDS[name]().sample(instance, Schedule.constant(0.4, n_sweeps), n_chains, seed=seed).spins


@pytest.mark.promise("reference.seed")
@pytest.mark.slow
def test_chains_are_uncorrelated(name):
    spins = draw(name, free_spins(2), n_chains=200, n_sweeps=2000)
    found, bound = largest_correlation(spins[:, :, 0])
    assert found < bound


def test_spins_and_sweeps_are_uncorrelated(name):
    """70 spins of one colour: more than four turns of the sixteen generators of a chain."""
    spins = draw(name, free_spins(70), n_chains=3, n_sweeps=3000)
    for chain in spins:
        found, bound = largest_correlation(chain.T)
        assert found < bound


@pytest.mark.promise("reference.seed")
def test_shared_generator_is_seen(name, monkeypatch):
    module, together = SEEDS[name]
    original = module.stream_words
    monkeypatch.setattr(module, "stream_words", lambda seed, k, *rest: original(seed, np.asarray(k) // together, *rest))
    found, bound = largest_correlation(draw(name, free_spins(2), n_chains=200, n_sweeps=2000)[:, :, 0])
    assert found > bound


def test_generator_shared_by_two_spins_is_seen(monkeypatch):
    """Slot 1 of every chain starts where slot 0 does."""

    def shared(seed, chains, n_words, dtype):
        words = float_sampler_words(seed, chains, n_words, dtype)
        words[:, 4:8] = words[:, :4]
        return words

    float_sampler_words = float_sampler.stream_words
    monkeypatch.setattr(float_sampler, "stream_words", shared)
    found, bound = largest_correlation(draw("float32", free_spins(70), n_chains=1, n_sweeps=3000)[0].T)
    assert found > bound


def test_coupled_chains_are_independent(name):
    """The variance over time of the chains' mean energy is that of one chain divided by their number."""
    n_chains, instance = 300, ring(8)
    schedule, recording = Schedule.constant(0.3, 40 * 2000), Recording(after=40, every=40)
    energies = BACKENDS[name]().sample(instance, schedule, n_chains, seed=2, recording=recording).energies
    ratio = energies.mean(axis=0).var(ddof=1) / (energies.var(axis=1, ddof=1).mean() / n_chains)
    low, high = stats.chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], energies.shape[1] - 1) / (energies.shape[1] - 1)
    assert low < ratio < high
    energies[1] = energies[0]
    pairs = np.repeat(energies[::2], 2, axis=0)
    ratio = pairs.mean(axis=0).var(ddof=1) / (pairs.var(axis=1, ddof=1).mean() / n_chains)
    assert ratio > high, "test too weak: chains equal in pairs must be seen"


def test_chain_does_not_depend_on_its_company(name):
    """Blocks of 64, 16 and single chains, and parts of a bit-sliced group, give a chain the same path."""
    full = draw(name, ring(40), n_chains=82, n_sweeps=30)
    for n_chains in (1, 5, 16, 33, 64):
        assert np.array_equal(draw(name, ring(40), n_chains, n_sweeps=30), full[:n_chains])
    assert len(np.unique(full[:, -1], axis=0)) > 70, "chains must differ"


@pytest.mark.promise("reference.bit-sliced")
def test_groups_of_bit_slices_differ():
    spins = draw("bitsliced", ring(64), n_chains=1025, n_sweeps=5)[:, -1]
    assert len(np.unique(spins, axis=0)) == 1025
    assert np.array_equal(spins[:512], draw("bitsliced", ring(64), n_chains=512, n_sweeps=5)[:, -1])


@pytest.mark.promise("reference.seed")
def test_seed_reproduces_a_run(name):
    first, again, other = (draw(name, ring(40), 70, 10, seed) for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[:, -1], other[:, -1])


def test_threads_do_not_change_the_samples(name):
    schedule, runs = Schedule.constant(0.4, 10), []
    for n_threads in (1, 3):
        runs.append(BACKENDS[name](n_threads=n_threads).sample(ring(40), schedule, n_chains=1100, seed=3))
    assert np.array_equal(runs[0].spins, runs[1].spins)
    assert np.array_equal(runs[0].energies, runs[1].energies)
    assert np.array_equal(runs[0].edge_means, runs[1].edge_means)
