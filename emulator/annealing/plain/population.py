"""Population annealing on the plain kernels."""

import numpy as np
from numba import njit

from .kernels import gibbs_sweep, keep_best, uniform


@njit(cache=True)
def resample(replicas, first, count, step, random, run, chosen):
    """Resample one population by its weights exp(-step E); return ln of their mean.

    Systematic resampling: one random number places a comb of ``count`` teeth over the weights, so a replica is copied
    as often as its share of the weight says, up to rounding, and the size of the population stays.

    Parameters
    ----------
    replicas : Replicas
        State of the replicas; changed in place.
    first, count : int
        Index of the first replica, and number of replicas.
    step : float
        Rise of beta, in inverse units.
    random, run
        States of the random generators, and the index of the one to draw from.
    chosen : ndarray, shape (count,), int64
        Scratch: who is copied to whom.
    """
    lowest = replicas.energies[first]
    for k in range(first, first + count):
        lowest = min(lowest, replicas.energies[k])
    total = 0.0
    for k in range(first, first + count):
        total += np.exp(-step * (replicas.energies[k] - lowest))
    tooth, summed, source = uniform(random, run), 0.0, -1
    for place in range(count):
        while summed <= (place + tooth) * total / count and source < count - 1:
            source += 1
            summed += np.exp(-step * (replicas.energies[first + source] - lowest))
        chosen[place] = source
    _copy_chosen(replicas, first, chosen)
    return np.log(total / count) - step * lowest


@njit(cache=True)
def _copy_chosen(replicas, first, chosen):
    """Copy states as chosen; sources rise, so those that stay first keep what others still need."""
    count = len(chosen)
    spins = replicas.spins[first : first + count].copy()
    fields = replicas.fields[first : first + count].copy()
    energies = replicas.energies[first : first + count].copy()
    for place in range(count):
        replicas.spins[first + place] = spins[chosen[place]]
        replicas.fields[first + place] = fields[chosen[place]]
        replicas.energies[first + place] = energies[chosen[place]]


@njit(cache=True, nogil=True)
def population_sweeps(graph, replicas, best, betas, random, families, log_means):
    """Sweep the populations of all runs once at each beta, and resample them wherever it rises.

    Parameters
    ----------
    graph, replicas
        Populations of all runs, one after another.
    best : tuple of ndarray
        Lowest energies of the runs, and their states.
    betas : ndarray, shape (1 + n_sweeps,), float64
        Inverse temperature of the sweep before the first, and of each sweep, in inverse units.
    random : ndarray, shape (n_runs, 4), uint64
        Generators of the resampling.
    families : ndarray, shape (n_runs, population), int64
        Number of the first ancestor of each replica; changed in place.
    log_means : ndarray, shape (n_runs,), float64
        ln(Z(beta) / Z(0)) as estimated; added to.
    """
    count = families.shape[1]
    chosen = np.empty(count, dtype=np.int64)
    for run in range(len(best[0])):
        last = betas[0]
        for beta in betas[1:]:
            if beta > last:
                log_means[run] += resample(replicas, run * count, count, beta - last, random, run, chosen)
                families[run] = families[run][chosen]
                last = beta
            for k in range(run * count, (run + 1) * count):
                gibbs_sweep(graph, replicas, k, beta)
                keep_best(replicas, k, best[0], best[1], run)
