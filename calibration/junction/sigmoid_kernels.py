"""Logistic regressions of many junctions at once: two parameters each, Newton's steps in closed form."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

MAX_STEPS = 50
STEP_DONE = 1e-8  # in standard errors
LONGEST_STEP = 4.0  # in log-odds, at either end of the drives


@njit(cache=True)
def fit_many(x, n_up, n_reads, start, found):
    """Fit log-odds a + b x to counts; Fisher scoring, each step shortened to four units of log-odds.

    Without the limit one fit in 1e5 runs away from a start on a flat part of the curve.

    Parameters
    ----------
    x : ndarray, shape (n_drives,), float64
        Drives, centred and of order 1.
    n_up, n_reads : ndarray, shape (n_fits, n_drives), float64
        Counts, whole or not.
    start : ndarray, shape (n_fits, 2), float64
        Values at which each search begins.
    found : ndarray, shape (n_fits, 5), float64
        Written: a, b, then the inverse information aa, ab, bb; NaN where no maximum was found.
    """
    reach = 0.0
    for value in x:
        reach = max(reach, abs(value))
    for fit in range(n_up.shape[0]):
        a, b = start[fit, 0], start[fit, 1]
        found[fit, :] = np.nan
        for _ in range(MAX_STEPS):
            g0, g1, h00, h01, h11 = 0.0, 0.0, 0.0, 0.0, 0.0
            for k in range(x.size):
                p = 1.0 / (1.0 + math.exp(-(a + b * x[k])))
                residual = n_up[fit, k] - n_reads[fit, k] * p
                weight = n_reads[fit, k] * p * (1.0 - p)
                g0 += residual
                g1 += residual * x[k]
                h00 += weight
                h01 += weight * x[k]
                h11 += weight * x[k] * x[k]
            determinant = h00 * h11 - h01 * h01
            if not determinant > 1e-12 * h00 * h11:
                break
            da, db = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
            gain = da * g0 + db * g1
            longest = abs(da) + reach * abs(db)
            shrink = 1.0 if longest < LONGEST_STEP else LONGEST_STEP / longest
            a += shrink * da
            b += shrink * db
            if gain < STEP_DONE * STEP_DONE:
                found[fit, 0], found[fit, 1] = a, b
                found[fit, 2], found[fit, 3], found[fit, 4] = h11 / determinant, -h01 / determinant, h00 / determinant
                break
