"""Dates and clock times of data loggers as seconds."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import numpy as np

from ...emulator.spec.errors import InputError

_DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})[T ]+(.*)", re.ASCII)
_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d+))?)?(?: ?([AaPp])[Mm])?(?: ?(Z|[+-]\d{2}:?\d{2}))?", re.ASCII
)
HALF_DAY_S = 43_200.0


def seconds_of_stamps(texts, where):
    """Return the time of each stamp after the first, in seconds; NaN where a text is empty.

    A clock without a date that falls by more than half a day has passed midnight. A date such as 03/04/2026 is read
    with the day first and with the month first; if only one is a date, or both give the same times, it holds.

    Parameters
    ----------
    texts : sequence of str
        Such as ``2026-01-31 10:00:00.5``, ``31.01.2026 10:00``, ``10:00:00``.
    where : function of (int)
        Words for a row, for refusals.

    Returns
    -------
    ndarray, shape (n,), float64

    Raises
    ------
    InputError
        If a stamp is none, or the order of day and month matters and is not told.

    Examples
    --------
    >>> seconds_of_stamps(["23:59:59.5", "", "0:00:01"], str).tolist()
    [0.0, nan, 1.5]
    """
    found, first_fault = [], None
    for is_day_first in (True, False):
        seconds, fault = _seconds(texts, is_day_first)
        if fault is None and not any(np.array_equal(seconds, one, equal_nan=True) for one in found):
            found.append(seconds)
        elif fault is not None:
            first_fault = fault if first_fault is None else first_fault
    if not found:
        raise InputError(f"{where(first_fault)} must be a date and time, or a clock time, not {texts[first_fault]!r}")
    if len(found) == 2:
        row = int(np.flatnonzero((found[0] != found[1]) & np.isfinite(found[0]))[0])
        rule = "a date of one reading (write 2026-01-31)"
        raise InputError(f"{where(row)} must be {rule}, not {texts[row]!r}, in which day and month may be exchanged")
    return found[0]


def _seconds(texts, is_day_first):
    """Return seconds from the first stamp, and the row of the first fault or None."""
    seconds, start, added = np.full(len(texts), np.nan), None, 0.0
    before = None
    for k, text in enumerate(texts):
        if not text:
            continue
        try:
            moment, has_date = _moment(text, is_day_first)
        except ValueError:
            return seconds, k
        start = moment if start is None else start
        if (moment.tzinfo is None) != (start.tzinfo is None):
            return seconds, k
        value = (moment - start).total_seconds()
        if not has_date and before is not None and value + added < before - HALF_DAY_S:
            added += 2.0 * HALF_DAY_S
        seconds[k] = before = value + added
    return seconds, None


def _moment(text, is_day_first):
    """Return the moment of a stamp and whether it has a date; ValueError if it is none."""
    date = _DATE.fullmatch(text)
    clock = _CLOCK.fullmatch(date[4] if date else text)
    if clock is None:
        raise ValueError
    day = _day(date, is_day_first) if date else datetime(2000, 1, 1)
    hour = int(clock[1])
    if clock[5]:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if clock[5] in "pP" else 0)
    fraction = int(((clock[4] or "0") + "000000")[:6])
    moment = day.replace(hour=hour, minute=int(clock[2]), second=int(clock[3] or 0), microsecond=fraction)
    if clock[6]:
        minutes = 0 if clock[6] == "Z" else int(clock[6][1:3]) * 60 + int(clock[6][-2:])
        moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes if clock[6][0] != "-" else -minutes)))
    return moment, date is not None


def _day(date, is_day_first):
    """Return midnight of a date: the year is what has four digits."""
    one, two, three = (int(date[k]) for k in (1, 2, 3))
    if len(date[1]) == 4:
        return datetime(one, two, three)
    if len(date[3]) not in (2, 4):
        raise ValueError
    year = three if len(date[3]) == 4 else 2000 + three
    return datetime(year, two, one) if is_day_first else datetime(year, one, two)
