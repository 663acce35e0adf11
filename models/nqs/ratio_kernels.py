"""Ratios of amplitudes when spins flip, by sums of positive terms: for Metropolis moves and for local energies."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

BLOCK = 32  # hidden units between two logarithms: factors lie between e^-16 and e^16 for weights up to 8
LARGEST_EXPONENT = 150.0  # of a change of a hidden field, so that products of two changes stay in range


def exponentials(weights):
    """Return e^2w and e^-2w of couplings, both of their shape; what changes a hidden field when a site flips."""
    grown = np.exp(np.clip(2.0 * weights, -LARGEST_EXPONENT, LARGEST_EXPONENT))
    return grown, 1.0 / grown


@njit(cache=True)
def hidden_probabilities(theta, up, down):
    """Write the probabilities of hidden units being up and down, each with all its digits."""
    for h in range(theta.size):
        small = math.exp(-2.0 * abs(theta[h]))
        large = 1.0 / (1.0 + small)
        up[h] = large if theta[h] >= 0.0 else small * large
        down[h] = small * large if theta[h] >= 0.0 else large


@njit(cache=True, fastmath={"contract", "reassoc"})
def log_ratio(up, down, factors, inverses):
    r"""Return ln of the product over hidden units of cosh(theta + change) / cosh(theta).

    One of them is up e^change + down e^-change: all terms are positive, and no difference loses digits. The logarithm
    is taken once a block, so that products stay in range.

    Parameters
    ----------
    up, down : ndarray, shape (m,), float64
        Probabilities before the change.
    factors, inverses : ndarray, shape (m,), float64
        e^change and e^-change.
    """
    total = 0.0
    for first in range(0, up.size, BLOCK):
        product = 1.0
        for h in range(first, min(first + BLOCK, up.size)):
            product *= up[h] * factors[h] + down[h] * inverses[h]
        total += math.log(product)
    return total


@njit(cache=True, inline="always")
def exchange_changes(grown, shrunk, state, i, j, factors, inverses):
    """Write e^change of every hidden field, and its inverse, when the opposite spins i and j are exchanged."""
    lower, upper = (i, j) if state[i] > 0 else (j, i)  # the one that goes down, and the one that goes up
    for h in range(factors.size):
        factors[h] = shrunk[lower, h] * grown[upper, h]
        inverses[h] = grown[lower, h] * shrunk[upper, h]
