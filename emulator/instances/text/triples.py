"""Text files of three columns, two spins and a number: read fast, diagnosed line by line only when bad."""

from __future__ import annotations

import re
import warnings
from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...spec.model_size import MAX_SPINS
from ..faults import check_spin_count, fault, shown
from .lines import data_lines, open_text, words_of

_ROW = np.dtype([("first", np.int64), ("second", np.int64), ("value", np.float64)])
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Triples:
    """Rows of a file, as they stand there.

    Parameters
    ----------
    path : Path
        Path of the file.
    header : tuple of str
        Words of the first line, if the format has a header.
    first, second : ndarray, shape (n_rows,), int64
        Spins, as numbered in the file.
    values : ndarray, shape (n_rows,), float64
        Values of the third column.
    """

    path: Path
    header: tuple[str, ...]
    first: np.ndarray
    second: np.ndarray
    values: np.ndarray

    def fault_at(self, row, complaint):
        """Return the `InputError` that places ``complaint`` at the line of ``row``."""
        lines = data_lines(self.path)
        for _ in range(row + bool(self.header)):
            next(lines)
        return fault(self.path, complaint, next(lines)[0])

    def check(self, lowest, n_spins):
        """Refuse numbers that are not finite and spins outside ``lowest ... lowest + n_spins - 1``."""
        bad = np.flatnonzero(~np.isfinite(self.values))
        if len(bad):
            raise self.fault_at(bad[0], f"Value must be finite, not {float(self.values[bad[0]])!r}")
        highest = lowest + n_spins - 1
        for column in (self.first, self.second):
            bad = np.flatnonzero((column < lowest) | (column > highest))
            if len(bad):
                raise self.fault_at(bad[0], f"Spin index must be in {lowest}..{highest}, not {column[bad[0]]}")

    def check_no_loops(self, hint=""):
        """Refuse a spin that is coupled to itself."""
        loops = np.flatnonzero(self.first == self.second)
        if len(loops):
            raise self.fault_at(loops[0], f"Edge must join two spins, not spin {self.first[loops[0]]} to itself{hint}")

    def renumbered(self, labels):
        """Return the rows with each spin replaced by its place in ``labels``, which are sorted and hold them all."""
        places = (np.searchsorted(labels, column) for column in (self.first, self.second))
        return Triples(self.path, self.header, *places, self.values)

    def n_spins(self, base=0):
        """Return how many spins there are from ``base`` to the highest index, if the format does not state it."""
        if not len(self.first):
            raise fault(self.path, "Instance must hold at least one line of numbers, not none")
        self.check(base, MAX_SPINS)
        n_spins = int(max(self.first.max(), self.second.max())) + 1 - base
        check_spin_count(self.path, n_spins)
        return n_spins


def read_triples(path, has_header=False):
    """Read a file of three columns; blanks, commas or semicolons between them, and comments as in `words_of`.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    has_header : bool
        Whether the first line is a header of any words.

    Returns
    -------
    Triples

    Raises
    ------
    InputError
        Names the first line that does not hold two integers and a number.
    """
    header = ()
    with open_text(path) as handle:
        while has_header and not header:
            line = next(handle, None)
            if line is None:
                raise fault(path, "Instance must begin with a header line, not be blank")
            header = tuple(words_of(line))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # numpy warns of 1.0 as an index, and of no rows at all
                rows = np.loadtxt(handle, dtype=_ROW, ndmin=1)
        except (ValueError, UserWarning, DeprecationWarning):  # plain files are parsed above, ten times faster
            rows = _read_lines(path, has_header)
    return Triples(Path(path), header, rows["first"], rows["second"], rows["value"])


def _read_lines(path, has_header):
    """Return the rows of a file with commas or other comments; raise for the first bad line."""
    lines = data_lines(path)
    if has_header:
        next(lines)
    indices, values = array("q"), array("d")
    for number, words in lines:
        if len(words) != 3:
            told = shown(" ".join(words))
            truncated = " (truncated?)" if len(words) < 3 else ""
            raise fault(path, f"Line must have three columns, not {len(words)}: {told}{truncated}", number)
        indices.extend(integer(path, word, number) for word in words[:2])
        values.append(finite(path, words[2], number))
    rows = np.empty(len(values), dtype=_ROW)
    rows["first"], rows["second"], rows["value"] = indices[0::2], indices[1::2], values
    return rows


def is_number(word):
    """Tell whether ``word`` spells a number."""
    return _NUMBER.fullmatch(word) is not None


def is_integer(word):
    """Tell whether ``word`` spells an integer of up to 18 digits."""
    return _INTEGER.fullmatch(word) is not None


def integer(path, word, line, subject="Spin index"):
    """Return the integer that ``word`` spells, or refuse it."""
    if not _INTEGER.fullmatch(word):
        raise fault(path, f"{subject} must be an integer, not {shown(word)}{_cure(word)}", line)
    return int(word)


def finite(path, word, line, subject="Value"):
    """Return the number that ``word`` spells, or refuse it, and with it NaN, infinity and 1e400."""
    if not _NUMBER.fullmatch(word) or not np.isfinite(float(word)):
        raise fault(path, f"{subject} must be a finite number, not {shown(word)}{_cure(word)}", line)
    return float(word)


def _cure(word):
    """Return what to do about the spelling of a spreadsheet; empty for any other."""
    if word.count(",") == 1 and is_number(word.replace(",", ".")):
        return "; write a decimal point"
    if len(word) > 2 and word[0] == word[-1] and word[0] in "\"'" and is_number(word[1:-1]):
        return "; write numbers without quotes"
    return ""


def write_triples(handle, first, second, values):
    """Write rows ``first second value``; whole numbers without a decimal point, others so that they read back exactly.

    Parameters
    ----------
    handle : text file
        File, open for writing.
    first, second : ndarray, shape (m,), int64
        Spins, as the format numbers them.
    values : ndarray, shape (m,), float64
        Values of the third column.
    """
    for start in range(0, len(values), 1_000_000):  # bounds the memory that the text takes
        part = slice(start, start + 1_000_000)
        numbers = (int(value) if value.is_integer() else value for value in values[part].tolist())
        rows = zip(first[part].tolist(), second[part].tolist(), numbers, strict=True)
        handle.writelines(f"{i} {j} {value!r}\n" for i, j, value in rows)
