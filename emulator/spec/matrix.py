"""A coupling matrix from the user, dense or sparse, checked and made symmetric."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .errors import InputError

ROUNDING = 1e-9  # relative difference of mirror images that looks like rounding, for the message only
TRIANGLES = ("upper", "lower")
QUBO_HINT = "(a QUBO? a .npy file and spinchip.load take sense min or max)"


def coupling_matrix(matrix, name="J", triangle=None, base=0):
    """Return a coupling matrix as csr_array, symmetric, float64.

    Parameters
    ----------
    matrix : array_like or sparse array, shape (n, n), real
        Symmetric with an empty diagonal; or one triangle, if told so.
    name : str
        Name of the matrix in messages.
    triangle : {"upper", "lower"}, optional
        Only this triangle is filled, or both are and agree; each of its entries is the J of its pair.
    base : {0, 1}
        Number of the first row in messages: ``J[0, 1]``, or ``J(1, 2)`` as in MATLAB.

    Returns
    -------
    scipy.sparse.csr_array, shape (n, n), float64

    Raises
    ------
    InputError
        If the matrix is not numeric, real, square, finite, symmetric, or has a diagonal; of one triangle without
        being told, which could mean J or J / 2.
    """
    if triangle is not None and triangle not in TRIANGLES:
        raise InputError(f"Triangle must be upper or lower, not {triangle!r}")
    matrix = real_matrix(matrix, name, base)
    if matrix.diagonal().any():
        spin = int(np.flatnonzero(matrix.diagonal())[0])
        value = float(matrix.diagonal()[spin])
        raise InputError(f"Diagonal of {name} must be empty, not {value} at {spin + base} {QUBO_HINT}")
    return _symmetric(matrix, triangle, _Places(name, base))


def real_matrix(matrix, name="J", base=0):
    """Return any square matrix as csr_array, float64, no zero stored; see `coupling_matrix`.

    Raises
    ------
    InputError
        If it is not numeric, real, square and finite.
    """
    matrix = matrix if sparse.issparse(matrix) else _as_array(matrix, name)
    if matrix.dtype.kind not in "biuf":
        raise InputError(f"Matrix {name} must be numeric and real, not of type {matrix.dtype}")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
        raise InputError(f"Matrix {name} must be square and not empty, not of shape {tuple(matrix.shape)}")
    with np.errstate(over="ignore"):  # a long double beyond float64 becomes inf, and is refused as such
        matrix = sparse.csr_array(matrix.astype(np.float64))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    entries = sparse.coo_array(matrix)
    bad = np.flatnonzero(~np.isfinite(entries.data))
    if len(bad):
        at = _Places(name, base)(entries.row[bad[0]], entries.col[bad[0]])
        raise InputError(f"Entry {at} must be finite, not {entries.data[bad[0]]}")
    return matrix


def _as_array(matrix, name):
    """Return an array_like as an array; refuse ragged lists."""
    try:
        return np.asarray(matrix)
    except ValueError:
        raise InputError(f"Matrix {name} must have rows of one length, not of several") from None


class _Places:
    """How messages write an entry of a matrix."""

    def __init__(self, name, base):
        self.name, self.base = name, base

    def __call__(self, i, j):
        return f"{self.name}{self.pair(i, j) if self.base else f'[{i}, {j}]'}"

    def pair(self, i, j):
        """Return ``(i, j)`` as the user counts."""
        return f"({i + self.base}, {j + self.base})"


def _symmetric(matrix, triangle, where):
    """Return a matrix that equals its mirror image; one triangle is mirrored if ``triangle`` says so."""
    skew = sparse.coo_array(matrix != matrix.T)
    if not skew.nnz:
        return matrix
    entries = sparse.coo_array(matrix)
    is_upper = entries.row < entries.col
    filled = [side for side, at in zip(TRIANGLES, (is_upper, ~is_upper), strict=True) if at.any()]
    if len(filled) == 1 and triangle == filled[0]:
        return sparse.csr_array(matrix + matrix.T)
    if len(filled) == 1:
        readings = f"triangle {filled[0]}: each entry is the J of its pair; or give J / 2 in both triangles"
        raise InputError(f"Matrix {where.name} must be symmetric, not {filled[0]} triangular ({readings})")
    i, j = int(skew.row[0]), int(skew.col[0])
    i, j = min(i, j), max(i, j)
    one, other = float(matrix[i, j]), float(matrix[j, i])
    close = abs(one / 2 - other / 2) <= ROUNDING * max(abs(one), abs(other)) / 2
    hint = f" (take ({where.name} + {where.name}.T) / 2)" if close else ""
    values = f"{one} at {where.pair(i, j)} and {other} at {where.pair(j, i)}"
    raise InputError(f"Matrix {where.name} must be symmetric, not {values}{hint}")


def bias_vector(biases, n, name="h", base=0):
    """Return biases as float64, shape (n,); a row or column of a matrix will do, None is zeros.

    Raises
    ------
    InputError
        If they are not n finite real numbers.
    """
    if biases is None:
        return np.zeros(n)
    biases = biases if sparse.issparse(biases) else _as_array(biases, name)
    is_vector = sum(side != 1 for side in biases.shape) <= 1
    if biases.dtype.kind not in "biuf" or int(np.prod(biases.shape)) != n or not is_vector:
        size = "x".join(map(str, biases.shape)) if is_vector is False else int(np.prod(biases.shape))
        raise InputError(f"Vector {name} must hold {n} real numbers, not {size} of type {biases.dtype}")
    with np.errstate(over="ignore"):
        biases = (biases.toarray() if sparse.issparse(biases) else biases).astype(np.float64).ravel()
    bad = np.flatnonzero(~np.isfinite(biases))
    if len(bad):
        at = f"({bad[0] + base})" if base else f"[{bad[0]}]"
        raise InputError(f"Entry {name}{at} must be finite, not {biases[bad[0]]}")
    return biases
