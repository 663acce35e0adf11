"""MatrixMarket files (``.mtx``). scipy's reader takes ``1/5`` for 1 and leaves out the rest, so they are read here."""

from __future__ import annotations

from array import array

import numpy as np
from scipy import sparse

from ...spec.model_size import MAX_SPINS
from ..faults import check_spin_count, fault, named, shown
from .edges import READINGS, read_rows
from .lines import data_lines, open_text
from .matrix_text import edge_list_of_matrix
from .triples import Triples, finite, integer, read_triples

LAYOUTS = ("coordinate", "array")
FIELDS = ("real", "integer", "double", "unsigned-integer", "pattern")
SYMMETRIES = ("general", "symmetric")


def read_matrix_market(path, sign=None, sense=None, triangle=None):
    """Read a real square matrix, symmetric or general, by coordinates or as an array; see `read_matrix`.

    Parameters
    ----------
    path : str or Path
        The file. A ``pattern`` holds places without numbers: each is a 1, and ``sign`` must be given.
    sign, sense, triangle
        Same meaning as in `read_matrix`.

    Returns
    -------
    EdgeList

    References
    ----------
    math.nist.gov/MatrixMarket/formats.html.
    """
    layout, field, symmetry = _kind(path)
    if field == "pattern" and sign is None and sense is None:
        raise fault(path, f"Sign of the edges must be given where no numbers stand, not guessed: {READINGS}")
    read = _array if layout == "array" else _coordinates
    matrix = read(path, field == "pattern", symmetry == "symmetric")
    with named(path):
        return edge_list_of_matrix(matrix, sign, sense, triangle)


def _kind(path):
    """Return layout, field and symmetry that the first line states."""
    with open_text(path) as handle:
        words = next(handle, "").split()
    kind = tuple(word.lower() for word in words[2:])
    known = words[:1] == ["%%MatrixMarket"] and len(kind) == 3 and kind[0] in LAYOUTS
    if not known or words[1].lower() != "matrix" or (kind[0] == "array" and kind[1] == "pattern"):
        rule = "'%%MatrixMarket matrix coordinate real symmetric' or alike"
        raise fault(path, f"First line must be {rule}, not {shown(' '.join(words))}", 1)
    if kind[1] not in FIELDS or kind[2] not in SYMMETRIES:
        raise fault(path, f"Matrix must be real and general or symmetric, not {kind[1]} and {kind[2]}", 1)
    return kind


def _sizes(path, how_many):
    """Return the numbers in the line of sizes; refuse a matrix that is not square, empty or too large."""
    number, words = next(data_lines(path), (None, []))
    if len(words) != how_many:
        raise fault(path, f"Sizes must be {how_many} numbers, not {shown(' '.join(words))}", number)
    sizes = [integer(path, word, number, "Size") for word in words]
    if sizes[0] != sizes[1] or not 1 <= sizes[0] <= MAX_SPINS:
        raise fault(path, f"Matrix must be square with 1..{MAX_SPINS} rows, not {sizes[0]} x {sizes[1]}", number)
    check_spin_count(path, sizes[0], number)
    return sizes


def _coordinates(path, is_pattern, is_symmetric):
    """Return the matrix of lines ``i j value``, or ``i j``, counted from 1."""
    n, _, n_entries = _sizes(path, 3)
    if is_pattern:
        lines = data_lines(path)
        triples = read_rows(path, lines, tuple(next(lines)[1]))
    else:
        triples = read_triples(path, has_header=True)
    if len(triples.values) != n_entries:
        truncated = " (truncated?)" if len(triples.values) < n_entries else ""
        rule = f"be the {n_entries} that the header promises, not {len(triples.values)}{truncated}"
        raise fault(path, f"Number of entries must {rule}")
    triples.check(1, n)
    rows, columns = triples.first - 1, triples.second - 1
    if is_symmetric:
        rows, columns = np.maximum(rows, columns), np.minimum(rows, columns)
    _check_distinct(triples, rows * n + columns)
    matrix = sparse.coo_array((triples.values, (rows, columns)), shape=(n, n))
    return sparse.csr_array(matrix + sparse.tril(matrix, -1).T) if is_symmetric else sparse.csr_array(matrix)


def _check_distinct(triples: Triples, keys):
    """Refuse a place that stands twice: the format does not say whether it is a sum."""
    order = np.argsort(keys, kind="stable")
    again = order[1:][keys[order][1:] == keys[order][:-1]]
    if len(again):
        row = again.min()
        place = f"({triples.first[row]}, {triples.second[row]})"
        raise triples.fault_at(row, f"Entry {place} must be given once, not repeated")


def _array(path, _is_pattern, is_symmetric):
    """Return the matrix of one number a line, column after column, from the diagonal down if symmetric."""
    n, _ = _sizes(path, 2)
    lines = data_lines(path)
    next(lines)
    values = array("d")
    for number, words in lines:
        if len(words) != 1:
            raise fault(path, f"Line must hold one number, not {shown(' '.join(words))}", number)
        values.append(finite(path, words[0], number, "Entry"))
    promised = n * (n + 1) // 2 if is_symmetric else n * n
    if len(values) != promised:
        truncated = " (truncated?)" if len(values) < promised else ""
        raise fault(path, f"Number of entries must be {promised}, not {len(values)}{truncated}")
    if not is_symmetric:
        return np.array(values).reshape(n, n).T
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n)] = values  # rows of the upper triangle are columns of the lower one
    return matrix + np.triu(matrix, 1).T
