"""Which of a file's arrays are J and h: the usual names, or those that the user gives."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from ..faults import fault, shown

MATRIX_NAMES = ("JOrig", "J")  # the published JOrig_NNNN.mat files call their matrix J
BIAS_NAME = "h"
MOST_NAMED = 12  # arrays that a message lists
LIKELY_BIASES = re.compile(
    r"(?i)h.{0,4}|b|.*(bias|field|linear).*"
)  # vectors that should not be passed over in silence
_VARIABLE = re.compile(r"([^\[\],]+)(?:\[(\d{1,9})\])?(?:(,)([^\[\],]*))?")


class Listed(NamedTuple):
    """An array of a file: its name, shape and type, as a listing shows it."""

    name: str
    shape: tuple
    kind: str

    def __str__(self):
        return f"{self.name} ({' x '.join(map(str, self.shape)) or '1'} {self.kind})"


class Choice(NamedTuple):
    """What is read: the matrix, its number in a stack (or None), and the biases (or None)."""

    matrix: str
    index: int | None
    biases: str | None


def choose(path, arrays, variable=None):
    """Return the `Choice` among a file's arrays.

    Parameters
    ----------
    path : str or Path
        Named in error messages.
    arrays : list of Listed
        Arrays that the file holds.
    variable : str, optional
        ``W``, ``W[3]`` for a matrix of a stack, counted from 0, or ``W,b`` with the name of the biases (``W,`` for
        none). By default ``JOrig`` or ``J``; biases are ``h`` where there is one.

    Raises
    ------
    InputError
        If there is no such array, or a vector under another name may be the biases; it names what is there.
    """
    names = {array.name for array in arrays}
    if variable is None:
        matrix, index, biases = next((name for name in MATRIX_NAMES if name in names), None), None, None
        if matrix is None:
            raise fault(path, f"Matrix must be called {' or '.join(MATRIX_NAMES)}, not be absent{_found(arrays)}")
    else:
        match = _VARIABLE.fullmatch(variable.strip())
        if match is None:
            raise fault(path, f"Variable must be NAME, NAME[NUMBER] or NAME,BIASES, not {shown(variable)}")
        matrix, index, biases = match[1], None if match[2] is None else int(match[2]), match[4]
    for name in (matrix, biases):
        if name and name not in names:
            raise fault(path, f"Variable must be one of the file, not {shown(name)}{_found(arrays)}")
    if biases is None:
        biases = BIAS_NAME if BIAS_NAME in names and BIAS_NAME != matrix else _no_other(path, arrays, matrix)
    return Choice(matrix, index, biases or None)


def _no_other(path, arrays, matrix):
    """Return no name for the biases, if no other vector of the file could be meant."""
    n_spins = max(next(array.shape for array in arrays if array.name == matrix), default=0)
    for array in arrays:
        if array.name != matrix and LIKELY_BIASES.fullmatch(array.name) and math.prod(array.shape) == n_spins > 1:
            rule = f"called {BIAS_NAME}, or named: --variable {matrix},{array.name} (or {matrix}, for none)"
            raise fault(path, f"Biases must be {rule}, not be {array}")
    return ""


def _found(arrays):
    """Return a remark that names the arrays, and how to take one."""
    if not arrays:
        return " (the file holds no array)"
    named = ", ".join(str(array) for array in arrays[:MOST_NAMED])
    more = f" and {len(arrays) - MOST_NAMED} more" if len(arrays) > MOST_NAMED else ""
    return f" (found {named}{more}; take one with --variable NAME)"


def layer(path, name, array, index, axis):
    """Return one matrix of a stack.

    Parameters
    ----------
    path, name : str
        Named in error messages.
    array : ndarray
        A matrix, which comes back as it is, or a stack of three dimensions.
    index : int or None
        Which, from 0; needed unless the stack has one.
    axis : {0, 2}
        Along which matrices are stacked where the shape leaves it open: first in numpy, last in MATLAB.
    """
    if array.ndim != 3:
        if index is not None:
            rule = f"be a stack of matrices to take number {index} of it"
            raise fault(path, f"Matrix {name} must {rule}, not of shape {array.shape}")
        return array
    other = 2 - axis
    if array.shape[1] != array.shape[other] and array.shape[1] == array.shape[axis]:
        axis = other
    count = array.shape[axis]
    if index is None and count != 1:
        last = f"'{name}[0]' ... '{name}[{count - 1}]'"
        rule = f"be named, one of the {count} of this stack of shape {array.shape}: --variable {last}"
        raise fault(path, f"Matrix {name} must {rule}, not left open")
    if not 0 <= (index or 0) < count:
        raise fault(path, f"Number of a matrix in {name} must be in 0..{count - 1}, not {index}")
    return array.take(index or 0, axis=axis)
