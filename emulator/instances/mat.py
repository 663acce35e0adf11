"""MATLAB files with a coupling matrix, as published with p-computers."""

from __future__ import annotations

import zlib

import numpy as np
from scipy import io, sparse

from ..spec.atomic_write import whole_file
from .edge_list import EdgeList, check_size
from .faults import UNREADABLE, fault, named, shown

MATRIX_NAMES = ("JOrig", "J")  # the published JOrig_NNNN.mat files call their matrix J


def read_mat(path):
    """Read a matrix ``JOrig`` or ``J``, dense or sparse, and a vector ``h`` if there is one.

    The matrix is J itself, symmetric, with E = -1/2 s'Js - h's: there is no factor 4, unlike in the text files.
    The authors' own programs use the loaded matrix so.

    Parameters
    ----------
    path : str or Path
        A file of MATLAB 4 to 7.2 (``save -v7``).

    Returns
    -------
    EdgeList
    """
    contents = _load(path)
    name = next((key for key in MATRIX_NAMES if key in contents), None)
    if name is None:
        raise fault(path, f"Matrix must be called {' or '.join(MATRIX_NAMES)}, not be absent")
    matrix = _checked_matrix(path, name, contents[name])
    n_spins = matrix.shape[0]
    biases = np.zeros(n_spins) if "h" not in contents else _checked_biases(path, contents["h"], n_spins)
    upper = sparse.coo_array(sparse.triu(matrix, k=1))
    with named(path):
        check_size(n_spins, upper.nnz)
    return EdgeList(n_spins, np.stack([upper.row, upper.col], axis=1), upper.data, biases)


def _load(path):
    """Return the wanted variables of the file."""
    try:
        with open(path, "rb") as handle:
            return io.loadmat(handle, variable_names=[*MATRIX_NAMES, "h"])
    except NotImplementedError:
        raise fault(path, "MATLAB file must be of version 7 or older (save -v7), not 7.3") from None
    except (*UNREADABLE, io.matlab.MatReadError, zlib.error) as error:
        raise fault(path, f"Instance must be a MATLAB file, not one that gives {shown(str(error))}") from None


def _checked_matrix(path, name, matrix):
    """Return the matrix as csr_array of float64, after the rules on shape, numbers, diagonal and symmetry."""
    if not sparse.issparse(matrix) and not (isinstance(matrix, np.ndarray) and matrix.dtype.kind in "biuf"):
        raise fault(path, f"Matrix {name} must be numeric and real, not {type(matrix).__name__} of {matrix.dtype}")
    if matrix.dtype.kind not in "biuf":
        raise fault(path, f"Matrix {name} must be real, not of type {matrix.dtype}")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
        raise fault(path, f"Matrix {name} must be square and not empty, not of shape {matrix.shape}")
    matrix = sparse.csr_array(matrix, dtype=np.float64)
    entries = sparse.coo_array(matrix)
    bad = np.flatnonzero(~np.isfinite(entries.data))
    if len(bad):
        place = f"{name}({entries.row[bad[0]] + 1}, {entries.col[bad[0]] + 1})"
        raise fault(path, f"Entry {place} must be finite, not {entries.data[bad[0]]}")
    if matrix.diagonal().any():
        spin = np.flatnonzero(matrix.diagonal())[0]
        raise fault(path, f"Diagonal of {name} must be empty, not {matrix.diagonal()[spin]} at {spin + 1}")
    skew = sparse.coo_array(matrix - matrix.T)
    bad = np.flatnonzero(skew.data)
    if len(bad):
        i, j = skew.row[bad[0]], skew.col[bad[0]]
        values = f"{matrix[i, j]} at ({i + 1}, {j + 1}) and {matrix[j, i]} at ({j + 1}, {i + 1})"
        raise fault(path, f"Matrix {name} must be symmetric, not {values}")
    return matrix


def _checked_biases(path, biases, n_spins):
    """Return the vector h as float64, shape (n_spins,)."""
    biases = biases.toarray() if sparse.issparse(biases) else np.asarray(biases)
    if biases.dtype.kind not in "biuf" or biases.size != n_spins:
        raise fault(path, f"Vector h must hold {n_spins} real numbers, not {biases.size} of type {biases.dtype}")
    biases = biases.astype(np.float64).ravel()
    bad = np.flatnonzero(~np.isfinite(biases))
    if len(bad):
        raise fault(path, f"Entry h({bad[0] + 1}) must be finite, not {biases[bad[0]]}")
    return biases


def write_mat(instance, path):
    """Write the sparse matrix ``JOrig`` (J itself) and the column ``h``."""
    contents = {"JOrig": sparse.csc_array(instance.couplings), "h": instance.biases[:, None]}
    with whole_file(path, "wb") as handle:
        io.savemat(handle, contents, do_compression=True)
