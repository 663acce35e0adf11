"""Whether samples are equally far apart, within what the digits of a file tell; samples that are lacking."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError

JITTER = 1e-3  # of the interval, by which a sample may be early or late
COARSEST = 0.5  # of the interval: digits that are coarser do not tell a lacking sample from a rounded time
MOST_LACKING = 4  # samples for each that is there


def sample_grid(table, rows, fills_gaps=False):
    """Return the interval of samples and the place of each on a grid of that interval.

    Times are equal to within `JITTER` of the interval; where they were rounded, to within half the unit of their last
    digit, provided that this unit is at most half an interval.

    Parameters
    ----------
    table : Table
        With a column ``time``.
    rows : ndarray of int64
        Rows of the trace in the file.
    fills_gaps : bool
        Whether samples may be lacking.

    Returns
    -------
    interval_s : float
    places : ndarray, shape (n_rows,), int64
        0, 1, 2 ... where none is lacking.
    rounding_s : float
        By which times were rounded, 0 where they need not have been.

    Raises
    ------
    InputError
        If times do not ascend or are not equal: row, time, rule.
    """
    times_s = table["time"][rows]
    steps = np.diff(times_s)
    half_s = table.half_digit("time", rows)
    _check_ascending(table, rows, times_s, half_s)
    if steps.size == 0:
        return 1.0, np.zeros(times_s.size, dtype=np.int64), 0.0
    interval_s = float(np.median(steps))
    if np.all(np.abs(steps - interval_s) <= JITTER * interval_s):
        return interval_s, np.arange(times_s.size), 0.0
    unit_s = float(2.0 * half_s.max())
    near = np.abs(steps - interval_s) <= JITTER * interval_s + min(unit_s, COARSEST * interval_s)
    typical_s = float(steps[near].mean())
    counts = np.rint(steps / typical_s) if fills_gaps else np.ones(steps.size)
    _check_lacking(table, rows, counts)
    places = np.concatenate([[0], np.cumsum(np.maximum(counts, 1.0))]).astype(np.int64)
    interval_s, start_s = np.polyfit(places, times_s - times_s[0], 1)
    left = np.abs(times_s - times_s[0] - start_s - interval_s * places)
    is_exact = np.abs(steps - typical_s * counts) <= JITTER * typical_s * counts
    if np.all(is_exact):
        return typical_s, places, 0.0
    if unit_s <= COARSEST * interval_s and left.max() <= unit_s + JITTER * interval_s:
        return float(interval_s), places, unit_s
    raise _unequal(table, rows, steps, counts * typical_s, unit_s if unit_s <= COARSEST * typical_s else 0.0)


def _check_ascending(table, rows, times_s, half_s):
    for k in np.flatnonzero(~(np.diff(times_s) > 0.0))[:1]:
        found = f"{times_s[k + 1]:.9g} s"
        if times_s[k + 1] == times_s[k]:
            found += (
                f", the same again (digits end at {2.0 * half_s[k + 1]:g} s)" if half_s[k + 1] else ", the same again"
            )
        rule = f"above {times_s[k]:.9g} s, the row before (sorted)"
        raise InputError(f"{table.where('time', rows[k + 1])} must be {rule}, not {found}")


def _check_lacking(table, rows, counts):
    if counts.sum() > (MOST_LACKING + 1) * (counts.size + 1):
        k = int(np.argmax(counts))
        found = f"{counts[k] - 1:g} between this row and the next"
        raise InputError(f"{table.where('time', rows[k])} samples must lack less than {MOST_LACKING} in 5, not {found}")


def _unequal(table, rows, steps, expected, unit_s):
    """Return the refusal of the first step that jitter and digits do not explain, the farthest if each alone may be."""
    far = np.abs(steps - expected)
    beyond = np.flatnonzero(far > unit_s + JITTER * expected)
    k = int(beyond[0] if beyond.size else np.argmax(far))
    rule = f"{expected[k]:.6g} s after the row before (equal intervals"
    rule += f", digits end at {unit_s:g} s)" if unit_s else ")"
    ratio = steps[k] / expected[k]
    hint = ": samples lack; --mask gaps takes them as not read" if ratio > 1.5 else ""
    return InputError(f"{table.where('time', rows[k + 1])} must be {rule}, not {steps[k]:.6g} s{hint}")
