"""The Pareto front of a set of points, and its knee."""

from __future__ import annotations

import numpy as np


def pareto_front(values):
    """Return which rows no other row beats: as good in all columns and better in one; ndarray, shape (n,), bool.

    Parameters
    ----------
    values : ndarray, shape (n, m), float64
        Smaller is better. Rows that are equal stay or go together.

    >>> pareto_front(np.array([[1.0, 3.0], [2.0, 2.0], [2.0, 4.0], [3.0, 1.0]])).tolist()
    [True, True, False, True]
    """
    order = np.lexsort(values.T[::-1])
    kept, front = [], np.zeros(len(values), dtype=bool)
    for index in order:  # sorted by the first column: only those before can beat a row
        row = values[index]
        rivals = values[kept]
        beaten = len(kept) and bool(((rivals <= row).all(axis=1) & (rivals < row).any(axis=1)).any())
        if not beaten:
            kept.append(index)
            front[index] = True
    return front


def knee(x, y):
    """Return the number of the point of a falling front that lies farthest below the chord of its ends; int.

    Both axes are scaled to the front's own range; positive ones that span a decade are taken as logarithms first.

    >>> knee(np.array([1.0, 2.0, 3.0, 10.0]), np.array([10.0, 3.0, 2.5, 2.0]))
    1
    """
    a, b = (_scaled(np.asarray(one, dtype=np.float64)) for one in (x, y))
    order = np.argsort(a, kind="stable")
    first, last = order[0], order[-1]
    chord = b[first] + (b[last] - b[first]) * a
    return int(order[np.argmax((chord - b)[order])])


def _scaled(values):
    if values.min() > 0 and values.max() > 10.0 * values.min():
        values = np.log(values)
    width = np.ptp(values)
    return (values - values.min()) / width if width > 0 else np.zeros(len(values))
