"""Discrete-time simulated quantum annealing on the plain kernels."""

from numba import njit

from .kernels import flip, is_turned, keep_best, uniform


@njit(cache=True)
def trotter_sweep(graph, replicas, first, n_replicas, beta, coupling):
    """Update every spin of the ring of replicas from ``first`` on once; ``beta`` is in inverse units."""
    for place in range(n_replicas):
        k = first + place
        before = first + (place - 1) % n_replicas
        after = first + (place + 1) % n_replicas
        for i in range(len(graph.biases)):
            across = replicas.spins[before, i] + replicas.spins[after, i]
            x = 2.0 * replicas.spins[k, i] * (beta * replicas.fields[k, i] + coupling * across)
            if is_turned(uniform(replicas.random, k), x):
                flip(graph, replicas, k, i)


@njit(cache=True, nogil=True)
def quantum_sweeps(graph, replicas, best_energies, best_spins, beta, couplings):
    """Sweep the rings of all runs once for each Trotter coupling."""
    n_runs = len(best_energies)
    n_replicas = len(replicas.energies) // n_runs
    for run in range(n_runs):
        for coupling in couplings:
            trotter_sweep(graph, replicas, run * n_replicas, n_replicas, beta, coupling)
            for k in range(run * n_replicas, (run + 1) * n_replicas):
                keep_best(replicas, k, best_energies, best_spins, run)
