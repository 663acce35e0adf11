"""Coordinate files: lines ``i j J`` and ``i i h``, spins from 0."""

from __future__ import annotations

import numpy as np

from ..spec.atomic_write import whole_file
from .edge_list import EdgeList
from .pairs import distinct_pairs
from .triples import read_triples, write_triples


def read_coo(path):
    """Read couplings ``i j J`` and biases ``i i h``; the spins are 0 ... highest index.

    A pair may stand as (i, j), as (j, i), or as both with the same value: J is symmetric. A line ``i i 0`` is how
    a file names a last spin that has neither couplings nor bias.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    EdgeList
    """
    triples = read_triples(path)
    n_spins = triples.n_spins()
    diagonal = np.flatnonzero(triples.first == triples.second)
    spins = triples.first[diagonal]
    order = np.argsort(spins, kind="stable")
    again = order[1:][spins[order][1:] == spins[order][:-1]]
    if len(again):
        row = diagonal[again.min()]
        raise triples.fault_at(row, f"Bias of spin {triples.first[row]} must be given once, not repeated")
    biases = np.zeros(n_spins)
    biases[spins] = triples.values[diagonal]
    pairs = np.flatnonzero(triples.first != triples.second)
    rows = distinct_pairs(triples, n_spins, mirrored="allowed", rows=pairs)
    edges = np.stack([triples.first[rows], triples.second[rows]], axis=1)
    return EdgeList(n_spins, edges, triples.values[rows], biases)


def write_coo(instance, path):
    """Write every pair once, i < j, then the biases other than zero."""
    ends = instance.edges
    biased = np.flatnonzero(instance.biases)
    last = instance.n_spins - 1
    if instance.degrees[last] == 0 and instance.biases[last] == 0:
        biased = np.append(biased, last)
    with whole_file(path) as handle:
        write_triples(handle, ends[:, 0], ends[:, 1], instance.edge_values)
        write_triples(handle, biased, biased, instance.biases[biased])
