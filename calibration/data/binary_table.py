"""Tables in npz, npy, HDF5 and MATLAB files."""

from __future__ import annotations

import contextlib
import math
import zipfile
from dataclasses import replace
from tokenize import TokenError

import numpy as np

from ...emulator.instances.binary.array_process import ArrayProcess
from ...emulator.spec.errors import InputError
from .raw_table import RawColumn, RawTable

MOST_BYTES = 2**31  # of one array: a file of a few bytes may declare any size
DAMAGE = (
    ValueError,
    OSError,
    EOFError,
    SyntaxError,
    TokenError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    KeyError,
)


def read_npz(path):
    """Return the arrays of an npz file as a `RawTable`."""
    try:
        with zipfile.ZipFile(path) as archive:
            too_large = [one.filename for one in archive.infolist() if one.file_size > MOST_BYTES]
        if too_large:
            raise InputError(f"{path}: array {too_large[0]!r} must be of at most {MOST_BYTES} bytes, not more")
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except InputError:
        raise
    except (*DAMAGE, MemoryError, zipfile.zlib.error):
        raise InputError(f"{path}: data must be a .npz file of plain arrays, not damaged or of objects") from None
    return _table(path, arrays, {}, "npz")


def read_npy(path):
    """Return the columns of an npy file: fields of a structured array, or the columns of a matrix, without headers."""
    try:
        with open(path, "rb") as handle:
            version = np.lib.format.read_magic(handle)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = header(handle)
            if math.prod(shape) * dtype.itemsize > path.stat().st_size:
                raise ValueError("cut off")
            handle.seek(0)
            array = np.lib.format.read_array(handle, allow_pickle=False)
    except (*DAMAGE, MemoryError, TypeError, OverflowError):
        raise InputError(f"{path}: data must be a .npy file of plain numbers, not damaged or of objects") from None
    if array.ndim not in (1, 2) or not array.size:
        raise InputError(f"{path}: data must be a matrix, one row for each time, not of shape {array.shape}")
    if array.dtype.names:
        return _table(path, {name: np.array(array[name]) for name in array.dtype.names}, {}, "npy")
    columns = np.array(array).reshape(len(array), -1).T
    return _table(path, {str(k + 1): column for k, column in enumerate(columns)}, {}, "npy", is_named=False)


def read_hdf5(path):
    """Return all data sets of an HDF5 file, those of groups by their path; the unit in ``unit`` or ``units``."""
    import h5py

    _probe(path)
    arrays, units = {}, {}

    def take(key, one):
        if not isinstance(one, h5py.Dataset) or not one.shape or key.startswith("#"):
            return
        if one.size * one.dtype.itemsize > MOST_BYTES:
            raise InputError(f"{path}: data set {key!r} must be of at most {MOST_BYTES} bytes, not more")
        content, unit = one[()], _unit_attribute(one)
        if one.dtype.names:
            for name in one.dtype.names:
                arrays[f"{key}/{name}"] = content[name]
        else:
            arrays[key], units[key] = content, unit

    try:
        with h5py.File(path, "r") as file:
            file.visititems(take)
    except InputError:
        raise
    except (*DAMAGE, MemoryError, TypeError, AttributeError):
        raise InputError(f"{path}: data must be an HDF5 file, not damaged or of another kind") from None
    return _table(path, arrays, units, "HDF5")


def read_mat(path):
    """Return the variables of a MATLAB file; units in their names, or for version 7.3 in attributes."""
    with open(path, "rb") as handle:
        start = handle.read(520)
    if b"\x89HDF" in start[:4] or start[512:516] == b"\x89HDF":
        return read_hdf5(path)
    arrays = {}
    with ArrayProcess() as reader, _named_as_data(path):
        for name, shape, _ in reader.variables(path):
            if len(shape) == 2 and not name.startswith("__"):
                found = reader.read(path, name)
                if found.values is not None:
                    arrays[name] = _dense(found, path, name)
    return _table(path, arrays, {}, "MATLAB")


def _dense(found, path, name):
    """Return a matrix from its entries other than zero."""
    if math.prod(found.shape) * 8 > MOST_BYTES:
        raise InputError(f"{path}: variable {name!r} must be of at most {MOST_BYTES} bytes, not more")
    array = np.zeros(found.shape)
    array[tuple(found.places)] = found.values
    return array


@contextlib.contextmanager
def _named_as_data(path):
    """Turn the words of the reader of instances into those of measured data."""
    try:
        yield
    except InputError as error:
        raise InputError(str(error).replace("Instance must be", "data must be")) from None


def _probe(path):
    """Read the data sets at the root in a child process first, which a damaged file may end."""
    try:
        with ArrayProcess() as reader:
            for name, shape, kind in reader.variables(path):
                if shape and kind != "group":
                    reader.read(path, name)
    except InputError:
        raise InputError(f"{path}: data must be an HDF5 file, not damaged or of another kind") from None


def _unit_attribute(one):
    for name in ("unit", "units", "Unit", "Units", "UNIT", "UNITS"):
        if name in one.attrs:
            unit = one.attrs[name]
            unit = unit.item() if isinstance(unit, np.ndarray) and unit.size == 1 else unit
            return unit.decode("utf-8", "replace") if isinstance(unit, bytes) else str(unit)
    return ""


def _table(path, arrays, units, layout, is_named=True):
    """Return arrays as columns; those of text and of single numbers are kept as words around the table."""
    columns, around = [], []
    for key, array in arrays.items():
        array = np.asarray(array)
        if array.dtype.kind not in "fiub" and array.dtype.kind != "c":
            columns.append(RawColumn(key, np.full(array.shape, np.nan), faults={0: f"an array of {array.dtype}"}))
            continue
        if array.size == 1 and array.dtype.kind != "c":
            around.append([key.rsplit("/", 1)[-1], repr(float(array.reshape(-1)[0]))])
        if array.dtype.kind == "c":
            columns.append(RawColumn(key, np.full(array.shape, np.nan), faults={0: f"an array of {array.dtype}"}))
            continue
        if array.ndim == 2 and 1 in array.shape:
            array = array.reshape(-1)  # MATLAB has no other lists
        values = array.astype(np.float64)
        eps = np.finfo(array.dtype).eps if array.dtype.kind == "f" else 0.0
        half_digit = 0.5 * eps * np.abs(np.where(np.isfinite(values), values, 0.0))
        one = RawColumn(key if is_named else "", values, units.get(key, ""), half_digit=half_digit)
        columns.append(one if is_named else replace(one, number=int(key)))
    return RawTable(str(path), columns, None, around, {"format": layout})
