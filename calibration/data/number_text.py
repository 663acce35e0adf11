"""Cells of a text table: numbers, readings that are no number, stamps of time, words; and which decimal mark holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError

NUMBER, STAMP, MISSING, EMPTY, WORDS = "ntmex"
HIGHEST = (
    1e30  # in the file's own unit; above it no reading is a number: SCPI writes 9.9E37 for overload, 9.91E37 for none
)
WORDS_OF_NONE = frozenset(
    "nan -nan inf -inf infinity \u221e ol o.l o.l. ovl ovld ovf over overload overflow overrange under underflow undef"
    " n/a #n/a na null none invalid missing 1.#inf 1.#ind 1.#qnan 1.#nan #div/0! #num! #value! #ref! #error".split()
)
NUMBER_LIKE = re.compile(
    r"[+-]?(?:\d+(?:[.,]\d+)?|\d+\.|[.,]\d+|\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d*)?)(?:[eEdD][+-]?\d+)?", re.ASCII
)
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?", re.ASCII)
STAMP_LIKE = re.compile(
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]+)?\d{1,2}:\d{2}(?::\d{2}(?:[.,:]\d+)?)?(?: ?[AaPp][Mm])?"
    r"(?:Z| ?[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_DASHES = re.compile(r"[-_*?=.]{2,}|[-*?]")
_OLD_SIGNS = str.maketrans({"\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'"})
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?P<mark>[.,' ])\d{3})(?:(?P=mark)\d{3})*")


@dataclass(frozen=True)
class Marks:
    """How numbers are written.

    Parameters
    ----------
    decimal : str
        "." or ",".
    group : str
        Mark between groups of three digits, which is left out; empty if there is none.
    """

    decimal: str = "."
    group: str = ""

    def plain(self, text):
        """Return a number's text as Python writes it, or None if it is no number under these marks."""
        if self.decimal == "." and PLAIN.fullmatch(text) and "d" not in text and "D" not in text:
            return text
        text = plain_signs(text)
        whole, mark, rest = text.partition(self.decimal)
        for group in filter(None, (self.group, " ", "'")):
            if group in whole:
                if not _GROUPED.fullmatch(whole) or len(set(re.findall(r"[.,' ]", whole))) > 1:
                    return None
                whole = whole.replace(group, "")
        if self.decimal != "." and "." in whole:
            return None
        found = whole + ("." if mark else "") + rest
        return found.replace("d", "e").replace("D", "e") if PLAIN.fullmatch(found) else None


def plain_signs(text):
    """Return a cell without blanks around it, and with the minus sign and the blanks of ASCII."""
    return text.strip().translate(_OLD_SIGNS)


def class_of(text):
    """Return what a cell looks like: `NUMBER`, `STAMP`, `MISSING` (such as OL), `EMPTY` or `WORDS`."""
    if PLAIN.fullmatch(text) or NUMBER_LIKE.fullmatch(text := plain_signs(text)):
        return NUMBER
    if not text:
        return EMPTY
    if text.lower().lstrip("+-") in WORDS_OF_NONE or text.lower() in WORDS_OF_NONE:
        return MISSING
    if _DASHES.fullmatch(text):
        return MISSING
    return STAMP if STAMP_LIKE.fullmatch(text) else WORDS


def is_no_reading(values):
    """Return where numbers are what an instrument writes when it has none: not finite, or above `HIGHEST`."""
    with np.errstate(invalid="ignore"):
        return ~(np.abs(values) < HIGHEST)


def decimal_marks(cells, place):
    """Return the `Marks` that hold for all cells of a table.

    Parameters
    ----------
    cells : iterable of (str, str)
        Number-like texts and where each stands, in words.
    place : str
        Name of the file.

    Raises
    ------
    InputError
        If two decimal marks are used, or a mark may be that of decimals or that of thousands.
    """
    proofs, doubtful = {}, {}
    for text, where in cells:
        for mark, role in _roles(plain_signs(text)):
            (doubtful if role == "either" else proofs).setdefault((mark, role), (text, where))
    decimals = [mark for mark, role in proofs if role == "decimal"]
    groups = {mark for mark, role in proofs if role == "group"}
    if len(decimals) == 2 or groups & set(decimals) or len(groups) == 2:
        shown = " and ".join(f"{text.strip()!r} ({where})" for text, where in list(proofs.values())[:2])
        raise InputError(f"{place}: numbers must have one decimal mark, not two as in {shown}")
    open_marks = {mark: found for (mark, _), found in doubtful.items() if mark not in {*decimals, *groups}}
    if decimals or groups:
        decimal = decimals[0] if decimals else {",": ".", ".": ","}[next(iter(groups))]
        group = next(iter(groups), "")
        open_marks.pop(decimal, None)
    else:
        decimal, group = ".", ""
        open_marks.pop(".", None)  # 1.234 without any comma is what everybody reads
    for mark, (text, where) in open_marks.items():
        raise InputError(
            f"{place}: {where} must have one reading, not {_both(text, mark)}: use --decimal comma or point"
        )
    return Marks(decimal, group)


def _roles(text):
    """Yield (mark, role) of the dots and commas of a number: decimal, group, or either."""
    mantissa = re.split("[eEdD]", text)[0].lstrip("+-")
    points, commas = mantissa.count("."), mantissa.count(",")
    if points and commas:
        last = max(mantissa.rfind("."), mantissa.rfind(","))
        yield mantissa[last], "decimal"
        yield {".": ",", ",": "."}[mantissa[last]], "group"
        return
    for mark, number in ((".", points), (",", commas)):
        if number > 1:
            yield mark, "group"
        elif number == 1:
            is_open = _GROUPED.fullmatch(mantissa) and mantissa == text.lstrip("+-") and mantissa[0] != "0"
            yield mark, "either" if is_open else "decimal"


def _both(text, mark):
    text = text.strip()
    return f"{text!r}, which may be {text.replace(mark, '.')} or {text.replace(mark, '')}"


def last_digits(texts, values):
    """Return half the unit of the last digit that was written, of each number; ndarray, shape (n,), float64.

    Zeros at the end may have been left out, so the number of decimals and that of digits are those of the longest.

    Parameters
    ----------
    texts : sequence of str
        Numbers as Python writes them, empty where there is none.
    values : ndarray, shape (n,), float64
        Values of these numbers.

    Examples
    --------
    >>> last_digits(["0", "2.3e-5", "4.5e-05"], np.array([0.0, 2.3e-5, 4.5e-5])).tolist()
    [5e-07, 5e-07, 5e-07]
    """
    n_decimals, n_digits = 0, 1
    for text in set(texts) - {""}:
        mantissa, _, exponent = text.lower().partition("e")
        whole, _, rest = mantissa.lstrip("+-").partition(".")
        n_decimals = max(n_decimals, len(rest) - int(exponent or 0))
        n_digits = max(n_digits, len((whole + rest).lstrip("0")))
    with np.errstate(divide="ignore"):
        order = np.floor(np.log10(np.abs(np.where(np.isfinite(values), values, 0.0))))
    by_digits = 10.0 ** np.where(np.isfinite(order), order + 1.0 - n_digits, -300.0)
    return 0.5 * np.maximum(by_digits, 10.0 ** -min(n_decimals, 300))
