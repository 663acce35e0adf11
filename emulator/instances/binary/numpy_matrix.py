"""Coupling matrices that were saved from numpy and scipy: .npy, .npz with J and h, and scipy's sparse .npz."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ...spec.errors import InputError
from ...spec.model_size import check_size
from ..faults import fault, named, shown
from ..matrix_edges import edges_of
from ..qubo import edge_list_of_qubo_matrix
from .array_file import read_npy
from .choose_matrix import Choice, Listed, choose, layer

SPARSE_KEYS = {"csr": ("indices", "indptr"), "csc": ("indices", "indptr"), "coo": ("row", "col")}


def read_npy_matrix(path, variable=None, triangle=None, sense=None):
    """Read J from a file of ``numpy.save``: a symmetric matrix, or a stack of them; or a QUBO.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    variable : str, optional
        ``J[3]``: the fourth matrix of a stack.
    triangle : {"upper", "lower"}, optional
        Triangle that holds the couplings; see `coupling_matrix`.
    sense : {"min", "max"}, optional
        The matrix is that of a QUBO, x'Qx: every entry counts, the diagonal too.

    Returns
    -------
    EdgeList
    """
    array = read_npy(path)
    choice = choose(path, [Listed("J", array.shape, str(array.dtype))], variable)
    matrix = layer(path, "J", array, choice.index, axis=0)
    with named(path):
        if sense is None:
            return edges_of(matrix, None, choice, triangle)
        if triangle is not None:
            raise InputError("Option --triangle must be left out where --sense says QUBO: x'Qx fixes it")
        return edge_list_of_qubo_matrix(matrix, sense)


def read_matrix_archive(archive, variable=None, triangle=None):
    """Read an open npz archive that is not of our own format; see `read_npy_matrix`.

    Parameters
    ----------
    archive : Archive
        With a matrix ``J`` and perhaps ``h``, ``offset`` and ``labels``, or one of ``scipy.sparse.save_npz``.
    variable, triangle
        Name of the matrix, and the triangle that holds it; see `choose_matrix.choose` and `coupling_matrix`.
    """
    path, listing = archive.path, archive.listing
    if variable is None and {"format", "shape", "data"} <= set(listing):
        matrix = _sparse(archive)
        with named(path):
            return edges_of(matrix, None, Choice("J", None, None), triangle)
    choice = choose(path, [Listed(name, shape, str(dtype)) for name, (dtype, shape) in listing.items()], variable)
    matrix = layer(path, choice.matrix, archive.read(choice.matrix), choice.index, axis=0)
    biases = None if choice.biases is None else archive.read(choice.biases)
    with named(path):
        edges = edges_of(matrix, biases, choice, triangle)
    edges.offset = _one_number(archive, "offset") if "offset" in listing else 0.0
    edges.labels = tuple(archive.read("labels").ravel().tolist()) if "labels" in listing else None
    return edges


def _one_number(archive, name):
    """Return an array of one real number as float."""
    array = archive.read(name)
    if array.size != 1 or array.dtype.kind not in "biuf":
        raise fault(archive.path, f"Array {name} must be one real number, not shape {array.shape} of {array.dtype}")
    return float(array.ravel()[0])


def _sparse(archive):
    """Return the matrix of ``scipy.sparse.save_npz`` as coo_array, its indices checked first."""
    path = archive.path
    form = archive.text("format")
    if form not in SPARSE_KEYS:
        rule = f"of {', '.join(SPARSE_KEYS)} (save matrix.tocsr())"
        raise fault(path, f"Sparse matrix must be {rule}, not {shown(form)}")
    missing = [key for key in SPARSE_KEYS[form] if key not in archive.listing]
    if missing:
        raise fault(path, f"Sparse matrix must have its array {missing[0]}, not lack it")
    shape, data = archive.read("shape"), archive.read("data")
    first, second = (archive.read(key) for key in SPARSE_KEYS[form])
    whole = all(array.dtype.kind in "iu" and array.ndim == 1 for array in (shape, first, second))
    if not whole or data.ndim != 1 or shape.size != 2 or shape.min() < 0 or shape[0] != shape[1]:
        raise fault(path, f"Sparse matrix must be square, its arrays of one dimension, not of shape {shape.tolist()}")
    n = int(shape[0])
    with named(path):
        check_size(n, 0)
    if form != "coo":
        starts = second.astype(np.int64)
        if len(starts) != n + 1 or starts[0] != 0 or starts[-1] != len(data) or np.any(np.diff(starts) < 0):
            raise fault(path, "Rows of the sparse matrix must begin at 0, follow each other and end with the data")
        second = np.repeat(np.arange(n), np.diff(starts))
    if not len(first) == len(second) == len(data):
        raise fault(path, f"Sparse matrix must have an index for each of its {len(data)} entries, not {len(first)}")
    for indices in (first, second):
        if len(indices) and not (0 <= indices.min() and indices.max() < n):
            raise fault(path, f"Index of the sparse matrix must be in 0..{n - 1}, not outside")
    places = (first.astype(np.int64), second.astype(np.int64))
    return sparse.coo_array((data, places), shape=(n, n))
