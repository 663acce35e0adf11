"""Number partitioning and subset sum as Ising models, with answers counted on the numbers themselves."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.instance import IsingInstance

LARGEST = 1 << 25  # squares of sums stay exact in float64


def partition_instance(numbers):
    r"""Return the model of a partition into two halves.

    .. math:: E + \sum_i a_i^2 = \Big(\sum_i a_i s_i\Big)^2

    Parameters
    ----------
    numbers : sequence of int
        a, two or more, above 0.

    Returns
    -------
    IsingInstance
        Spin i tells the half of number i.
    """
    a = _checked(numbers)
    couplings = -2.0 * np.outer(a, a)
    np.fill_diagonal(couplings, 0.0)
    return IsingInstance(couplings, np.zeros(a.size), name=f"partition of {a.size} numbers")


def difference(numbers, spins):
    """Return by how much the two halves differ, for states of shape (..., n); ndarray, shape (...), int64."""
    return np.abs(np.asarray(spins, dtype=np.int64) @ np.asarray(numbers, dtype=np.int64))


def subset_instance(numbers, target):
    r"""Return the model of a subset with a given sum.

    .. math:: E + \mathrm{constant} = 4 \Big(\sum_i a_i x_i - T\Big)^2, \qquad x = (1 + s) / 2

    Parameters
    ----------
    numbers : sequence of int
        a, two or more, above 0.
    target : int
        T, 0 to the sum of all.

    Returns
    -------
    IsingInstance
    """
    a = _checked(numbers)
    if not 0 <= target <= a.sum():
        raise InputError(f"Target must be 0..{int(a.sum())}, the sum of all numbers, not {target}")
    couplings = -2.0 * np.outer(a, a)
    np.fill_diagonal(couplings, 0.0)
    return IsingInstance(couplings, -2.0 * a * (a.sum() - 2.0 * target), name=f"subset of {a.size} numbers")


def subset_sum(numbers, spins):
    """Return the sum of the chosen numbers, for states of shape (..., n); ndarray, shape (...), int64."""
    return (np.asarray(spins) > 0).astype(np.int64) @ np.asarray(numbers, dtype=np.int64)


def _checked(numbers):
    a = np.asarray(numbers)
    if a.ndim != 1 or a.size < 2 or a.dtype.kind not in "iu":
        raise InputError(f"Numbers must be two or more integers, not {a.dtype} of shape {a.shape}")
    for k in np.flatnonzero((a < 1) | (a > LARGEST))[:1]:
        raise InputError(f"Number {k} must be 1..{LARGEST}, not {a[k]}")
    if int(a.sum()) > LARGEST:
        raise InputError(f"Sum of the numbers must be at most {LARGEST}, for exact squares, not {int(a.sum())}")
    return a.astype(np.float64)
