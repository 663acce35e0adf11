"""Distances between distributions over the same states."""

import numpy as np
from scipy.special import rel_entr

from ..spec.errors import InputError


def total_variation(p, q):
    r"""Return the total variation distance, in 0..1.

    .. math:: \mathrm{TV}(p, q) = \tfrac12 \sum_x |p(x) - q(x)|

    Parameters
    ----------
    p, q : array_like, shape (k,), float64
        Distributions over the same states, each of sum 1.

    >>> total_variation([0.5, 0.5, 0.0], [0.5, 0.25, 0.25])
    0.25
    """
    p, q = _same_states(p, q)
    return float(0.5 * np.abs(p - q).sum())


def kl_divergence(p, q):
    r"""Return the Kullback-Leibler divergence sum_x p(x) ln(p(x) / q(x)) [nat]; infinite where q lacks a state of p.

    >>> round(kl_divergence([0.5, 0.5], [0.25, 0.75]), 6)
    0.143841
    """
    p, q = _same_states(p, q)
    return float(rel_entr(p, q).sum())


def _same_states(p, q):
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    if p.ndim != 1 or p.shape != q.shape:
        raise InputError(f"Distributions must be over the same states, not of shapes {p.shape} and {q.shape}")
    return p, q
