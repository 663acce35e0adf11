"""Numbers of any size brought near 1 by a power of two: exact, and squares of them neither overflow nor vanish."""

import numpy as np


def near_one(values):
    """Return values times 2^-k with the largest of them in 1/2 ... 1, and k.

    Parameters
    ----------
    values : ndarray, float64
        Finite numbers.

    Returns
    -------
    scaled : ndarray, float64
    exponent : int
        k, 0 where all values are 0.

    >>> near_one(np.array([3.0 * 2**1000, -(2.0**1000)]))
    (array([ 0.75, -0.25]), 1002)
    """
    values = np.asarray(values, dtype=np.float64)
    exponent = int(np.frexp(np.abs(values).max(initial=0.0))[1])
    return np.ldexp(values, -exponent), exponent


def deviations(values):
    """Return values less their mean times a power of two: the largest deviation lies in 1/2 ... 1, or all are 0.

    Rounding of the mean is no deviation: equal values give zeros.
    """
    scaled = near_one(values)[0]
    if scaled.size == 0 or scaled.min() == scaled.max():
        return np.zeros_like(scaled)
    return near_one(scaled - scaled.mean())[0]


def mean_of(values):
    """Return the mean of finite values, which never overflows; float."""
    scaled, exponent = near_one(values)
    return float(np.ldexp(scaled.mean(), exponent))


def deviation_of(values):
    """Return the standard deviation of finite values, one degree of freedom less; infinite beyond float64; float."""
    scaled, exponent = near_one(values)
    if scaled.min() == scaled.max():
        return 0.0
    shifted, further = near_one(scaled - scaled.mean())
    with np.errstate(over="ignore"):
        return float(np.ldexp(shifted.std(ddof=1), exponent + further))
