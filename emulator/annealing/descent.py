"""Descent to a state that no single flip lowers: the last step of every search, and the estimate of its first betas."""

import numpy as np
from numba import njit

SLACK = 1e-12  # of the largest field: fields of real couplings are sums with rounding


@njit(cache=True)
def _fields(graph, spins, fields):
    for i in range(len(fields)):
        field = graph.biases[i]
        for entry in range(graph.pointers[i], graph.pointers[i + 1]):
            field += graph.values[entry] * spins[graph.neighbors[entry]]
        fields[i] = field


@njit(cache=True, nogil=True)
def _descend(graph, spins, fields, slack):
    """Flip spins that point against their fields, in order, until none does; each flip lowers the energy."""
    for k in range(len(spins)):
        _fields(graph, spins[k], fields[k])
        is_moving = True
        while is_moving:
            is_moving = False
            for i in range(spins.shape[1]):
                spin = spins[k, i]
                if spin * fields[k, i] >= -slack:
                    continue
                spins[k, i] = -spin
                is_moving = True
                for entry in range(graph.pointers[i], graph.pointers[i + 1]):
                    fields[k, graph.neighbors[entry]] -= 2 * spin * graph.values[entry]


def descend(problem, spins):
    """Return the local minima below some states, and the local fields there.

    Parameters
    ----------
    problem : Problem
        Model to search, in whole units.
    spins : ndarray, shape (k, n), int8
        States; left as they are.

    Returns
    -------
    spins : ndarray, shape (k, n), int8
        No flip of one spin lowers their energies, but for rounding; a state that is such a minimum comes back as it is.
    fields : ndarray, shape (k, n), float64
        J s + h [energy].
    """
    graph, found = problem.graph, np.array(spins, dtype=np.int8)
    largest = np.abs(graph.biases)
    np.add.at(largest, np.repeat(np.arange(problem.n_spins), np.diff(graph.pointers)), np.abs(graph.values))
    slack = 0.0 if problem.exact else SLACK * float(largest.max(initial=0.0))
    fields = np.empty(found.shape)
    _descend(graph, found, fields, slack)
    return found, fields * problem.unit
