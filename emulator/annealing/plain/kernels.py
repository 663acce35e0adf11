"""Gibbs sweeps on one replica at a time, with local fields kept: for couplings of any kind.

A flip changes the fields of the neighbours and the energy, in whole units where the problem has them; a spin that
stays costs one random number. Random words come from xoshiro256++, one generator a replica.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from ...kernels.random_lanes import STATE_WORDS, stream_words


class Replicas(NamedTuple):
    """Replicas in flight; all arrays are changed in place.

    Parameters
    ----------
    spins : ndarray, shape (k, n), int8
        States -1/+1.
    fields : ndarray, shape (k, n), float64
        Local fields in units.
    energies : ndarray, shape (k,), float64
        Energies in units.
    random : ndarray, shape (k, 4), uint64
        State of the random generators.
    """

    spins: np.ndarray
    fields: np.ndarray
    energies: np.ndarray
    random: np.ndarray


def new_replicas(problem, seed, streams):
    """Return replicas in random states, one for each number of a random stream."""
    graph, n, count = problem.graph, problem.n_spins, len(streams)
    random = stream_words(seed, streams, STATE_WORDS)
    replicas = Replicas(
        np.empty((count, n), dtype=np.int8),
        np.empty((count, n)),
        np.empty(count),
        random,
    )
    _start(graph, replicas)
    return replicas


@njit(cache=True)
def uniform(random, k):
    """Return a number inside (0, 1), a multiple of 2^-54, from generator ``k``."""
    a, b, c, d = random[k, 0], random[k, 1], random[k, 2], random[k, 3]
    total = a + d
    word = ((total << np.uint64(23)) | (total >> np.uint64(41))) + a
    c ^= a
    d ^= b
    random[k, 1] = b ^ c
    random[k, 0] = a ^ d
    random[k, 2] = c ^ (b << np.uint64(17))
    random[k, 3] = (d << np.uint64(45)) | (d >> np.uint64(19))
    return (np.float64(word >> np.uint64(11)) + 0.5) * 2.0**-53


@njit(cache=True)
def refresh(graph, replicas, k):
    """Compute fields and energy of replica ``k`` from its spins."""
    energy = 0.0
    for i in range(len(graph.biases)):
        field = graph.biases[i]
        for entry in range(graph.pointers[i], graph.pointers[i + 1]):
            field += graph.values[entry] * replicas.spins[k, graph.neighbors[entry]]
        replicas.fields[k, i] = field
        energy -= (field + graph.biases[i]) * replicas.spins[k, i]
    replicas.energies[k] = energy / 2  # each coupling and each bias was added twice: even, in whole units


@njit(cache=True)
def _start(graph, replicas):
    for k in range(len(replicas.energies)):
        for i in range(len(graph.biases)):
            replicas.spins[k, i] = 1 if uniform(replicas.random, k) < 0.5 else -1
        refresh(graph, replicas, k)


@njit(cache=True)
def flip(graph, replicas, k, i):
    """Flip spin ``i`` of replica ``k``."""
    spin = replicas.spins[k, i]
    replicas.energies[k] += 2 * spin * replicas.fields[k, i]
    replicas.spins[k, i] = -spin
    for entry in range(graph.pointers[i], graph.pointers[i + 1]):
        replicas.fields[k, graph.neighbors[entry]] -= 2 * spin * graph.values[entry]


@njit(cache=True)
def is_turned(drawn, x):
    """Decide a flip that has the probability 1 / (1 + e^x), by a number drawn from (0, 1).

    Most spins lie deep in their fields, x > 0, where e^x > 1 + x + x^2 / 2 already settles the matter.
    """
    if x > 0.0 and drawn * (2.0 + x * (1.0 + 0.5 * x)) >= 1.0:
        return False
    return drawn * (1.0 + np.exp(x)) < 1.0


@njit(cache=True)
def gibbs_sweep(graph, replicas, k, beta):
    """Update every spin of replica ``k`` once; ``beta`` is in inverse units."""
    for i in range(len(graph.biases)):
        spin = replicas.spins[k, i]
        x = 2.0 * beta * spin * replicas.fields[k, i]
        if is_turned(uniform(replicas.random, k), x):
            flip(graph, replicas, k, i)


@njit(cache=True)
def keep_best(replicas, k, best_energies, best_spins, run):
    """Keep the state of replica ``k`` if it is the lowest of its run so far."""
    if replicas.energies[k] < best_energies[run]:
        best_energies[run] = replicas.energies[k]
        best_spins[run] = replicas.spins[k]


@njit(cache=True, nogil=True)
def anneal_sweeps(graph, replicas, best_energies, best_spins, betas):
    """Sweep replica k, which is run k, once at each beta."""
    for k in range(len(replicas.energies)):
        for beta in betas:
            gibbs_sweep(graph, replicas, k, beta)
            keep_best(replicas, k, best_energies, best_spins, k)
