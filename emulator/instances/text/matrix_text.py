"""A matrix as text, row after row: ``J.csv``, ``J.txt``, what ``numpy.savetxt`` writes."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ...spec.errors import InputError
from ...spec.matrix import coupling_matrix
from ...spec.model_size import check_size
from ..edge_list import EdgeList
from ..faults import fault, named, shown
from ..qubo import edge_list_of_qubo
from .edges import SIGNS
from .lines import data_lines, open_text
from .triples import finite, is_number


def read_matrix(path, sign=None, sense=None, triangle=None):
    """Read n lines of n numbers, J with an empty diagonal; blanks, tabs, commas or semicolons between them.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    sign : {"minus", "plus"}, optional
        E = - sum J s s over pairs, the default, or the opposite.
    sense : {"min", "max"}, optional
        The matrix is that of a QUBO, x'Qx: every entry counts, the diagonal too.
    triangle : {"upper", "lower"}, optional
        Only this triangle is filled; without it, J is symmetric.

    Returns
    -------
    EdgeList
    """
    matrix = _numbers(path)
    with named(path):
        return edge_list_of_matrix(matrix, sign, sense, triangle)


def edge_list_of_matrix(matrix, sign=None, sense=None, triangle=None):
    """Return the `EdgeList` of a matrix, dense or sparse; see `read_matrix`."""
    rows, columns = matrix.shape
    if rows != columns:
        hint = " (a line or a column of names? write it without)" if abs(rows - columns) == 1 else ""
        raise InputError(f"Matrix must be square, not {rows} x {columns}{hint}")
    if sense is not None:
        if sign is not None or triangle is not None:
            raise InputError("Options --sign and --triangle must be left out where --sense says QUBO: x'Qx fixes them")
        entries = sparse.coo_array(matrix)
        return edge_list_of_qubo(rows, (entries.row, entries.col, entries.data), sense)
    if matrix.diagonal().any():
        spin = int(np.flatnonzero(matrix.diagonal())[0])
        rule = f"be empty, not {float(matrix.diagonal()[spin]):g} at spin {spin} (a QUBO? --sense min or max)"
        raise InputError(f"Diagonal of J must {rule}")
    upper = sparse.coo_array(sparse.triu(coupling_matrix(matrix, "J", triangle), k=1))
    check_size(rows, upper.nnz)
    return EdgeList(rows, np.stack([upper.row, upper.col], axis=1), SIGNS[sign or "minus"] * upper.data)


def _numbers(path):
    """Return the matrix that stands in a file."""
    number, words = next(data_lines(path), (None, []))
    if not words:
        raise fault(path, "Matrix must have a row of numbers, not be empty")
    if not all(is_number(word) for word in words):
        hint = "a line of names? write the matrix without"
        raise fault(path, f"Matrix must hold finite numbers only, not {shown(' '.join(words))} ({hint})", number)
    with open_text(path) as handle:
        line = next(line for k, line in enumerate(handle, start=1) if k == number)
    try:
        separator = ";" if ";" in line else "," if "," in line else None
        with open_text(path) as handle:
            matrix = np.loadtxt(handle, delimiter=separator, ndmin=2)
    except ValueError:  # plain files are parsed above, ten times faster
        matrix = _rows(path, len(words))
    bad = np.argwhere(~np.isfinite(matrix))
    if len(bad):
        i, j = bad[0]
        raise fault(path, f"Entry J[{i}, {j}] must be finite, not {matrix[i, j]}")
    return matrix


def _rows(path, n_columns):
    """Return the rows, read line by line; raise for the first bad one."""
    rows = []
    for number, words in data_lines(path):
        if len(words) != n_columns:
            truncated = " (truncated?)" if len(words) < n_columns else ""
            raise fault(path, f"Row must have {n_columns} numbers as the first, not {len(words)}{truncated}", number)
        rows.append(np.array([finite(path, word, number, "Entry") for word in words]))
    return np.array(rows)
