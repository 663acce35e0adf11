"""Variables of MATLAB and HDF5 files, read in a child process with limits on time and memory.

The C readers of scipy and HDF5 end the whole process on some damaged files. A child costs a third of a second, the
import of scipy.io. No fork: it works from threads, notebooks and workers alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...spec.errors import ToolError
from ..faults import fault, shown

SECONDS, BYTES_PER_SECOND = 20.0, 1_000_000  # processor time allowed: a floor, and the slowest reading of a large file
WALL_FACTOR = 6  # wall time over processor time, on a busy machine
FREE_BYTES, BYTES_PER_BYTE = 2**31, 40  # address space allowed: a floor, and for each byte of the file
GRACE = 5.0  # seconds from the end of a child's output to its own end
_STOPPED = (-24, -9)  # by the limit on processor time, by ours on wall time
_SCRIPT = Path(__file__).with_name("array_child.py")


class Variable(NamedTuple):
    """What a listing says of a variable: its name, shape and class (``double``, ``sparse``, ``cell``, ...)."""

    name: str
    shape: tuple
    kind: str


class Found(NamedTuple):
    """A variable: shape, type, and its numbers.

    Parameters
    ----------
    shape : tuple of int
        Shape, as MATLAB or HDF5 shows it.
    dtype : str
        Type in the file; ``values`` is None if it is not of real numbers.
    places : ndarray, shape (2, k), int64, or None
        Rows and columns of a matrix's entries other than zero.
    values : ndarray, shape (k,) or ``shape``, float64, or None
        These entries; all numbers of an array that is no matrix.
    """

    shape: tuple
    dtype: str
    places: np.ndarray | None
    values: np.ndarray | None


class ArrayProcess:
    """A child that reads; a context. It may read several files, and is started anew after it died.

    Examples
    --------
    >>> with ArrayProcess() as reader:  # doctest: +SKIP
    ...     reader.read("glass.mat", "J").shape
    (512, 512)
    """

    def __init__(self):
        self._child = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def variables(self, path):
        """Return the list of `Variable` of a file."""
        head, _ = self._ask(path, None)
        return [Variable(str(name), tuple(shape), str(kind)) for name, shape, kind in head["variables"]]

    def read(self, path, name):
        """Return the variable ``name`` as `Found`.

        Raises
        ------
        InputError
            If the file is damaged, takes more time or memory than its size explains, or kills its reader.
        """
        head, parts = self._ask(path, name)
        shape = tuple(head["shape"])
        if not parts:
            return Found(shape, head["dtype"], None, None)
        if "rows" not in parts:
            return Found(shape, head["dtype"], None, parts["values"].reshape(shape))
        places = np.stack([parts["rows"], parts["cols"]])
        if places.size and (places.min() < 0 or np.any(places.max(axis=1) >= shape)):
            raise fault(path, f"Entries of {shown(name)} must lie in its {shape[0]} x {shape[1]} places, not outside")
        return Found(shape, head["dtype"], places, parts["values"])

    def _ask(self, path, name):
        """Return the head and the arrays of the child's answer."""
        size = os.stat(path).st_size
        seconds, n_bytes = SECONDS + size / BYTES_PER_SECOND, FREE_BYTES + BYTES_PER_BYTE * size
        request = {"path": os.path.abspath(path), "name": name, "seconds": seconds, "bytes": n_bytes}
        child = self._started()
        timer = threading.Timer(WALL_FACTOR * seconds, child.kill)
        timer.start()
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            line = child.stdout.readline()
            head = json.loads(line) if line.endswith(b"\n") else None
            parts = None if head is None else _parts(head, child.stdout)
        except BrokenPipeError:
            parts = None
        finally:
            timer.cancel()
        if parts is None:
            raise fault(path, f"Instance must be a sound file, not one on which its reader {self._end(seconds)}")
        if "error" in head:
            raise fault(path, f"Instance must be a MATLAB or HDF5 file, not one that gives {shown(head['error'])}")
        return head, parts

    def _end(self, seconds):
        """Return how the child ended, and forget it."""
        child, self._child = self._child, None
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
        child.communicate()
        slow = f"takes more than {seconds:.0f} s of processor time"
        return slow if child.returncode in _STOPPED else f"ends with status {child.returncode}"

    def _started(self):
        """Return the child; it imports from where this process does, and nothing else."""
        if self._child is None:
            if not sys.executable:
                raise ToolError("Python must know its own program (sys.executable) to read such a file, not lack it")
            child = subprocess.Popen(
                [sys.executable, "-I", str(_SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )
            paths = [path for path in sys.path if os.path.isabs(path)]
            child.stdin.write(json.dumps(paths).encode() + b"\n")
            self._child = child
        return self._child


def _parts(head, stream):
    """Return the arrays that follow a head, or None if they end early."""
    parts = {}
    for key, size in head.get("parts", []):
        content = stream.read(8 * size)
        if len(content) != 8 * size:
            return None
        parts[key] = np.frombuffer(content, dtype="<f8" if key == "values" else "<i8")
    return parts
