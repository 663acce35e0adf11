"""Coordinate files: lines ``i j J`` and ``i i h``, spins from 0."""

from __future__ import annotations

import re
from itertools import islice

import numpy as np

from ...spec.errors import InputError
from ...spec.files.atomic_write import whole_file
from ..edge_list import EdgeList
from ..faults import fault, named
from ..pairs import distinct_pairs
from ..qubo import edge_list_of_qubo
from .lines import open_text
from .triples import read_triples, write_triples

_VARTYPE = re.compile(r"\s*#.*?vartype[:=]\s*([-_.a-zA-Z0-9]+)")  # as dimod reads it
_HEAD = 50  # lines in which a header may stand


def vartype_header(path):
    """Return the word behind ``# vartype=`` in the first lines of a file, or None; dimod writes it into its COO."""
    with open_text(path) as handle:
        found = (_VARTYPE.match(line) for line in islice(handle, _HEAD))
        return next((match[1] for match in found if match), None)


def read_coo(path, base=None, sign=None, sense=None):
    """Read couplings ``i j J`` and biases ``i i h``.

    A pair may stand as (i, j), as (j, i), or as both with the same value: J is symmetric. A line ``i i 0`` is how
    a file names a spin that has neither couplings nor bias.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    base : {0, 1}, optional
        Number of the first spin; must be given if no spin 0 stands in the file, else it is 0.
    sign : {"minus", "plus"}, optional
        E = - sum J s s - sum h s, the default, or the opposite.
    sense : {"min", "max"}, optional
        The lines are the sum q x x of a QUBO; a pair given both ways counts twice.

    Returns
    -------
    EdgeList
    """
    if vartype_header(path):
        rule = "dimod-coo where the header says vartype: there E = + sum J s s + sum h s, in a coo file E is minus that"
        raise fault(path, f"Format must be {rule} (delete the header to read it as coo)")
    return edge_list_of_rows(read_triples(path), base, sign, sense)


def edge_list_of_rows(triples, base=None, sign=None, sense=None):
    """Return the `EdgeList` of rows ``i j J`` and ``i i h``; see `read_coo`."""
    base = told_base(triples, base)
    n_spins = triples.n_spins(base)
    if sense is None:
        return edge_list_of_entries(triples, n_spins, base, -1.0 if sign == "plus" else 1.0)
    if sign is not None:
        raise InputError(f"Option --sign must be left out where --sense says QUBO, not be {sign!r}")
    distinct_pairs(triples, n_spins, mirrored="allowed")
    with named(triples.path):
        return edge_list_of_qubo(n_spins, (triples.first - base, triples.second - base, triples.values), sense)


def told_base(triples, base):
    """Return the number of the first spin, ``base`` or 0; refuse to guess it where no spin 0 stands."""
    n_spins = triples.n_spins(base or 0)
    if base is None and min(triples.first.min(), triples.second.min()) > 0:
        readings = f"1 reads {n_spins - 1} spins, 0 reads {n_spins} of which spin 0 stands alone"
        raise triples.fault_at(0, f"Base must be given by --base where no spin 0 stands, not guessed: {readings}")
    return base or 0


def edge_list_of_entries(triples, n_spins, base, scale):
    """Return the `EdgeList` of rows ``i j J`` and ``i i h`` with spins from ``base``, each number times ``scale``."""
    diagonal = np.flatnonzero(triples.first == triples.second)
    spins = triples.first[diagonal]
    order = np.argsort(spins, kind="stable")
    again = order[1:][spins[order][1:] == spins[order][:-1]]
    if len(again):
        row = diagonal[again.min()]
        raise triples.fault_at(row, f"Bias of spin {triples.first[row]} must be given once, not repeated")
    biases = np.zeros(n_spins)
    biases[spins - base] = scale * triples.values[diagonal]
    pairs = np.flatnonzero(triples.first != triples.second)
    rows = distinct_pairs(triples, n_spins, mirrored="allowed", rows=pairs)
    edges = np.stack([triples.first[rows], triples.second[rows]], axis=1) - base
    return EdgeList(n_spins, edges, scale * triples.values[rows], biases)


def write_coo(instance, path):
    """Write every pair once, i < j, then the biases other than zero; the first and the last spin are always named."""
    ends = instance.edges
    named = instance.biases != 0
    for spin in (0, instance.n_spins - 1):
        named[spin] |= instance.degrees[spin] == 0
    biased = np.flatnonzero(named)
    with whole_file(path) as handle:
        write_triples(handle, ends[:, 0], ends[:, 1], instance.edge_values)
        write_triples(handle, biased, biased, instance.biases[biased])
