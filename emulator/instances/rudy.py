"""Rudy files, the format of G-set and BiqMac: weighted graphs for Max-Cut."""

from __future__ import annotations

import numpy as np

from ..spec.atomic_write import whole_file
from ..spec.errors import InputError
from .edge_list import MAX_COUPLINGS, MAX_SPINS, EdgeList
from .faults import fault, shown
from .pairs import distinct_pairs
from .triples import data_lines, read_triples, write_triples


def read_rudy(path):
    """Read a Max-Cut problem: a line ``n m``, then m lines ``i j w`` with spins from 1.

    The largest cut is the ground state of J = -w: cut = (total weight - E) / 2, and the notes keep the total weight.
    A third word in the first line, as in G1's ``800 19176 J``, is ignored.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    EdgeList
    """
    triples = read_triples(path, has_header=True)
    n_spins, n_edges = _sizes(path, triples.header)
    triples.check(1, n_spins)
    if len(triples.values) != n_edges:
        raise fault(path, f"Number of edges must be the {n_edges} that the header promises, not {len(triples.values)}")
    triples.check_no_loops()
    rows = distinct_pairs(triples, n_spins, mirrored="refused")
    edges = np.stack([triples.first[rows], triples.second[rows]], axis=1) - 1
    weights = triples.values[rows]
    return EdgeList(n_spins, edges, -weights, notes={"total_weight": float(weights.sum())})


def _sizes(path, header):
    """Return the numbers of spins and edges that the header states."""
    line = next(data_lines(path))[0]
    if len(header) not in (2, 3) or not all(word.isascii() and word.isdigit() for word in header[:2]):
        raise fault(path, f"Header must be 'n m', the numbers of spins and edges, not {shown(' '.join(header))}", line)
    for name, word, low, high in (("spins", header[0], 1, MAX_SPINS), ("edges", header[1], 0, MAX_COUPLINGS)):
        if len(word) > 18 or not low <= int(word) <= high:
            raise fault(path, f"Number of {name} must be in {low}..{high}, not {shown(word)}", line)
    return int(header[0]), int(header[1])


def write_rudy(instance, path):
    """Write the Max-Cut problem w = -J; an instance with biases is refused, since the format has no place for them."""
    if instance.biases.any():
        rule = "be zero in a rudy file, which holds no biases (write npz or coo)"
        raise InputError(f"Biases must {rule}, not set at spin {np.flatnonzero(instance.biases)[0]}")
    with whole_file(path) as handle:
        handle.write(f"{instance.n_spins} {instance.n_couplings}\n")
        ends = instance.edges + 1
        write_triples(handle, ends[:, 0], ends[:, 1], -instance.edge_values)
