"""Exact laws of small instances by enumeration, written here so that the tests share nothing with the oracle room."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.spec.coloring import find_coloring
from spinchip.emulator.spec.instance import IsingInstance

ALPHA = 1e-6  # false alarms of one test


def small_instance(n, seed, biased=True):
    """Return a random graph whose couplings and biases are multiples of one half, with degrees from 1 up."""
    rng = np.random.default_rng(seed)
    ring = [(i, (i + 1) % n) for i in range(n)]
    chords = [(i, j) for i in range(n) for j in range(i + 2, n) if (i, j) != (0, n - 1) and rng.random() < 0.3]
    edges = ring[:-1] + chords
    biases = rng.choice([0.0, 0.5, -1.0], n) if biased else np.zeros(n)
    biases[0] = 0.5 if biased else 0.0
    return IsingInstance.from_edges(n, edges, rng.choice([0.5, -0.5, 1.0, -1.5], len(edges)), biases)


def all_states(n):
    """Return all states -1/+1; bit i of the row number is spin i."""
    return 2 * (np.arange(1 << n)[:, None] >> np.arange(n) & 1) - 1


def numbers_of(spins):
    """Return the row numbers of states."""
    return (np.asarray(spins) > 0) @ (1 << np.arange(spins.shape[-1]))


def boltzmann(instance, beta, clamps=None):
    """Return the law exp(-beta E) over all states that agree with the clamps."""
    states = all_states(instance.n_spins)
    energies = instance.energies(states)
    weights = np.exp(-beta * (energies - energies.min()))
    if clamps is not None:
        weights *= ((clamps == 0) | (states == clamps)).all(axis=1)
    return weights / weights.sum()


def after_sweeps(instance, segments, first, clamps=None):
    """Return the exact law after a schedule, spins being updated colour by colour from the state ``first``."""
    n = instance.n_spins
    states, fields = all_states(n), instance.local_fields(all_states(n))
    law = np.zeros(1 << n)
    law[numbers_of(np.asarray(first))] = 1.0
    free = range(n) if clamps is None else np.flatnonzero(np.asarray(clamps) == 0)
    order = sorted(free, key=lambda spin: find_coloring(instance)[spin])
    for beta, n_sweeps in segments:
        for spin in list(order) * n_sweeps:
            both = law + law[np.arange(1 << n) ^ (1 << spin)]
            law = both / (1 + np.exp(-2 * beta * fields[:, spin] * states[:, spin]))
    return law


def merged(expected, *others):
    """Merge the rarest cells until every expected count is 5 or more."""
    order = np.argsort(expected)
    n_merged = int(np.searchsorted(np.cumsum(expected[order]), 5.0)) + 1
    n_merged = max(n_merged, int((expected < 5).sum()))
    groups = [order[:n_merged], *order[n_merged:, None]]
    return [np.array([column[group].sum() for group in groups]) for column in (expected, *others)]


def p_value(spins, law):
    """Return the p-value of Pearson's test of independent states against a law; zero if an impossible state came."""
    counts = np.bincount(numbers_of(spins), minlength=len(law))
    if counts[law == 0].any():
        return 0.0
    expected, counts = merged(law[law > 0] * len(spins), counts[law > 0])
    return float(stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), len(expected) - 1))


def states_to_reject(law, wrong):
    """Return how many independent states make Pearson's test at ALPHA miss ``wrong`` once in a million."""
    for n in np.ceil(1000 * 1.25 ** np.arange(60)).astype(int):
        expected, actual = merged(law * n, wrong * n)
        dof, shift = len(expected) - 1, ((actual - expected) ** 2 / expected).sum()
        if stats.ncx2.cdf(stats.chi2.isf(ALPHA, dof), dof, shift) < 1e-6:
            return int(n)
    raise AssertionError("The two laws are too close to be told apart")


@pytest.fixture(scope="session")
def exact():
    """Give the functions of this file to the tests of this room."""
    return SimpleNamespace(
        ALPHA=ALPHA,
        small_instance=small_instance,
        all_states=all_states,
        boltzmann=boltzmann,
        after_sweeps=after_sweeps,
        p_value=p_value,
        states_to_reject=states_to_reject,
    )
