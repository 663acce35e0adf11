"""Arrays of .npy and .npz files: the header first, then no more bytes than it and the file's size allow; no pickles."""

from __future__ import annotations

import math
import os
import struct
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from lzma import LZMAError
from tokenize import TokenError

import numpy as np

from ...spec.errors import InputError
from ..faults import UNREADABLE, fault, shown
from .array_process import BYTES_PER_BYTE, FREE_BYTES

NPY_MAGIC, ZIP_MAGIC = b"\x93NUMPY", b"PK\x03\x04"
_MOST_TEXT = 1000  # bytes
KINDS = {"O": "Python objects (a pickle)", "V": "a structure", "c": "complex numbers", "M": "dates", "m": "times"}
_DAMAGED = (  # RuntimeError: an encrypted archive; TokenError and SyntaxError: a header of numpy's that is no Python
    *(*UNREADABLE, RuntimeError, SyntaxError, TokenError),
    *(zipfile.BadZipFile, zlib.error, LZMAError, struct.error),
)
_READERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def read_npy(path):
    """Return the array of an .npy file, in the byte order of this machine; real numbers, truth values or text.

    Raises
    ------
    InputError
        If it is another kind of file, damaged, or of another type.
    """
    size = os.stat(path).st_size
    with open(path, "rb") as handle:
        start = handle.read(len(NPY_MAGIC))
        if start[: len(ZIP_MAGIC)] == ZIP_MAGIC:
            raise fault(path, "File must be a single array, not an npz archive (name it .npz, or --format npz)")
        if start != NPY_MAGIC:
            raise fault(path, "File must begin as numpy's .npy files do, not otherwise")
        handle.seek(0)
        with _damage(path, "a sound npy file"):
            dtype, shape, order = _header(handle)
        _check(path, "Array", dtype, shape)
        with _damage(path, "a sound npy file"):
            return _numbers(path, handle, (dtype, shape, order), size - handle.tell())


class Archive:
    """An open .npz file; a context.

    Examples
    --------
    >>> with Archive("glass.npz") as archive:  # doctest: +SKIP
    ...     archive.listing["J"]
    (dtype('float64'), (512, 512))
    """

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        with open(self.path, "rb") as handle:
            start = handle.read(len(ZIP_MAGIC))
        if start != ZIP_MAGIC or not zipfile.is_zipfile(self.path):
            raise fault(self.path, "Instance must be an npz archive, not another kind of file")
        self._most = FREE_BYTES + BYTES_PER_BYTE * os.stat(self.path).st_size
        with _damage(self.path, "a sound npz archive"):
            self._zip = zipfile.ZipFile(self.path)
            self.listing = {}
            for info in self._zip.infolist():
                with self._zip.open(info) as handle:
                    dtype, shape, _ = _header(handle)
                self.listing[info.filename.removesuffix(".npy")] = (dtype, shape)
        other = next((one for one in self._zip.namelist() if not one.endswith(".npy")), None)
        if other is not None or len(self.listing) != len(self._zip.namelist()):
            self._zip.close()
            raise fault(
                self.path, f"Archive must hold arrays, each once, as numpy writes them, not {shown(other or '')}"
            )
        return self

    def __exit__(self, *_):
        self._zip.close()

    def text(self, name):
        """Return an array that holds one text, as str; scipy stores the name of a sparse format as bytes."""
        dtype, shape = self.listing[name]
        if dtype.kind not in "SU" or shape != () or dtype.itemsize > _MOST_TEXT:
            raise fault(self.path, f"Array {name} must be one short text, not shape {shape} of {dtype}")
        with _damage(self.path, "a sound npz archive"), self._zip.open(f"{name}.npy") as handle:
            _header(handle)
            text = np.ndarray((), dtype, handle.read(dtype.itemsize))[()]
            return text.decode("ascii") if isinstance(text, bytes) else str(text)

    def read(self, name):
        """Return an array; see `read_npy`."""
        with _damage(self.path, "a sound npz archive"):
            handle = self._zip.open(f"{name}.npy")
        with handle:
            with _damage(self.path, "a sound npz archive"):
                dtype, shape, order = _header(handle)
            _check(self.path, f"Array {name}", dtype, shape)
            with _damage(self.path, "a sound npz archive"):
                return _numbers(self.path, handle, (dtype, shape, order), self._most)


@contextmanager
def _damage(path, what):
    """Turn what numpy and zipfile raise on damaged files into one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy's remark on headers of Python 2
            yield
    except InputError:
        raise
    except _DAMAGED as error:
        raise fault(path, f"Instance must be {what}, not one that gives {shown(str(error))}") from None


def _header(handle):
    """Return type, shape and order of the array that begins here."""
    version = np.lib.format.read_magic(handle)
    if version not in _READERS:
        raise ValueError(f"version {version} of the format")
    shape, fortran, dtype = _READERS[version](handle)
    return dtype, shape, "F" if fortran else "C"


def _check(path, what, dtype, shape):
    """Refuse types that are no numbers, and shapes that are none."""
    if dtype.kind not in "biufU":
        raise fault(path, f"{what} must hold real numbers, not {KINDS.get(dtype.kind, dtype)}")
    if not all(type(side) is int and side >= 0 for side in shape):
        raise fault(path, f"{what} must have a shape of whole numbers from 0, not {shape}")


def _numbers(path, handle, header, most):
    """Return the array behind its header, if it takes no more than ``most`` bytes."""
    dtype, shape, order = header
    n_bytes = math.prod(shape) * dtype.itemsize
    if n_bytes > most:
        raise fault(path, f"Array must take at most the {most} bytes that the file can hold, not {n_bytes}")
    content = handle.read(n_bytes)
    if len(content) != n_bytes:
        raise fault(path, f"Array must have the {n_bytes} bytes that its header promises, not {len(content)}")
    array = np.ndarray(shape, dtype, content, order=order) if n_bytes else np.zeros(shape, dtype)
    return array.astype(dtype.newbyteorder("="))
