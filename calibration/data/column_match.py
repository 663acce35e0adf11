"""Which columns of a file are which quantities: by the user's choice, by name, by unit; times of a stated interval."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from ...emulator.spec.errors import InputError
from .number_text import WORDS, class_of
from .raw_table import RawColumn
from .sample_clock import interval_of, start_of
from .units import SEQUENCE, split_header, unit_of

ALL = "*"
_UNIT_BEHIND = re.compile(r"^(.*?)\s*[\[\(]([^\]\)]*)[\]\)]$")


@dataclass(frozen=True, eq=False)
class Match:
    """A wanted column that was found.

    Parameters
    ----------
    columns : list of RawColumn
        One, or in a wide table one for each cell.
    unit : str or None
        SI unit of the values.
    factor : float
        Factor from the file's unit to the SI unit.
    """

    columns: list[RawColumn]
    unit: str | None
    factor: float


def parse_choice(text, columns):
    """Return what a person says of columns, dict of name to text.

    Parameters
    ----------
    text : str
        Such as ``time=Zeit,signal=Kanal 1[mV]``: a header or the number of a column from 1, and its unit in brackets
        where the file tells none; ``*`` for all others, one a cell.
    columns : sequence of Column
        Whose names and aliases may stand on the left.
    """
    names = {name: column.name for column in columns for name in column.names}
    parts = re.split(rf"(?:^|,)\s*({'|'.join(map(re.escape, names))})\s*=", text)
    found = {names[key]: value.strip() for key, value in zip(parts[1::2], parts[2::2], strict=True)}
    if parts[0].strip() or not found or not all(found.values()):
        rule = f"NAME=HEADER,... with names of {', '.join(column.name for column in columns)}"
        raise InputError(f"Columns must be {rule}, not {text!r}")
    return found


def match_columns(table, columns, choice=None):
    """Find each wanted column.

    Parameters
    ----------
    table : RawTable
        The file as it was read.
    columns : sequence of Column
        Columns that are looked for.
    choice : dict of str to str, optional
        Result of `parse_choice`.

    Returns
    -------
    dict of str to Match

    Raises
    ------
    InputError
        If a column is absent, may be two, has no unit or a wrong one: with the headers that are there.
    """
    choice = choice or {}
    raw = {column.name: _chosen(table, column, choice[column.name]) for column in columns if column.name in choice}
    for column in columns:
        if column.name not in raw:
            same = _named(table, column)
            if len(same) > 1:
                shown = ", ".join(repr(one.header) for one in same)
                raise InputError(
                    f"{table.path}: column {column.name!r} must be there once, not as {shown}{_hint(column)}"
                )
            if same:
                raw[column.name] = same
    is_wide = any(one.name == "cell" and not one.is_optional for one in columns) and "cell" not in raw
    for column in columns:
        if column.name not in raw and column.is_known_by_unit:
            taken = {id(one) for found in raw.values() for one in found}
            raw[column.name] = _by_unit(table, column, taken, is_wide)
    found = {column.name: _checked(table, column, raw[column.name]) for column in columns if raw.get(column.name)}
    is_wide = any(len(one.columns) > 1 for one in found.values())
    for column in columns:
        if column.name not in found and not column.is_optional and not (is_wide and column.name == "cell"):
            raise _absent(table, column, columns)
    return found


def _chosen(table, column, text):
    """Return the columns that a person means."""
    if text.startswith(ALL):
        return [_with_unit(one, text[1:]) for one in table.columns if one.values.ndim == 1 and not _is_time(one)]
    bare = _UNIT_BEHIND.match(text)
    for name, unit in ((text, ""), (bare[1], bare[2]) if bare else ("", "")):
        for test in (
            lambda one, name=name: one.header == name,
            lambda one, name=name: _plain(name) in _names_of(one.header),
        ):
            same = [one for one in table.columns if name and test(one)]
            if len(same) == 1:
                return [_with_unit(same[0], unit)]
        same = [one for one in table.columns if one.number and name == str(one.number)]
        if same:
            return [_with_unit(same[0], unit)]
    shown = ", ".join(repr(table.shown(one)) for one in table.columns)
    raise InputError(f"{table.path}: column {column.name!r} must be one of {shown}, not {text!r}")


def _with_unit(one, unit):
    unit = unit.strip("[]() ")
    return replace(one, unit=unit) if unit else one


def _named(table, column):
    """Return the columns whose header is one of the names, with or without unit and group."""
    names = {_plain(name) for name in column.names}
    exact = [one for one in table.columns if names & _names_of(one.header)]
    own = [one for one in exact if _plain(column.name) in _names_of(one.header)]
    return own or exact


def _names_of(header):
    last = header.rsplit("/", 1)[-1] if "/" in header and not split_header(header)[1] else header
    return {_plain(header), _plain(split_header(header)[0]), _plain(last), _plain(split_header(last)[0])} - {""}


def _plain(text):
    return re.sub(r"[\s_-]+", "_", text.strip().lower())


def _is_time(one):
    return one.is_stamp or _unit(one)[0] == "s" or "time" in _names_of(one.header)


def _by_unit(table, column, taken, is_wide):
    """Return the only column with a unit of the quantity, all of them in a wide table, or times of an interval."""
    same = [one for one in table.columns if id(one) not in taken and _unit(one)[0] in column.units]
    same = [one for one in same if one.values.ndim == column.n_dims]
    if not same and column.name == "time":
        return _of_interval(table)
    if len(same) > 1 and not (is_wide and column.name != "time"):
        shown = ", ".join(repr(table.shown(one)) for one in same)
        raise InputError(f"{table.path}: column {column.name!r} must be one of {shown}{_hint(column)}")
    return same if len(same) == 1 or is_wide else []


def _of_interval(table):
    """Return a column of times made from the interval that the file states, or an empty list."""
    is_told = all(class_of(one.header) == WORDS or one.unit for one in table.columns) or len(table.columns) == 1
    interval_s = interval_of(table) if is_told else None
    if interval_s is None:
        return []
    counted = [one for one in table.columns if _is_count(one)]
    counts = counted[0].values if counted else np.arange(_n_rows(table), dtype=np.float64)
    header = f"{counted[0].header} of {interval_s:g} s" if counted else f"interval of {interval_s:g} s"
    return [RawColumn(header, start_of(table) + interval_s * counts, "s", counted[0].faults if counted else {})]


def _is_count(one):
    return one.values.ndim == 1 and {one.unit.strip("()[] ").lower(), _plain(one.header)} & {*SEQUENCE, "no", "nr", "n"}


def _n_rows(table):
    return max((one.values.shape[0] for one in table.columns if one.values.ndim == 1), default=0)


def _unit(one):
    """Return unit and factor of a column: of its row of units or attribute, or of its header."""
    if one.is_stamp:
        return "s", 1.0
    unit, factor = unit_of(one.unit) if one.unit else (None, 1.0)
    if not unit and len(one.header) > 2:  # "Second", "Volts": the header is the unit
        unit, factor = unit_of(one.header)
    return (unit, factor) if unit else split_header(one.header)[1:]


def _checked(table, column, raw):
    """Return the `Match` of columns whose unit is one of the quantity's."""
    units = set()
    for one in raw:
        unit, factor = _unit(one)
        shown = table.shown(one)
        if not column.units:
            if unit is not None and _plain(one.header) not in map(_plain, column.names):
                raise InputError(f"{table.path}: column {column.name!r} must be a number without unit, not in {unit}")
            unit, factor = None, 1.0
        elif unit is None:
            rule = f"bear its unit, as {column.example} does"
            hint = f"rename it or add --columns {column.name}={shown}[{column.units[0]}]"
            raise InputError(f"{table.path}: column {shown!r} must {rule}, not none: {hint}")
        elif unit not in column.units:
            raise InputError(f"{table.path}: column {shown!r} must be in {' or '.join(column.units)}, not in {unit}")
        units.add((unit, factor))
    if len(units) > 1:
        raise InputError(f"{table.path}: columns of {column.name!r} must be in one unit, not in several")
    return Match(raw, *units.pop())


def _absent(table, column, columns):
    shown = ", ".join(repr(table.shown(one)) for one in table.columns) or "nothing"
    rule = f"have a column {column.name!r}, such as {column.example}"
    if any(one.header for one in table.columns) or not table.columns:
        unit = f"[{column.units[0]}]" if column.units else ""
        hint = f"rename one, or add --columns {column.name}=HEADER{unit}"
        hint += ", or a line 'Interval: 1e-6 s' above the table" if column.name == "time" else ""
        return InputError(f"{table.path}: file must {rule}, not only {shown} ({hint})")
    units = [f"[{one.units[0]}]" if one.units else "" for one in columns if not one.is_optional]
    names = [one.name for one in columns if not one.is_optional]
    numbers = [str(one.number) for one in table.columns] + ["NUMBER"] * len(names)
    hint = ",".join(f"{name}={number}{unit}" for name, number, unit in zip(names, numbers, units, strict=False))
    return InputError(f"{table.path}: file must {rule}, not columns {shown} without a header (say --columns {hint})")


def _hint(column):
    return f" (say which by --columns {column.name}=HEADER)"
