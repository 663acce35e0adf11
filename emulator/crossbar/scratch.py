"""Working memory that is used again: pages that the system hands out afresh cost as much as the conversions."""

from __future__ import annotations

import math
import threading

import numpy as np

_KEPT = threading.local()


def scratch(name, shape, dtype):
    """Return an array with any contents, the same memory at every call with that name and type in one thread.

    Parameters
    ----------
    name : str
        Whose memory it is; two arrays that are in use at once must have different names.
    shape : tuple of int
        Shape of the array.
    dtype : type
        Type of the array, float32 or float64.
    """
    size, kept = math.prod(shape), _KEPT.__dict__
    held = kept.get((name, dtype))
    if held is None or held.size < size:
        held = kept[name, dtype] = np.empty(size, dtype=dtype)
    return held[:size].reshape(shape)
