"""Child process that reads MATLAB and HDF5 files, whose C readers die on damaged ones; run by `array_process` only.

It is a script of its own, which imports nothing of this package, so that it starts in the time of numpy and scipy.io.
First line of stdin: JSON list of import paths. Each further line: a request, JSON with ``path``, ``name`` (None: list
what is there), ``seconds`` and ``bytes``. Answer on stdout: a line of JSON, then the bytes of its arrays.
"""

import contextlib
import json
import os
import struct
import sys
import warnings
import zlib

MAX_LISTED = 1000  # variables that a listing names
REAL = "biuf"  # kinds of numpy that are real numbers
# Seen on damaged files; scipy's own errors derive from Exception or from these.
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def serve(requests, answers):
    """Answer requests, a line each, until there are none."""
    for line in requests:
        request = json.loads(line)
        _limit(request["seconds"], request["bytes"])
        try:
            head, arrays = _answer(request)
        except MemoryError:
            head, arrays = {"error": f"needs more than {request['bytes']} bytes of memory"}, []
        except UNREADABLE as error:  # any other ends the child, which the parent tells in one line too
            head, arrays = {"error": f"{type(error).__name__}: {error}"[:300]}, []
        answers.write(json.dumps(head).encode() + b"\n")
        for array in arrays:
            answers.write(array.tobytes())
        answers.flush()


def _limit(seconds, n_bytes):
    """Bound the processor time from now on, and the address space, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard))
        resource.setrlimit(resource.RLIMIT_AS, (n_bytes, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _answer(request):
    """Return the head of an answer and its arrays."""
    path, name = request["path"], request["name"]
    with open(path, "rb") as handle:
        start = handle.read(520)
    is_hdf5 = start[:4] == b"\x89HDF" or start[512:516] == b"\x89HDF"
    if name is None:
        found = _list_hdf5(path) if is_hdf5 else _list_mat(path)
        return {"variables": [[n, list(map(int, s)), k] for n, s, k in found[:MAX_LISTED]], "hdf5": is_hdf5}, []
    return _packed(_read_hdf5(path, name) if is_hdf5 else _read_mat(path, name))


def _packed(value):
    """Return a variable as head and arrays: a matrix as its entries other than zero, the rest as it is."""
    import numpy as np

    shape = list(map(int, value.shape))
    if value.dtype.kind not in REAL:
        return {"shape": shape, "dtype": str(value.dtype), "parts": []}, []
    if len(shape) != 2:
        parts = {"values": np.ascontiguousarray(value, dtype=np.float64)}
    elif hasattr(value, "tocoo"):
        value.check_format(full_check=True)
        entries = value.tocoo()
        parts = {"rows": entries.row, "cols": entries.col, "values": entries.data}
    else:
        rows, cols = np.nonzero(value)
        parts = {"rows": rows, "cols": cols, "values": value[rows, cols]}
    arrays = [np.ascontiguousarray(a, dtype="<f8" if key == "values" else "<i8") for key, a in parts.items()]
    return {
        "shape": shape,
        "dtype": str(value.dtype),
        "parts": [[k, a.size] for k, a in zip(parts, arrays, strict=True)],
    }, arrays


def _list_mat(path):
    """Return name, shape and class of each variable of a file of MATLAB 4 to 7.2."""
    from scipy.io import matlab

    with open(path, "rb") as handle, _as_value_error(matlab.MatReadError):
        return matlab.whosmat(handle)


def _read_mat(path, name):
    """Return a variable of a file of MATLAB 4 to 7.2; all of it is read, since damage may hide the biases."""
    from scipy.io import matlab

    with open(path, "rb") as handle, _as_value_error(matlab.MatReadError):
        return matlab.loadmat(handle)[name]


@contextlib.contextmanager
def _as_value_error(kind):
    """Turn an error of a library, which derives from Exception itself, into a ValueError."""
    try:
        yield
    except kind as error:
        raise ValueError(str(error)) from None


def _list_hdf5(path):
    """Return name, shape (as MATLAB shows it) and class of each data set."""
    import h5py

    found = []
    with h5py.File(path, "r") as file:
        for name in file:
            if not isinstance(file.get(name, getlink=True), h5py.HardLink) or name.startswith("#"):
                continue
            item = file[name]
            kind = item.attrs.get("MATLAB_class", b"")
            kind = kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)
            if isinstance(item, h5py.Group):
                n_rows = item.attrs.get("MATLAB_sparse")
                shape = () if n_rows is None else (int(n_rows), item["jc"].shape[0] - 1)
                found.append((name, shape, "group" if n_rows is None else "sparse"))
            elif isinstance(item, h5py.Dataset):
                found.append((name, item.shape[::-1] if kind else item.shape or (), kind or str(item.dtype)))
    return found


def _read_hdf5(path, name):
    """Return a data set; MATLAB's are stored column by column, and its sparse ones as a group."""
    import h5py
    import numpy as np
    from scipy import sparse

    with h5py.File(path, "r") as file:
        item = file[name]
        if isinstance(item, h5py.Dataset):
            whole = item[()]
            return np.asarray(whole).T if "MATLAB_class" in item.attrs else np.asarray(whole)
        starts = item["jc"][()].astype(np.int64)
        shape = (int(item.attrs["MATLAB_sparse"]), len(starts) - 1)
        data = item["data"][()] if "data" in item else np.zeros(0)
        rows = item["ir"][()].astype(np.int64) if "ir" in item else np.zeros(0, dtype=np.int64)
        return sparse.csc_array((data, rows, starts), shape=shape)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a C library prints is no answer
    sys.path[:] = json.loads(sys.stdin.buffer.readline())
    serve(sys.stdin.buffer, answers)
