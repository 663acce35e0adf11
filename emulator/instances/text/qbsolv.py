"""Files of D-Wave's qbsolv (``.qubo``) and Qubist (``.qh``): spins from 0, dimod's sign, to be minimised."""

from __future__ import annotations

import re

import numpy as np

from ...spec.model_size import MAX_SPINS
from ..faults import check_spin_count, fault, named, shown
from ..pairs import distinct_pairs
from ..qubo import edge_list_of_qubo
from .coo import edge_list_of_entries
from .lines import data_lines, open_text
from .rudy import checked_sizes
from .triples import finite, read_triples

_COMMENT = re.compile(r"\s*c\s+(scale|offset)\s*:\s*(\S+)")


def read_qbsolv(path):
    """Read ``p qubo target n nodes couplers``, then lines ``i i q`` and ``i j q`` of the sum that is minimised.

    The comments ``c scale : a`` and ``c offset : b`` of QUBOTools count: the objective is a (sum + b).

    Parameters
    ----------
    path : str or Path
        Path of the file.

    Returns
    -------
    EdgeList

    References
    ----------
    README of dwavesystems/qbsolv, QUBO(5); QUBOTools.jl, docs/src/formats/qubo.md.
    """
    n_spins, n_nodes, n_couplers = _header(path)
    triples = read_triples(path, has_header=True)
    triples.check(0, n_spins)
    linear = triples.first == triples.second
    for what, count, promised in (
        ("nodes", int(linear.sum()), n_nodes),
        ("couplers", int((~linear).sum()), n_couplers),
    ):
        if count != promised:
            truncated = " (truncated?)" if count < promised else ""
            raise fault(path, f"Number of {what} must be the {promised} of the header, not {count}{truncated}")
    rows = distinct_pairs(triples, n_spins, mirrored="refused")
    constants = _constants(path)
    with named(path), np.errstate(over="ignore"):  # the sums are checked
        scaled = constants["scale"] * triples.values[rows]
        offset = constants["scale"] * constants["offset"]
        return edge_list_of_qubo(n_spins, (triples.first[rows], triples.second[rows], scaled), "min", offset)


def _header(path):
    """Return the numbers of variables, of linear and of quadratic terms that the line ``p qubo`` states."""
    number, words = next(data_lines(path), (None, []))
    sizes = words[3:]
    if words[:2] != ["p", "qubo"] or len(sizes) != 3 or not all(re.fullmatch("[0-9]{1,18}", word) for word in sizes):
        rule = "be 'p qubo target n nodes couplers'"
        other = " (in the layout of rudy? --format qubo)" if words[:1] != ["p"] else ""
        raise fault(path, f"Header must {rule}, not {shown(' '.join(words))}{other}", number)
    if not 1 <= int(sizes[0]) <= MAX_SPINS:
        raise fault(path, f"Number of variables must be in 1..{MAX_SPINS}, not {sizes[0]}", number)
    check_spin_count(path, int(sizes[0]), number)
    return tuple(int(word) for word in sizes)


def _constants(path):
    """Return scale and offset, as comments may state them."""
    constants = {"scale": 1.0, "offset": 0.0}
    with open_text(path) as handle:
        for number, line in enumerate(handle, start=1):
            found = _COMMENT.match(line)
            if found:
                constants[found[1]] = finite(path, found[2], number, found[1].capitalize())
    return constants


def read_qubist(path):
    """Read ``sites lines``, then lines ``i i h`` and ``i j J`` of E = + sum J s s + sum h s.

    Parameters
    ----------
    path : str or Path
        The file; sites are numbered from 0.

    Returns
    -------
    EdgeList

    References
    ----------
    lanl-ansi/bqpjson, bqp2qh.
    """
    triples = read_triples(path, has_header=True)
    n_spins = checked_sizes(triples, "lines")
    triples.check(0, n_spins)
    return edge_list_of_entries(triples, n_spins, 0, np.float64(-1.0))
