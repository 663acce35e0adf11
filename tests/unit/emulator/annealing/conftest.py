"""Exact laws of small systems, and how many draws tell two of them apart."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import optimize, stats

from spinchip.emulator.annealing.methods import make_settings
from spinchip.emulator.annealing.packed.searches import PackedAnnealing, PackedQuantum, PackedTempering, packed_model
from spinchip.emulator.annealing.plain.searches import PlainAnnealing, PlainPopulation, PlainQuantum, PlainTempering
from spinchip.emulator.annealing.problem import make_problem
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.stats.distance import g_test

ALPHA = 1e-6  # false alarms of one test
PLAIN = {"sa": PlainAnnealing, "sqa": PlainQuantum, "apt": PlainTempering, "pa": PlainPopulation}
PACKED = {"sa": PackedAnnealing, "sqa": PackedQuantum, "apt": PackedTempering}


# Fields of up to 6 or 7 units everywhere, so that the packed kernels are compiled once for all tests.


def triangle(bias):
    """Return three spins with unequal couplings, frustrated, and biases 0, ``bias`` and -``bias``; bias 0 or 1/2."""
    return IsingInstance.from_edges(3, [(0, 1), (1, 2), (0, 2)], [0.5, 1.0, -2.0], [0.0, bias, -bias])


def pair():
    """Return two spins with a coupling and equal biases."""
    return IsingInstance.from_edges(2, [(0, 1)], [1.5], [0.25, 0.25])


def chain():
    """Return a chain of four spins with unequal couplings and equal biases."""
    return IsingInstance.from_edges(4, [(0, 1), (1, 2), (2, 3)], [0.75, -0.5, 0.75], [0.25] * 4)


def all_states(n):
    """Return all states -1/+1; bit i of the row number is spin i."""
    return 2 * (np.arange(1 << n)[:, None] >> np.arange(n) & 1) - 1


def numbers_of(spins):
    """Return the row numbers of states."""
    return (np.asarray(spins) > 0) @ (1 << np.arange(np.shape(spins)[-1]))


def boltzmann(instance, beta):
    """Return the law exp(-beta E) over all states."""
    energies = instance.energies(all_states(instance.n_spins))
    weights = np.exp(-beta * (energies - energies.min()))
    return weights / weights.sum()


def trotter_law(instance, n_replicas, beta, coupling):
    """Return the joint law of a ring of replicas; bit ``k n + i`` of a state's number is spin i of replica k."""
    n = instance.n_spins
    states = all_states(n * n_replicas).reshape(-1, n_replicas, n)
    energies = instance.energies(states).sum(axis=1)
    along = (states * np.roll(states, -1, axis=1)).sum(axis=(1, 2))
    weights = np.exp(coupling * along - beta * energies)
    return weights / weights.sum()


def draws_needed(law, wrong):
    """Return how many draws reject ``wrong`` as ``law`` with odds of a million to one, by the G test."""
    distance = np.sum(wrong * np.log(wrong / law))
    dof = len(law) - 1
    critical = stats.chi2.isf(ALPHA, dof)
    need = optimize.brentq(lambda x: stats.ncx2.sf(critical, dof, x) - (1 - ALPHA), 1.0, 1e6)
    return int(np.ceil(need / (2 * distance)))


def p_value(numbers, law):
    """Return the p-value of draws, by their numbers, under a law."""
    return g_test(np.bincount(numbers, minlength=len(law)), law, 20.0).p_value


def search(engine, instance, method, n_runs, seed, sweeps=10**6, **settings):
    """Return a search that has not begun."""
    chosen, problem = make_settings(method, settings), make_problem(instance)
    if engine == "plain":
        return PLAIN[method](problem, chosen, sweeps, range(n_runs), seed)
    return PACKED[method](packed_model(problem), chosen, sweeps, range(n_runs), seed)


@pytest.fixture(scope="session")
def laws():
    """Return the functions above; a folder of tests is no package to import from."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if callable(value)}, ALPHA=ALPHA)


@pytest.fixture(scope="session")
def planted():
    """Return a glass of 64 spins whose ground energy is known."""
    return generate("planted", L=4, density=0.25, seed=13)
