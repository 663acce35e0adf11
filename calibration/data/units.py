"""Units in the names of columns: ``time_us``, ``drive (mV)``, ``conductance [uS]``, ``U / V``; all become SI."""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIXES = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
UNITS = {
    "s": "s",
    "V": "V",
    "v": "V",
    "VDC": "V",
    "Vdc": "V",
    "A": "A",
    "S": "S",
    "ohm": "ohm",
    "Hz": "Hz",
    "T": "T",
    "K": "K",
}
OF_TIME = {"min": 60.0, "h": 3600.0, "d": 86400.0}
LONG_PREFIXES = {"femto": "f", "pico": "p", "nano": "n", "micro": "u", "milli": "m", "": "", "kilo": "k", "mega": "M"}
LONG_PREFIXES |= {"giga": "G", "k": "k"}  # kOhm
LONG_UNITS = {"s": "sec second", "V": "volt", "A": "amp ampere", "S": "siemens", "ohm": "ohm", "Hz": "hertz"}
LONG_UNITS |= {"T": "tesla", "K": "kelvin", "min": "minute", "h": "hour hr", "d": "day"}
SEQUENCE = ("sequence", "index", "point", "points", "sample", "samples", "counts", "#")  # a column that counts rows
# Micro sign U+00B5 and Greek mu U+03BC, ohm sign U+2126 and Greek omega U+03A9 are each other's doubles.
SIGNS = str.maketrans({"\u00b5": "u", "\u03bc": "u", "\u2126": "ohm", "\u03a9": "ohm", "\ufeff": ""})
_SPLIT = (
    re.compile(r"^(?P<name>.*?)\s*[\(\[\{<]\s*(?P<unit>[^\(\)\[\]\{\}<>]+?)\s*[\)\]\}>]$"),
    re.compile(r"^(?P<name>.+?)\s*/\s*(?P<unit>[^/]+)$"),
    re.compile(r"^(?P<name>.+?)(?:\s+in\s+|,\s+)(?P<unit>\S+)$"),
    re.compile(r"^(?P<name>.+)_(?P<unit>[^_]+)$"),
    re.compile(r"^(?P<name>.+?)\s+(?P<unit>s|(?!min$|hr$)\S{2,})$"),  # not "Channel A", not "drive min"
)
_LABEL = re.compile(r"^(ch|chan|channel|probe|port|device|site|phase|series|curve|trace)[_ ][A-Z]$", re.I)


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
    aliases : tuple of str
        Other names that headers and people give it.
    is_known_by_unit : bool
        Where no header bears the name, the only column that has one of its units is taken.
    """

    name: str
    units: tuple[str, ...] = ()
    is_optional: bool = False
    n_dims: int = 1
    aliases: tuple[str, ...] = ()
    is_known_by_unit: bool = False

    @property
    def example(self):
        """How a header may look; str."""
        name = f"{self.name}_{self.units[0]}" if self.units else self.name
        return name if self.n_dims == 1 else f"{name} (matrix)"

    @property
    def names(self):
        """Its name and its aliases; tuple of str."""
        return (self.name, *self.aliases)


def split_header(header):
    """Return the name, the unit in SI and its factor; unit None if the header bears none that is known.

    >>> split_header("time_us"), split_header("node voltage (mV)"), split_header("n_up")
    (('time', 's', 1e-06), ('node voltage', 'V', 0.001), ('n_up', None, 1.0))
    >>> split_header("U / mV"), split_header("t in ms"), split_header("R [kΩ]")
    (('U', 'V', 0.001), ('t', 's', 0.001), ('R', 'ohm', 1000.0))
    """
    header = header.strip()
    if _LABEL.match(header):  # channel_A is no current
        return header, None, 1.0
    for pattern in _SPLIT:
        found = pattern.match(header)
        unit, factor = unit_of(found["unit"]) if found else (None, 1.0)
        if unit:
            return found["name"].strip(), unit, factor
    return header, None, 1.0


def unit_of(text):
    """Return the unit in SI that a text means and its factor; (None, 1.0) if it means none.

    >>> unit_of("mV"), unit_of("(ms)"), unit_of("Volts"), unit_of("milliseconds"), unit_of("Sequence")
    (('V', 0.001), ('s', 0.001), ('V', 1.0), ('s', 0.001), (None, 1.0))
    """
    text = text.translate(SIGNS).strip().strip("()[]{}<>").strip()
    if text in OF_TIME:
        return "s", OF_TIME[text]
    for name, base in UNITS.items():
        if text.endswith(name) and text[: -len(name)] in PREFIXES:
            return base, PREFIXES[text[: -len(name)]]
    return _long_unit(text.lower())


def _long_unit(text):
    """Return the unit of a word such as ``millivolts``; words are read without case, symbols never."""
    for base, words in LONG_UNITS.items():
        for word in words.split():
            for plural in (word, f"{word}s"):
                prefix = LONG_PREFIXES.get(text.removesuffix(plural)) if text.endswith(plural) else None
                if prefix is not None:
                    return ("s", OF_TIME[base]) if base in OF_TIME else (base, PREFIXES[prefix])
    return None, 1.0
