"""QUBO files in the layout of rudy: ``n m``, then m lines ``i j q``, as Biq Mac, OR-Library and MQLib publish them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..faults import fault, named
from ..pairs import distinct_pairs
from ..qubo import edge_list_of_qubo
from .lines import data_lines
from .rudy import checked_sizes
from .triples import read_triples


def read_qubo(path, sense=None, triangle=None):
    """Read x'Qx: spins from 1, Q symmetric and each pair given once, so that it counts twice.

    Parameters
    ----------
    path : str or Path
        The file. The name ``.sparse`` is Biq Mac's, which minimises.
    sense : {"min", "max"}, optional
        Biq Mac minimises; OR-Library (Beasley) and MQLib maximise. Must be given unless the name says it.
    triangle : {"upper", "lower"}, optional
        Q is the triangle that stands there, so that each pair counts once.

    Returns
    -------
    EdgeList

    References
    ----------
    biqmac.aau.at/biqmaclib.html; people.brunel.ac.uk/~mastjjb/jeb/orlib/bqpinfo.html; MQLib, bin/README.md.
    """
    number, words = next(data_lines(path), (None, []))
    if words[:2] == ["p", "qubo"]:
        raise fault(path, "Header must be 'n m', not that of qbsolv (--format qbsolv)", number)
    if sense is None and Path(path).suffix.lower() == ".sparse":
        sense = "min"
    if sense is None:
        readings = "--sense min (Biq Mac) makes E = x'Qx, --sense max (OR-Library, MQLib) makes E = -x'Qx"
        raise fault(path, f"Sense of a QUBO must be given, not guessed: {readings}")
    triples = read_triples(path, has_header=True)
    n_spins = checked_sizes(triples, "entries")
    triples.check(1, n_spins)
    rows = distinct_pairs(triples, n_spins, mirrored="allowed")
    first, second = triples.first[rows] - 1, triples.second[rows] - 1
    if triangle is not None:
        wrong = rows[(first > second) if triangle == "upper" else (first < second)]
        if len(wrong):
            raise triples.fault_at(wrong.min(), f"Entry must lie in the {triangle} triangle, not outside it")
    twice = 1.0 if triangle else 2.0
    with named(path), np.errstate(over="ignore"):  # the sums are checked
        values = np.where(first == second, 1.0, twice) * triples.values[rows]
        return edge_list_of_qubo(n_spins, (first, second, values), sense)
