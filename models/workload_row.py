"""One row of a workload's table: a figure beside its reference, and whether they agree."""

from __future__ import annotations

import numpy as np

LARGEST_Z = 4.0  # standard errors off a reference; an honest row strays farther once in 16000 runs


def row(quantity, value, reference, source, ok, se=None):
    """Return a row.

    Parameters
    ----------
    quantity : str
        Name of the quantity.
    value : float or str
        Value that was found.
    reference : float, str or None
        What it is held against.
    source : str
        Where the reference comes from.
    ok : bool
        Whether they agree.
    se : float, optional
        Standard error of the value.

    Returns
    -------
    dict
    """
    value, reference = (x if x is None or isinstance(x, str) else float(x) for x in (value, reference))
    return {"quantity": quantity, "value": value, "se": se, "reference": reference, "source": source, "ok": bool(ok)}


def near(quantity, value, reference, within, source):
    """Return a row that is good within a fixed distance of its reference."""
    return row(quantity, value, reference, source, abs(value - reference) <= within)


def measured(quantity, value, reference, se, source):
    """Return a row that is good within `LARGEST_Z` standard errors of its reference."""
    return row(quantity, value, reference, source, abs(value - reference) <= LARGEST_Z * se, se)


def reweighted(quantity, value, reference, se, faults, source):
    """Return a row of a reweighted figure: as `measured`, but named without an error bar where that was refused.

    Parameters
    ----------
    quantity, value, reference, source
        Same meaning as in `row`.
    se : float
        Standard error, infinite where the weights do not tell one.
    faults : tuple of str
        Reasons why no error is told.
    """
    if np.isfinite(se):
        return measured(quantity, value, reference, se, source)
    return row(f"{quantity}; no error bar: {'; '.join(faults)}", value, reference, source, True)


def below(quantity, value, limit, source="target"):
    """Return a row that is good below a limit."""
    return row(quantity, value, f"< {limit:.3g}", source, value < limit)


def fact(quantity, value, source="measured"):
    """Return a row without a reference, good if it is a number at all."""
    return row(quantity, value, None, source, np.isfinite(value))


def share_error(share, n):
    """Return the standard error of a share of n independent cases; float.

    >>> share_error(0.5, 100)
    0.05
    """
    return float(np.sqrt(share * (1.0 - share) / n))


def mean_of_blocks(series, n_blocks=30):
    """Return the mean of a series and its standard error from equal blocks; float, float.

    Parameters
    ----------
    series : ndarray, shape (n,), float64
        In order of time, ``n`` a multiple of ``n_blocks``.
    n_blocks : int
        Blocks, each longer than the series remembers.

    >>> mean_of_blocks(np.array([1.0, 1.0, 3.0, 3.0]), 2)
    (2.0, 1.0)
    """
    blocks = np.reshape(series, (n_blocks, -1)).mean(axis=1)
    return float(np.mean(series)), float(blocks.std(ddof=1) / np.sqrt(n_blocks))
