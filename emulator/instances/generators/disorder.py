"""Couplings drawn or given: the argument ``J`` of the generators."""

from __future__ import annotations

import numpy as np

from ...spec.errors import InputError


def draw_couplings(J, n_couplings, rng):
    """Return couplings, in the order of the generator's edges.

    Parameters
    ----------
    J : float or str
        One number for all, ``pm`` for -1 or +1 with equal chance, or ``gauss`` for standard normal numbers.
    n_couplings : int
        Number of couplings.
    rng : numpy.random.Generator
        Source of the draws; untouched if ``J`` is a number.

    Returns
    -------
    ndarray, shape (n_couplings,), float64
    """
    if J == "pm":
        return 2.0 * rng.integers(0, 2, n_couplings, dtype=np.int8) - 1.0
    if J == "gauss":
        return rng.standard_normal(n_couplings)
    if isinstance(J, str):
        raise InputError(f"Coupling J must be a number, pm or gauss, not {J!r}")
    return np.full(n_couplings, float(J))
