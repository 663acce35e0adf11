"""A first-in first-out queue of delayed flips: every synapse has the same delay; for kernels."""

from typing import NamedTuple

import numpy as np
from numba import njit


class DelayLine(NamedTuple):
    """A ring that grows.

    Parameters
    ----------
    due : ndarray, shape (capacity,), float64
        When each flip arrives [s].
    codes : ndarray, shape (capacity,), int64
        Which spin, and whether it rose (number) or fell (-1 - number): it may have flipped back since.
    marks : ndarray, shape (2,), int64
        Place of the first entry, and the number of entries.
    """

    due: np.ndarray
    codes: np.ndarray
    marks: np.ndarray


def delay_line():
    """Return an empty line."""
    return DelayLine(np.empty(64), np.empty(64, dtype=np.int64), np.zeros(2, dtype=np.int64))


@njit(cache=True)
def next_due(line):
    """Return when the first entry arrives [s]; infinite if there is none."""
    return line.due[line.marks[0]] if line.marks[1] > 0 else np.inf


@njit(cache=True)
def push(line, time, number, spin):
    """Append a flip to ``spin``; return the line, which may be a longer one."""
    size = line.due.size
    if line.marks[1] == size:
        due, codes = np.empty(2 * size), np.empty(2 * size, dtype=np.int64)
        for k in range(size):
            due[k], codes[k] = line.due[(line.marks[0] + k) % size], line.codes[(line.marks[0] + k) % size]
        line.marks[0] = 0
        line = DelayLine(due, codes, line.marks)
    last = (line.marks[0] + line.marks[1]) % line.due.size
    line.due[last], line.codes[last] = time, number if spin > 0 else -1 - number
    line.marks[1] += 1
    return line


@njit(cache=True)
def pop(line):
    """Take the first entry off; return the number of the spin and by how much it changed, -2 or +2."""
    code = line.codes[line.marks[0]]
    line.marks[0] = (line.marks[0] + 1) % line.due.size
    line.marks[1] -= 1
    return (code, 2.0) if code >= 0 else (-1 - code, -2.0)
