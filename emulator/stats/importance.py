"""Importance weights: shares of states from the logarithms of their weights, and how many states they are worth."""

from __future__ import annotations

import numpy as np


def shares_of(logs):
    """Return weights over their sum, from their logarithms; ndarray, shape (n,), float64. None of them overflows."""
    weights = np.exp(logs - np.max(logs))
    return weights / weights.sum()


def effective_share(shares):
    """Return Kish's effective sample size, 1 / sum of squares, over the number of states; float.

    >>> effective_share(np.array([0.5, 0.5, 0.0, 0.0]))
    0.5
    """
    return float(1.0 / (shares.size * np.square(shares).sum()))
