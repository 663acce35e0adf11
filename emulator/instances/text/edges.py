"""Graphs as text: lists of edges with or without weights, and DIMACS files ``p edge`` (``.col``)."""

from __future__ import annotations

from array import array

import numpy as np

from ...spec.model_size import MAX_COUPLINGS, MAX_SPINS
from ..edge_list import EdgeList
from ..faults import check_spin_count, fault, shown
from ..pairs import distinct_pairs
from .coo import told_base
from .lines import data_lines
from .rudy import total_weight
from .triples import Triples, finite, integer

SIGNS = {"minus": 1.0, "plus": -1.0}  # J of an edge of weight 1
READINGS = "--sign minus reads J = w (E = -sum w s s), --sign plus J = -w (Max-Cut)"
GRAPHS = ("edge", "edges", "col")


def read_edges(path, base=None, sign=None):
    """Read lines ``i j`` or ``i j w``; an edge without a weight weighs 1.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    base : {0, 1}, optional
        Number of the first spin; must be given if no spin 0 stands in the file, else it is 0.
    sign : {"minus", "plus"}
        What an edge means; a graph does not say it, so it must be given.

    Returns
    -------
    EdgeList
    """
    lines = data_lines(path)
    triples = read_rows(path, lines)
    _check_no_header(triples)
    _check_sign(path, sign)
    base = told_base(triples, base)
    return _edge_list(triples, triples.n_spins(base), base, sign)


def read_dimacs_graph(path, sign=None):
    """Read ``p edge n m``, then m lines ``e i j`` or ``e i j w``, spins from 1; see `read_edges`.

    References
    ----------
    DIMACS challenge on colouring, ccformat.
    """
    lines = data_lines(path)
    number, words = next(lines, (None, []))
    sizes = words[2:]
    known = words[:1] == ["p"] and words[1:2] and words[1] in GRAPHS
    if not known or len(sizes) != 2 or not all(word.isascii() and word.isdigit() for word in sizes):
        raise fault(path, f"Header must be 'p edge n m', not {shown(' '.join(words))}", number)
    n_spins, n_edges = (integer(path, word, number, "Number in the header") for word in sizes)
    if not 1 <= n_spins <= MAX_SPINS or n_edges > MAX_COUPLINGS:
        raise fault(path, f"Numbers of spins and edges must be in 1..{MAX_SPINS}, not {n_spins} and {n_edges}", number)
    check_spin_count(path, n_spins, number)
    triples = read_rows(path, _without_letter(path, lines), header=tuple(words))
    if len(triples.values) != n_edges:
        truncated = " (truncated?)" if len(triples.values) < n_edges else ""
        rule = f"be the {n_edges} that the header promises, not {len(triples.values)}{truncated}"
        raise fault(path, f"Number of edges must {rule}")
    triples.check(1, n_spins)
    _check_sign(path, sign)
    return _edge_list(triples, n_spins, 1, sign)


def _without_letter(path, lines):
    """Yield the lines ``e i j`` without their letter."""
    for number, words in lines:
        if words[0] not in ("e", "a"):
            raise fault(path, f"Line must be 'e i j', not {shown(' '.join(words))}", number)
        yield number, words[1:]


def read_rows(path, lines, header=()):
    """Return the rows of lines of two or three words, all of one kind."""
    indices, values, columns = array("q"), array("d"), None
    for number, words in lines:
        columns = columns or len(words)
        if len(words) not in (2, 3) or len(words) != columns or words[-1].startswith("{"):
            known = " (networkx data? nx.write_weighted_edgelist)" if "{" in " ".join(words) else ""
            rule = f"hold two spins, and a weight on all lines or none, not {shown(' '.join(words))}{known}"
            raise fault(path, f"Line must {rule}", number)
        indices.extend(integer(path, word, number) for word in words[:2])
        values.append(1.0 if columns == 2 else finite(path, words[2], number, "Weight"))
    first, second = (np.array(indices[start::2], dtype=np.int64) for start in (0, 1))
    return Triples(path, header, first, second, np.array(values))


def _check_no_header(triples):
    """Refuse a first line that may be ``n m``: a G-set file whose weights are lost looks like a list of edges."""
    first, second = triples.first, triples.second
    if len(first) > 1 and second[0] == len(first) - 1 and first[0] >= max(first[1:].max(), second[1:].max()):
        readings = "the header n m of a G-set file without weights (truncated? write a 1 behind each line)"
        raise triples.fault_at(0, f"First line must be an edge, not perhaps {readings}; an edge may stand elsewhere")


def _check_sign(path, sign):
    if sign is None:
        raise fault(path, f"Sign of the edges must be given, not guessed: {READINGS}")


def _edge_list(triples, n_spins, base, sign):
    triples.check_no_loops()
    rows = distinct_pairs(triples, n_spins, mirrored="allowed")
    edges = np.stack([triples.first[rows], triples.second[rows]], axis=1) - base
    notes = {"total_weight": total_weight(triples.path, triples.values[rows])} if sign == "plus" else {}
    return EdgeList(n_spins, edges, SIGNS[sign] * triples.values[rows], notes=notes)
