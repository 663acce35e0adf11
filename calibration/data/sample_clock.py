"""Interval and start of samples, where a file states them in its preamble instead of a column of times."""

from __future__ import annotations

import re
from math import isclose, isfinite

from ...emulator.spec.errors import InputError
from .number_text import plain_signs
from .units import split_header, unit_of

INTERVAL = re.compile(
    r"(t ?inc(rement)?|x ?incr?(ement)?|increment|interval|(sampl\w+|horizontal|time) (interval|period|time|step)"
    r"|delta ?[tx]|dt|time ?base interval|tsample|interval_s|sampling_interval)",
    re.I,
)
RATE = re.compile(r"((sampl\w+|data) ?(rate|frequency|freq)|fs|rate|sample ?rate)", re.I)
START = re.compile(
    r"(t0|start|x ?(zero|origin|offset)|first (sample|point)|trigger (time|offset)|start time|t ?start)", re.I
)
_PAIR = re.compile(r"\s*([^=:]{1,60}?)\s*[=:]\s*(\S.*?)\s*$")
_NUMBER = re.compile(r"([+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?)\s*([^\d\s;,]*)(?:/s)?\s*$", re.ASCII)
RATES = {"Sa": 1.0, "S": 1.0, "Hz": 1.0, "": 1.0, "kSa": 1e3, "kS": 1e3, "kHz": 1e3, "MSa": 1e6, "MS": 1e6, "MHz": 1e6}
RATES |= {"GSa": 1e9, "GS": 1e9, "GHz": 1e9, "sps": 1.0, "ksps": 1e3, "Msps": 1e6}


def interval_of(table):
    """Return the interval between samples that a file states, in seconds, or None.

    Parameters
    ----------
    table : RawTable
        Whose lines around the table are searched for an increment, an interval or a sampling rate.

    Raises
    ------
    InputError
        If two statements contradict each other, or one is no time above 0.
    """
    found = {}
    for key, number, unit, header_unit in _facts(table):
        factor = _seconds(unit or header_unit)
        if INTERVAL.fullmatch(key) and factor:
            found[key] = number * factor
        if RATE.fullmatch(key) and (unit or header_unit) in RATES and number:
            found[key] = 1.0 / (number * RATES[unit or header_unit])
    for key, interval_s in found.items():
        if not (isfinite(interval_s) and interval_s > 0.0):
            raise InputError(f"{table.path}: {key!r} must be a time above 0 s, not {interval_s:g}")
    ends = (min(found.values()), max(found.values())) if found else (1.0, 1.0)
    if not isclose(*ends, rel_tol=1e-3):
        raise InputError(f"{table.path}: intervals of samples must agree, not {ends[0]:g} and {ends[1]:g} s")
    return next(iter(found.values()), None)


def start_of(table):
    """Return the time of the first sample that a file states, in seconds; 0 if it states none."""
    for key, number, unit, header_unit in _facts(table):
        if START.fullmatch(key) and _seconds(unit or header_unit):
            return number * _seconds(unit or header_unit)
    return 0.0


def _seconds(unit):
    """Return the factor of a unit of time, 1 for none, 0 for another."""
    if not unit:
        return 1.0
    base, factor = unit_of(unit)
    return factor if base == "s" else 0.0


def _facts(table):
    """Yield key, number, unit behind the number and unit of the key, of all that stands around a table."""
    rows = [[part for cell in row for part in re.split("[,;\t]", cell)] for row in table.around]
    for above, row in zip(rows, rows[1:], strict=False):
        for k, cell in enumerate(row):
            if k < len(above) and _NUMBER.fullmatch(cell) and not _NUMBER.fullmatch(above[k]):
                yield from _fact(above[k], cell)  # a number below its name
    for row in rows:
        for cell in row:
            pair = _PAIR.match(cell)
            if pair:
                yield from _fact(*pair.groups())
        for key, cell in zip(row, row[1:], strict=False):
            yield from _fact(key.rstrip(" :="), cell)


def _fact(key, text):
    number = _NUMBER.fullmatch(plain_signs(text))
    if number and key and not _NUMBER.fullmatch(key):
        name, unit, _ = split_header(key)
        shown = key[len(name) :].strip(" ()[]_/") if unit else ""
        yield name, float(number[1].replace(",", ".")), number[2], shown
