"""MATLAB files with a coupling matrix, as published with p-computers, and HDF5 files of the same kind."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from ...spec.files.atomic_write import whole_file
from ...spec.model_size import MAX_SPINS
from ..faults import fault, named, shown
from ..matrix_edges import edges_of
from .array_process import ArrayProcess
from .choose_matrix import Listed, choose, layer

QUBIN = [("model", "group"), ("solution", "group")]  # QUBOTools.jl, docs/src/formats/qubin.md
OCTAVE = (b"# Created by Octave", b"Octave-1-")  # Octave's own formats under MATLAB's ending


def read_mat(path, variable=None, triangle=None, reader=None):
    """Read a matrix ``JOrig`` or ``J``, dense or sparse, and a vector ``h`` if there is one.

    The matrix is J itself, symmetric, with E = -1/2 s'Js - h's: there is no factor 4, unlike in the text files.
    The authors' own programs use the loaded matrix so.

    Parameters
    ----------
    path : str or Path
        A file of MATLAB 4 to 7.3, or HDF5. It is read in a child process, see `array_process`.
    variable : str, optional
        Which matrix and biases, if they are called otherwise; see `choose_matrix.choose`.
    triangle : {"upper", "lower"}, optional
        The matrix is given by one triangle; see `coupling_matrix`.
    reader : ArrayProcess, optional
        A child that is there already.

    Returns
    -------
    EdgeList
    """
    with open(path, "rb") as handle:
        start = handle.read(32)
    if start.startswith(OCTAVE):
        raise fault(path, "File must be MATLAB's, not Octave's own (write it with save -v7)")
    if reader is not None:
        return _read(path, variable, triangle, reader)
    with ArrayProcess() as child:
        return _read(path, variable, triangle, child)


def _read(path, variable, triangle, reader):
    arrays = [Listed(*one) for one in reader.variables(path)]
    if [(array.name, array.kind) for array in arrays] == QUBIN:
        raise fault(path, "File must hold a matrix, not a model of QUBOTools' QUBin (write it in its format BQPJSON)")
    choice = choose(path, arrays, variable)
    matrix = _matrix(path, reader.read(path, choice.matrix), choice)
    biases = None
    if choice.biases is not None:
        biases = _vector(path, choice.biases, reader.read(path, choice.biases))
    with named(path):
        return edges_of(matrix, biases, choice, triangle, base=1)


def _matrix(path, found, choice):
    """Return the matrix as coo_array, or the dense layer of a stack."""
    if found.values is None:
        raise fault(path, f"Matrix {choice.matrix} must be numeric and real, not ndarray of {found.dtype}")
    if found.places is None:
        return layer(path, choice.matrix, found.values, choice.index, axis=2)
    if choice.index is not None:
        return layer(path, choice.matrix, np.empty(found.shape), choice.index, axis=2)
    if max(found.shape) > MAX_SPINS:
        raise fault(path, f"Number of spins must be in 1..{MAX_SPINS}, not {max(found.shape)}")
    return sparse.coo_array((found.values, tuple(found.places)), shape=found.shape)


def _vector(path, name, found):
    """Return the biases as an array, or as coo_array of one row or column."""
    if found.values is None:
        raise fault(path, f"Vector {name} must hold real numbers, not be of type {shown(found.dtype)}")
    if found.places is None:
        return found.values
    if math.prod(found.shape) > MAX_SPINS:
        raise fault(path, f"Vector {name} must hold at most {MAX_SPINS} numbers, not {math.prod(found.shape)}")
    return sparse.coo_array((found.values, tuple(found.places)), shape=found.shape)


def write_mat(instance, path):
    """Write the sparse matrix ``JOrig`` (J itself) and the column ``h``."""
    from scipy import io

    contents = {"JOrig": sparse.csc_array(instance.couplings), "h": instance.biases[:, None]}
    with whole_file(path, "wb") as handle:
        io.savemat(handle, contents, do_compression=True)
