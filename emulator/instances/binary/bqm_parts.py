"""A binary quadratic model in pieces, as files hold it, checked before dimod puts it together.

On arrays that do not hang together dimod's C++ core ends the whole process.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...spec.model_size import check_size
from ..faults import UNREADABLE, fault, named, shown

VARTYPES = ("SPIN", "BINARY")


class BqmParts(NamedTuple):
    """Sum of linear x + quadratic x x + offset, with dimod's signs.

    Parameters
    ----------
    vartype : str
        Kind of the variables, SPIN or BINARY.
    labels : list
        Names of the variables: whole numbers, texts, or lists of them.
    linear : ndarray, shape (n,), float64
    heads, tails : ndarray, shape (m,), int64
        Numbers of the variables of each interaction, from 0; a pair that comes twice adds up.
    quadratic : ndarray, shape (m,), float64
    offset : float
    """

    vartype: str
    labels: list
    linear: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    quadratic: np.ndarray
    offset: float


def assembled(path, parts):
    """Return the dimod model of some parts.

    Raises
    ------
    InputError
        If they do not hang together, or a number is not finite.
    """
    n = len(parts.linear)
    with named(path):
        check_size(n, len(parts.quadratic))
    if parts.vartype not in VARTYPES:
        raise fault(path, f"Variables must be SPIN or BINARY, not {shown(str(parts.vartype))}")
    lengths = [len(parts.heads), len(parts.tails), len(parts.quadratic)]
    if len(parts.labels) != n or len(set(lengths)) != 1:
        raise fault(path, f"Lists of the model must be of one length, not {[n, len(parts.labels)]} and {lengths}")
    for values in (parts.linear, parts.quadratic, np.array([parts.offset])):
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise fault(path, f"Biases of the model must be finite, not {values[bad[0]]}")
    ends = np.stack([parts.heads, parts.tails])
    if ends.size and (ends.min() < 0 or ends.max() >= n):
        raise fault(path, f"Variable index must be in 0..{n - 1}, not {ends[(ends < 0) | (ends >= n)][0]}")
    if np.any(ends[0] == ends[1]):
        raise fault(path, f"Interaction must join two variables, not {ends[0][ends[0] == ends[1]][0]} to itself")
    import dimod  # takes half a second, and most runs have no model of its

    try:
        labels = [_hashable(label) for label in parts.labels]
        if len(set(labels)) != n:
            raise ValueError("two variables of one name")
        return dimod.BinaryQuadraticModel.from_numpy_vectors(
            parts.linear, (*ends, parts.quadratic), parts.offset, parts.vartype, variable_order=labels
        )
    except UNREADABLE as error:
        raise fault(path, f"Instance must be a dimod model, not one that gives {shown(str(error))}") from None


def _hashable(label):
    """Return a label as dimod takes it: lists are tuples."""
    if isinstance(label, list):
        return tuple(_hashable(part) for part in label)
    if label is None or isinstance(label, dict):
        raise ValueError(f"a variable called {label!r}")
    return label
