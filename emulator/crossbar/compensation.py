"""Gains that undo the mean drift of conductances."""

from __future__ import annotations

import numpy as np


def drift_gains(kind, reference, present):
    """Return the factor by which outputs are multiplied.

    Parameters
    ----------
    kind : {"none", "global", "column"}
        One gain for all outputs, or one for each.
    reference, present : ndarray, shape (n_batch, n_outputs), or None
        The same calibration read right after programming, and now.

    Returns
    -------
    float or ndarray, shape (n_outputs,)
        Sum of magnitudes then over sum of magnitudes now; 1 where nothing is read now.

    References
    ----------
    Joshi et al., Nat. Commun. 11, 2473 (2020): global drift compensation.
    """
    if kind == "none":
        return 1.0
    axis = 0 if kind == "column" else None
    before, after = np.abs(reference).sum(axis=axis), np.abs(present).sum(axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(after > 0, before / after, 1.0)
