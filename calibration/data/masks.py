"""Readings that are left out on request, by stated rules, and counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...emulator.spec.errors import InputError

RULES = {
    "overload": "readings that are no number: 9.9E37, 9.91E37, inf, nan, OL, ----",
    "empty": "cells without a reading",
    "spikes": "isolated spikes of a trace",
    "gaps": "samples that a trace lacks: steps in time of two intervals or more",
}
LONGEST = 3  # samples of a spike; what lasts longer is a state
MOST_ALIKE = 4  # spikes of one height; five visits are a state that the fit can use
QUANTILES = (0.01, 0.99)


def parse_mask(text):
    """Return the rules that a text names, separated by commas; ``all`` for all; frozenset of str."""
    names = {name.strip() for name in text.split(",") if name.strip()}
    if "all" in names:
        return frozenset(RULES)
    for name in sorted(names - set(RULES)):
        raise InputError(f"Mask must be of {', '.join(RULES)} or all, not {name!r}")
    return frozenset(names)


def spikes(values):
    """Return the samples that are isolated spikes.

    A spike lies outside the range from the 1 % to the 99 % quantile by more than the width of that range, and lasts
    three samples at most. Five or more of one height, within the width, are no spikes but a state that is visited
    seldom. Of normal noise one sample in 10^11 is so far out, and of a trace with two levels none.

    Parameters
    ----------
    values : ndarray, shape (n,), float64
        Samples in the order of time, NaN where there is none.

    Returns
    -------
    ndarray of int64
    """
    known = values[np.isfinite(values)]
    if known.size < 20:
        return np.empty(0, dtype=np.int64)
    low, high = np.quantile(known, QUANTILES)
    width = high - low
    with np.errstate(invalid="ignore"):
        is_far = (values > high + width) | (values < low - width)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_far, [False]]).astype(np.int8)))
    runs = [(start, end) for start, end in edges.reshape(-1, 2) if end - start <= LONGEST]
    heights = np.array([values[start] for start, _ in runs])
    kept = [
        run
        for run, height in zip(runs, heights, strict=True)
        if np.sum(np.abs(heights - height) <= width) <= MOST_ALIKE
    ]
    return np.concatenate([np.arange(*run) for run in kept]) if kept else np.empty(0, dtype=np.int64)


def without_spikes(table, name):
    """Return a table whose isolated spikes in a column were masked, or refuse them where no rule masks them.

    Parameters
    ----------
    table : Table
        Table of traces.
    name : str
        Name of the column.
    """
    found = spikes(table[name])
    if not found.size:
        return table
    if "spikes" not in table.rules:
        row = int(found[0])
        hint = f"{found.size} such samples; --mask spikes leaves them out"
        rule = "within twice the range from the 1 % to the 99 % quantile"
        raise InputError(
            f"{table.where(name, row)} must be {rule}, not {table[name][row]:g}, an isolated spike: {hint}"
        )
    values = table[name].copy()
    values[found] = np.nan
    table.masked["spikes"] = int(found.size)
    return replace(table, columns={**table.columns, name: values})
