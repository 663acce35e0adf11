"""Gains that undo the mean drift of conductances."""

from __future__ import annotations

import numpy as np


def drift_gains(kind, references, present):
    """Return the factor by which the results of every tile are multiplied.

    Parameters
    ----------
    kind : {"none", "global", "tile", "column"}
        One gain for all tiles, one for each, or one for each column of each.
    references, present : list of ndarray, shape (n_batch, n_columns)
        What the tiles gave of the same calibration inputs at the reference read, and give now.

    Returns
    -------
    list of float or ndarray, shape (n_columns,)
        Sum of magnitudes then over sum of magnitudes now; 1 where nothing is read now.

    References
    ----------
    Joshi et al., Nat. Commun. 11, 2473 (2020): global drift compensation.
    """
    if kind == "none":
        return [1.0] * len(references)
    before, after = ([np.abs(read).sum(axis=0) for read in reads] for reads in (references, present))
    if kind == "column":
        return [_ratio(*sums) for sums in zip(before, after, strict=True)]
    before, after = ([sums.sum() for sums in side] for side in (before, after))
    if kind == "tile":
        return [float(_ratio(*sums)) for sums in zip(before, after, strict=True)]
    return [float(_ratio(sum(before), sum(after)))] * len(references)


def _ratio(before, after):
    return np.divide(before, after, out=np.ones_like(after), where=np.asarray(after) > 0)
