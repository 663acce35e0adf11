"""From the rows of a file to distinct pairs of spins."""

from __future__ import annotations

import numpy as np


def distinct_pairs(triples, n_spins, mirrored, rows=None):
    """Return one row number for each pair of spins, after the rules on repetition.

    Parameters
    ----------
    triples : Triples
        Rows with indices below ``n_spins + 1`` and no self loops.
    n_spins : int
        Number of spins.
    mirrored : {"refused", "allowed", "required"}
        Whether a pair may, or must, stand a second time as (j, i), then with the same value.
    rows : ndarray, int64, optional
        Rows to look at; all by default.

    Returns
    -------
    ndarray, int64
        Rows, ordered by pair.

    Raises
    ------
    InputError
        Names the line that repeats a pair, or that lacks its mirror image.
    """
    rows = np.arange(len(triples.values)) if rows is None else rows
    first, second = triples.first[rows], triples.second[rows]
    flipped = first > second
    keys = np.minimum(first, second) * (n_spins + 1) + np.maximum(first, second)
    order = np.argsort(2 * keys + flipped, kind="stable")
    keys, flipped, order = keys[order], flipped[order], rows[order]
    again = np.flatnonzero(keys[1:] == keys[:-1]) + 1  # place of a row whose pair was seen just before
    _check_repeats(triples, order, again, flipped, mirrored)
    starts = np.ones(len(order), dtype=bool)
    starts[again] = False
    if mirrored == "required" and 2 * len(again) != len(order):
        seen = np.bincount(np.cumsum(starts) - 1)
        row = order[np.flatnonzero(starts)[np.flatnonzero(seen == 1)]].min()
        i, j = triples.first[row], triples.second[row]
        raise triples.fault_at(row, f"Entry ({i}, {j}) must have its mirror image ({j}, {i}), not stand alone")
    return order[starts]


def _check_repeats(triples, order, again, flipped, mirrored):
    """Raise for the first line that repeats a pair where it may not, or with another value.

    ``order`` holds rows sorted by pair, ``flipped`` their orientation, and ``again`` the places in ``order`` whose
    pair stands one place earlier too.
    """
    values = triples.values[order]
    allowed = (flipped[again] != flipped[again - 1]) & (mirrored != "refused")
    bad = again[~allowed | (values[again] != values[again - 1])]
    if not len(bad):
        return
    later = np.maximum(order[bad], order[bad - 1])
    place = np.argmin(later)
    row, other = later[place], min(order[bad[place]], order[bad[place] - 1])
    i, j, new, old = triples.first[row], triples.second[row], triples.values[row], triples.values[other]
    if new != old:
        raise triples.fault_at(row, f"Pair ({i}, {j}) must keep its value {old}, not change it to {new}")
    raise triples.fault_at(row, f"Pair ({i}, {j}) must be given once, not repeated")
