"""Parallel tempering and cluster moves on the plain kernels."""

import numpy as np
from numba import njit

from .kernels import flip, gibbs_sweep, keep_best, uniform


@njit(cache=True)
def _where_product_is(replicas, pair, sign, members):
    """List the spins whose product over a pair of replicas is ``sign``; return how many."""
    size = 0
    for i in range(replicas.spins.shape[1]):
        if replicas.spins[pair[0], i] * replicas.spins[pair[1], i] == sign:
            members[size] = i
            size += 1
    return size


@njit(cache=True)
def cluster_move(graph, replicas, pair, random, run, seed_both_signs, scratch):
    """Flip one cluster in two replicas of one beta, which leaves the sum of their energies as it was.

    A cluster is a connected set of spins that all differ between the replicas, or all agree, and whose neighbours
    outside do not. Across its edge, flipping it in both replicas turns the products a_i a_j and b_i b_j, which are
    opposite there, so the couplings' energies change by opposite amounts. Biases change it alike only where the
    spins differ; clusters of agreeing spins are therefore taken at zero field alone (``seed_both_signs``), where they
    are the complement of the usual ones up to a flip of all spins. The choice depends on the products a_i b_i, which
    the move leaves alone, so the way back is as likely.

    Parameters
    ----------
    graph : Graph
        Couplings and biases, by neighbour lists.
    replicas : Replicas
        State of the replicas; changed in place.
    pair : tuple of int
        Indices of two replicas.
    random : ndarray, shape (n_runs, 4), uint64
        Generators of the runs.
    run : int
        Index of the random generator to draw from.
    seed_both_signs : bool
        Grow from the smaller of the two sets, instead of always from the differing spins.
    scratch : ndarray, shape (2, n), int64
        Members and marks; marks are 0 on entry and on return.
    """
    a, b = pair
    members, marks = scratch[0], scratch[1]
    sign = -1
    size = _where_product_is(replicas, pair, sign, members)
    if seed_both_signs and 2 * size > len(graph.biases):
        sign = 1
        size = _where_product_is(replicas, pair, sign, members)
    if size == 0:
        return
    members[0] = members[int(uniform(random, run) * size)]
    marks[members[0]] = 1
    size, done = 1, 0
    while done < size:
        i = members[done]
        done += 1
        for entry in range(graph.pointers[i], graph.pointers[i + 1]):
            j = graph.neighbors[entry]
            if marks[j] == 0 and replicas.spins[a, j] * replicas.spins[b, j] == sign:
                marks[j] = 1
                members[size] = j
                size += 1
    for member in range(size):
        i = members[member]
        marks[i] = 0
        flip(graph, replicas, a, i)
        flip(graph, replicas, b, i)


@njit(cache=True)
def shuffle(slots, random, run):
    """Put a few slots into random order."""
    for last in range(len(slots) - 1, 0, -1):
        chosen = int(uniform(random, run) * (last + 1))
        slots[last], slots[chosen] = slots[chosen], slots[last]


@njit(cache=True)
def accepts_swap(beta_difference, energy_difference, random, run):
    r"""Decide a swap between (beta_1, E_1) and (beta_2, E_2).

    .. math:: P = \min\left(1, e^{(\beta_2 - \beta_1)(E_2 - E_1)}\right)

    Parameters
    ----------
    beta_difference, energy_difference : float
        Value of the second replica less that of the first.
    random, run
        States of the random generators, and the index of the one to draw from.
    """
    return uniform(random, run) < np.exp(min(0.0, beta_difference * energy_difference))


@njit(cache=True)
def swap_neighbors(replicas, slots, betas, first, random, run):
    """Swap replicas of neighbouring betas, from beta number ``first`` on, two betas a time; return how many."""
    n_swaps = 0
    for lower in range(first, len(betas) - 1, 2):
        for place in range(slots.shape[1]):
            cold, hot = slots[lower + 1, place], slots[lower, place]
            difference = replicas.energies[cold] - replicas.energies[hot]
            if accepts_swap(betas[lower + 1] - betas[lower], difference, random, run):
                slots[lower + 1, place], slots[lower, place] = hot, cold
                n_swaps += 1
    return n_swaps


@njit(cache=True, nogil=True)
def temper_sweeps(graph, replicas, best, setting, span, places, random):
    """Run sweeps of parallel tempering.

    Parameters
    ----------
    graph, replicas
        Replicas of all runs.
    best : tuple of ndarray
        Lowest energies of the runs, and their states.
    setting : tuple
        Betas in inverse units, whether clusters are moved, whether from both signs.
    span : tuple of int
        Number of the first sweep, and of the one after the last.
    places : tuple of ndarray
        Which replica is where, shape (n_runs, n_betas, n_replicas), changed in place; accepted swaps of each pair of
        betas, shape (n_betas - 1,), added to.
    random : ndarray, shape (n_runs, 4), uint64
        Generators of clusters and swaps.
    """
    betas, clusters, both = setting
    slots, n_swaps = places
    scratch = np.zeros((2, len(graph.biases)), dtype=np.int64)
    for run in range(len(slots)):
        for sweep in range(span[0], span[1]):
            for rung in range(len(betas)):
                for place in range(slots.shape[2]):
                    gibbs_sweep(graph, replicas, slots[run, rung, place], betas[rung])
                if clusters:
                    shuffle(slots[run, rung], random, run)
                    for place in range(0, slots.shape[2] - 1, 2):
                        pair = (slots[run, rung, place], slots[run, rung, place + 1])
                        cluster_move(graph, replicas, pair, random, run, both, scratch)
                for place in range(slots.shape[2]):
                    keep_best(replicas, slots[run, rung, place], best[0], best[1], run)
            for lower in range(sweep % 2, len(betas) - 1, 2):
                n_swaps[lower] += swap_neighbors(
                    replicas, slots[run, lower : lower + 2], betas[lower : lower + 2], 0, random, run
                )
