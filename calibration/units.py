"""Units in the names of columns: ``time_us``, ``drive (mV)``, ``conductance [uS]``; all become SI."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..emulator.spec.errors import InputError

PREFIXES = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
UNITS = {"s": "s", "V": "V", "A": "A", "S": "S", "ohm": "ohm", "Ω": "ohm", "Hz": "Hz", "T": "T", "K": "K"}
OF_TIME = {"min": 60.0, "h": 3600.0, "d": 86400.0}
_SPLIT = re.compile(r"^\s*(?P<name>.*?)(?:\s*[\(\[](?P<inside>[^\)\]]+)[\)\]]|_(?P<after>[^_]+))?\s*$")


@dataclass(frozen=True)
class Column:
    """What a kind of calibration reads.

    Parameters
    ----------
    name : str
        Name without its unit.
    units : tuple of str
        Units that it may have, in SI; empty for a pure number, whose header is the name alone.
    is_optional : bool
        May be absent.
    n_dims : int
        1 for a list, 2 for a matrix, which CSV cannot hold.
    """

    name: str
    units: tuple[str, ...] = ()
    is_optional: bool = False
    n_dims: int = 1

    @property
    def example(self):
        """How a header may look; str."""
        name = f"{self.name}_{self.units[0]}" if self.units else self.name
        return name if self.n_dims == 1 else f"{name} (matrix)"


def split_header(header):
    """Return the name, the unit in SI and its factor; unit None if the header bears none that is known.

    >>> split_header("time_us"), split_header("node voltage (mV)"), split_header("n_up")
    (('time', 's', 1e-06), ('node voltage', 'V', 0.001), ('n_up', None, 1.0))
    """
    found = _SPLIT.match(header)
    text = found["inside"] or found["after"] or ""
    unit, factor = _unit(text)
    return (found["name"], unit, factor) if unit else (header.strip(), None, 1.0)


def matched(headers, columns, place):
    """Find each column among headers.

    Parameters
    ----------
    headers : sequence of str
        Of a file.
    columns : sequence of Column
        What is looked for.
    place : str
        Name of the file, for refusals.

    Returns
    -------
    dict of str to (str, str or None, float)
        Header, unit and factor of each column that is there.

    Raises
    ------
    InputError
        If a column is absent, is there twice, has no unit or a wrong one.
    """
    split = [(header, *split_header(header)) for header in headers]
    places = {}
    for column in columns:
        same = [one for one in split if column.name in (one[0].strip(), one[1])]
        if len(same) > 1:
            raise InputError(
                f"{place}: column {column.name!r} must be there once, not as {same[0][0]!r}, {same[1][0]!r}"
            )
        if same:
            places[column.name] = _checked(same[0], column, place)
        elif not column.is_optional:
            rule = f"have a column {column.name!r}, such as {column.example}"
            raise InputError(f"{place}: file must {rule}, not only {', '.join(map(repr, headers)) or 'nothing'}")
    return places


def _checked(one, column, place):
    header, _, unit, factor = one
    if not column.units:
        if unit is not None and header.strip() != column.name:
            raise InputError(f"{place}: column {column.name!r} must be a number without unit, not in {unit}")
        return header, None, 1.0
    if unit is None:
        raise InputError(f"{place}: column {header!r} must bear its unit, as {column.example} does, not none")
    if unit not in column.units:
        raise InputError(f"{place}: column {header!r} must be in {' or '.join(column.units)}, not in {unit}")
    return header, unit, factor


def _unit(text):
    if text in OF_TIME:
        return "s", OF_TIME[text]
    for name, base in UNITS.items():
        if text.endswith(name) and text[: -len(name)] in PREFIXES:
            return base, PREFIXES[text[: -len(name)]]
    return None, 1.0
