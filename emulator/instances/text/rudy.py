"""Rudy files, the format of G-set and BiqMac: weighted graphs for Max-Cut."""

from __future__ import annotations

import numpy as np

from ...spec.errors import InputError
from ...spec.files.atomic_write import whole_file
from ...spec.model_size import MAX_COUPLINGS, MAX_SPINS
from ..edge_list import EdgeList
from ..faults import check_spin_count, fault, shown
from ..pairs import distinct_pairs
from .lines import data_lines
from .triples import read_triples, write_triples


def read_rudy(path, sign=None):
    """Read a Max-Cut problem: a line ``n m``, then m lines ``i j w`` with spins from 1.

    The largest cut is the ground state of J = -w: cut = (total weight - E) / 2, and the notes keep the total weight.
    A third word in the first line, as in G1's ``800 19176 J``, is ignored.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    sign : {"minus", "plus"}, optional
        Plus is the weight of Max-Cut; minus reads the numbers as couplings J instead, without a cut.

    Returns
    -------
    EdgeList
    """
    triples = read_triples(path, has_header=True)
    n_spins = checked_sizes(triples)
    triples.check(1, n_spins)
    triples.check_no_loops(" (a QUBO? --format qubo)")
    rows = distinct_pairs(triples, n_spins, mirrored="refused")
    edges = np.stack([triples.first[rows], triples.second[rows]], axis=1) - 1
    weights = triples.values[rows]
    if sign == "minus":
        return EdgeList(n_spins, edges, weights)
    return EdgeList(n_spins, edges, -weights, notes={"total_weight": total_weight(path, weights)})


def total_weight(path, weights):
    """Return the sum of the weights; refuse one that is not finite."""
    with np.errstate(over="ignore"):
        total = float(weights.sum())
    if not np.isfinite(total):
        raise fault(path, "Sum of the weights must be finite, not overflow")
    return total


def checked_sizes(triples, what="edges"):
    """Return the number of spins that the header ``n m`` states; refuse another number of lines than its m."""
    path, header = triples.path, triples.header
    line = next(data_lines(path))[0]
    if len(header) not in (2, 3) or not all(word.isascii() and word.isdigit() for word in header[:2]):
        raise fault(path, f"Header must be 'n m', the numbers of spins and {what}, not {shown(' '.join(header))}", line)
    for name, word, low, high in (("spins", header[0], 1, MAX_SPINS), (what, header[1], 0, MAX_COUPLINGS)):
        if len(word) > 18 or not low <= int(word) <= high:
            raise fault(path, f"Number of {name} must be in {low}..{high}, not {shown(word)}", line)
    check_spin_count(path, int(header[0]), line)
    n_rows, promised = len(triples.values), int(header[1])
    rule = f"Number of {what} must be the {promised} that the header promises, not {n_rows}"
    if n_rows < promised:
        raise triples.fault_at(n_rows - 1, f"{rule} (truncated?)")
    if n_rows > promised:
        raise triples.fault_at(promised, f"{rule} (the first too many is this line)")
    return int(header[0])


def write_rudy(instance, path):
    """Write the Max-Cut problem w = -J; an instance with biases is refused, since the format has no place for them."""
    if instance.biases.any():
        rule = "be zero in a rudy file, which holds no biases (write npz or coo)"
        raise InputError(f"Biases must {rule}, not set at spin {np.flatnonzero(instance.biases)[0]}")
    with whole_file(path) as handle:
        handle.write(f"{instance.n_spins} {instance.n_couplings}\n")
        ends = instance.edges + 1
        write_triples(handle, ends[:, 0], ends[:, 1], -instance.edge_values)
