"""Numbers as people write them: three significant digits, thousands separators, units, real minus signs."""

from __future__ import annotations

import math
from typing import NamedTuple

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EN DASH}"
NO_BREAK = "\N{NO-BREAK SPACE}"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SI_UNITS = {"A", "B", "F", "Hz", "J", "S", "V", "W", "bit/s"}
SI_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P"}
LARGEST_WRITTEN_OUT = 10**12  # counts from here on lose their digits


class Quantity(NamedTuple):
    r"""A value with its unit and, if it was measured, its standard error.

    Seconds become ms or minutes; units of `SI_UNITS` and rates (ending in "/s") get a prefix.

    >>> str(Quantity(0.0123, "s")), str(Quantity(1.234e8, "updates/s")), str(Quantity(-801.37, "", 0.42))
    ('12.3\xa0ms', '123\xa0M\xa0updates/s', '−801.37 ± 0.42')
    """

    value: float
    unit: str = ""
    error: float | None = None

    def __str__(self):
        if self.error is not None:
            return _with_unit(measured_text(self.value, self.error), self.unit)
        if self.unit == "s":
            return seconds_text(self.value)
        if self.unit in SI_UNITS or self.unit.endswith("/s"):
            return _prefixed(self.value, self.unit)
        return _with_unit(number_text(self.value), self.unit)


def number_text(value):
    """Return a count in full, a float to three significant digits, and anything else as its text.

    >>> number_text(1234567), number_text(-858.0), number_text(0.012345), number_text(1.5e-7), number_text(12345.6)
    ('1,234,567', '−858', '0.0123', '1.5 × 10⁻⁷', '12,300')
    >>> number_text(None), number_text(True), number_text("xorshift32"), number_text(float("inf"))
    ('–', 'yes', 'xorshift32', '∞')
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, str | Quantity):
        return str(value)
    if isinstance(value, bool) or type(value).__name__ == "bool":  # the second is numpy's
        return "yes" if value else "no"
    if not hasattr(value, "__float__"):
        return str(value)
    number = float(value)
    if math.isnan(number):
        return UNKNOWN
    if math.isinf(number):
        return "∞" if number > 0 else f"{MINUS}∞"
    if number.is_integer() and abs(number) < LARGEST_WRITTEN_OUT:
        return f"{int(number):,}".replace("-", MINUS)
    rounded = float(f"{number:.3g}")
    if 1e-3 <= abs(rounded) < 1e6:
        text = f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.3g}"
        return text.replace("-", MINUS)
    return _scientific(number)


def measured_text(value, error):
    """Return a value and its standard error, both cut where the error has two digits.

    >>> measured_text(-801.3712, 0.4231), measured_text(1234567.0, 4200.0), measured_text(2.0, 0.0)
    ('−801.37 ± 0.42', '1,234,600 ± 4,200', '2 ± 0')
    """
    if not (math.isfinite(value) and math.isfinite(error)) or error <= 0:
        return f"{number_text(value)} ± {number_text(error)}"
    rounded_error = float(f"{error:.2g}")
    decimals = 1 - math.floor(math.log10(rounded_error))
    shown = [f"{round(x, decimals):,.{max(0, decimals)}f}" for x in (value, rounded_error)]
    return " ± ".join(shown).replace("-", MINUS)


def probability_text(value):
    """Return a p-value; what a float cannot hold is below 10⁻³⁰⁰.

    >>> probability_text(0.25), probability_text(3.2e-9), probability_text(0.0), probability_text(None)
    ('0.25', '3.2 × 10⁻⁹', '< 10⁻³⁰⁰', '–')
    """
    return "< 10⁻³⁰⁰" if value is not None and 0 <= value < 1e-300 else number_text(value)


def percent_text(value):
    r"""Return a share as per cent, to three significant digits; but only certainty is 100 %.

    >>> percent_text(0.1234), percent_text(0.99999), percent_text(1.0)
    ('12.3\xa0%', '> 99.9\xa0%', '100\xa0%')
    """
    if value is not None and 0.9995 <= value < 1.0:
        return f"> 99.9{NO_BREAK}%"
    return _with_unit(number_text(None if value is None else 100.0 * value), "%")


def seconds_text(value):
    r"""Return a duration.

    >>> seconds_text(2.5e-7), seconds_text(0.5), seconds_text(42.3), seconds_text(125.0), seconds_text(7500)
    ('250\xa0ns', '500\xa0ms', '42.3\xa0s', '2\xa0min\xa005\xa0s', '2\xa0h\xa005\xa0min')
    """
    if value is None or not math.isfinite(value) or value <= 0:
        return _with_unit(number_text(value), "s")
    if value < 0.9995:
        return _prefixed(value, "s")
    if value < 99.95:
        return f"{value:.3g}{NO_BREAK}s"
    large, small, units = (60, 1, ("min", "s")) if value < 3599.5 else (3600, 60, ("h", "min"))
    count = round(value / small)
    per_large = large // small
    return f"{count // per_large}{NO_BREAK}{units[0]}{NO_BREAK}{count % per_large:02d}{NO_BREAK}{units[1]}"


def word_text(value, n_bits=1):
    """Return a register's value in hexadecimal; a digit with an unknown bit is x.

    Parameters
    ----------
    value : int or str
        A number, or the bits of a simulator: ``0 1 x z`` and the like, the highest first.
    n_bits : int
        Bits that are shown at least.

    >>> word_text("10100x01"), word_text(2, n_bits=8), word_text("")
    ('0xax', '0x02', '–')
    """
    if not isinstance(value, str):
        return f"0x{int(value):0{-(-n_bits // 4)}x}"
    if not value:
        return UNKNOWN
    bits = value.rjust(-(-len(value) // 4) * 4, "0")
    digits = [bits[start : start + 4] for start in range(0, len(bits), 4)]
    return "0x" + "".join(f"{int(d, 2):x}" if set(d) <= set("01") else "x" for d in digits)


def interval_texts(low, high, *values):
    """Return numbers of an interval with as many digits as show two of its width, at least four; list of str.

    >>> interval_texts(0.147952, 0.148048, 0.148, 0.147952)
    ['0.148000', '0.147952']
    >>> interval_texts(1.0, 1.0, 1.0, None)
    ['1', None]
    """
    width = abs(high - low)
    largest = max(abs(low), abs(high))
    digits = max(4, min(12, 2 + math.floor(math.log10(largest)) - math.floor(math.log10(width)))) if width > 0.0 else 4
    style = "#" if digits > 4 else ""
    return [None if value is None else f"{value:{style}.{digits}g}" for value in values]


def _with_unit(text, unit):
    """Return number and unit, kept on one line."""
    return f"{text}{NO_BREAK}{unit}" if unit and text != UNKNOWN else text


def _prefixed(value, unit):
    """Return a value with the SI prefix that leaves one to three digits before the point."""
    if value is None or not math.isfinite(value) or value == 0:
        return _with_unit(number_text(value), unit)
    rounded = float(f"{value:.3g}")
    exponent = min(15, max(-15, 3 * math.floor(math.log10(abs(rounded)) / 3)))
    gap = NO_BREAK if "/" in unit and not unit.startswith(("/", "bit/")) and exponent else ""
    return f"{number_text(rounded / 10.0**exponent)}{NO_BREAK}{SI_PREFIXES[exponent]}{gap}{unit}"


def _scientific(number):
    mantissa, exponent = f"{number:.2e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".").replace("-", MINUS)
    power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return power if mantissa == "1" else f"{mantissa} × {power}"
