"""Working memory of a solver, kept from call to call: pages that the system hands out afresh cost as much as a step."""

from __future__ import annotations

import threading

import numpy as np

_KEPT = threading.local()


def workspace(shape, count):
    """Return arrays of any contents: the same memory at every call with one shape in one thread; one shape is kept.

    Parameters
    ----------
    shape : tuple of int
        Shape of each array.
    count : int
        Number of arrays.

    Returns
    -------
    tuple of ndarray, float64
        Arrays for use until the next call only.
    """
    held = getattr(_KEPT, "arrays", ())
    if len(held) < count or held[0].shape != shape:
        held = _KEPT.arrays = tuple(np.empty(shape) for _ in range(count))
    return held[:count]
