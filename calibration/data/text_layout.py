"""Where the table of a text file is: its delimiter, first and last row, header, row of units, what stands around."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from ...emulator.spec.errors import InputError
from .number_text import EMPTY, MISSING, NUMBER, STAMP, WORDS, class_of
from .units import SEQUENCE, unit_of

DELIMITERS = ("\t", ";", ",", "|", None)  # None: blanks, as many as there are
SAMPLE = 4000  # lines by which delimiters are compared; of a longer file the first and the middle ones
COMMENT = re.compile(r"\s*(#|%|//|!)+\s*")
READINGS = NUMBER + STAMP + MISSING + EMPTY
NEARLY = 0.95  # of the best worth: a delimiter that is as good, words of the preamble aside
COMMENTS = ("comment", "comments", "remark", "remarks", "note", "notes")  # headers above no cell, as LabVIEW writes
LEAST_SHARE = 0.1  # of the rows in which a column has a reading; below it stands beside the table


@dataclass(frozen=True, eq=False)
class Layout:
    """A text file taken apart.

    Parameters
    ----------
    delimiter : str or None
        Between cells; None for blanks.
    rows : list of list of str
        Cells of the table.
    lines : list of int
        Line of the file on which each row stands, counted from 1.
    columns : list of int
        Which cells of a row are readings.
    headers, units : list of str
        Headers and units of the columns; empty texts where the file has none.
    header_line : int or None
        Line in which the headers stand, None if there is none.
    around : list of list of str
        Cells of the lines above the table, and of the header's that are above no column.
    """

    delimiter: str | None
    rows: list
    lines: list
    columns: list
    headers: list
    units: list
    header_line: int | None
    around: list


def layout_of(lines, path):
    """Return the `Layout` of a text file: its table is the longest run of rows with as many readings.

    Raises
    ------
    InputError
        If there is none, or one of its rows has other columns: file, line, and what stands there.
    """
    numbered = [(k, line) for k, line in enumerate(lines, 1) if line.strip() and not COMMENT.match(line)]
    if not numbered:
        raise InputError(f"{path}: file must hold a header and rows, not nothing")
    delimiter = _delimiter([line for _, line in numbered])
    cells = [split_line(line, delimiter) for _, line in numbered]
    classes = ["".join(map(class_of, row)) for row in cells]
    start, end = _longest_run(classes)
    columns = _reading_columns(classes[start:])
    start = next((k for k in range(start, end) if _is_row(classes[k], columns)), end)  # Rigol's settings are not rows
    if start == end:
        raise InputError(f"{path}: file must hold rows, not a header alone")
    numbers = [k for k, _ in numbered]
    first = _first_row(classes, start, columns)
    last = _last_row(classes, end - 1, columns)
    _check_rows(path, cells[first : last + 1], numbers[first : last + 1], columns)
    comments = [(k, COMMENT.sub("", line, count=1)) for k, line in enumerate(lines, 1) if COMMENT.match(line)]
    above = list(zip(numbers[:first], cells[:first], strict=True))
    remarks = [(k, split_line(line, delimiter)) for k, line in comments if k < numbers[first]]
    headers, units, at = _header(above, remarks, columns, path, (numbers[first], cells[first]))
    below = list(zip(cells, classes, numbers, strict=True))[last + 1 :]
    _check_foot(
        path, below, columns, [f"column {header or k + 1!r}" for k, header in zip(columns, headers, strict=True)]
    )
    around = [row for _, row in sorted(above + remarks)] + _beside(cells[first : last + 1], columns)
    return Layout(delimiter, cells[first : last + 1], numbers[first : last + 1], columns, headers, units, at, around)


def split_line(line, delimiter):
    """Return the cells of a line; a line that is quoted wrongly is split at its delimiters."""
    if delimiter is None:
        return line.split()
    if '"' not in line:
        return [cell.strip() for cell in line.split(delimiter)]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])]
    except csv.Error:
        return [cell.strip(' "') for cell in line.split(delimiter)]


def _delimiter(lines):
    """Return the delimiter under which the lines fall into the most readings and the fewest words."""
    if len(lines) > SAMPLE:
        middle = len(lines) // 2
        lines = lines[: SAMPLE // 2] + lines[middle : middle + SAMPLE // 2]

    def worth(delimiter):
        classes = ["".join(map(class_of, split_line(line, delimiter))) for line in lines]
        return sum(max(_n_readings(one) - 0.5 * one.count(WORDS), 0.0) for one in classes)

    worths = {delimiter: worth(delimiter) for delimiter in DELIMITERS}
    return next(one for one in DELIMITERS if worths[one] >= NEARLY * max(worths.values()))


def _n_readings(classes):
    return sum(classes.count(one) for one in (NUMBER, STAMP, MISSING))


def _longest_run(classes):
    """Return first row and row after the last of the longest run with the same number of readings, not 0."""
    best, place = (0, 0), 0
    for number, group in groupby(classes, key=_n_readings):
        length = sum(1 for _ in group)
        if number and length > best[1] - best[0]:
            best = (place, place + length)
        place += length
    return best


def _reading_columns(classes):
    """Return the columns that hold readings in a tenth of the rows at least, and in no fewer rows than words."""
    counts = Counter((k, one) for row in classes for k, one in enumerate(row))
    found = []
    for k in sorted({k for k, _ in counts}):
        readings = counts[k, NUMBER] + counts[k, STAMP] + counts[k, MISSING]
        if readings >= max(LEAST_SHARE * len(classes), counts[k, WORDS], 1):
            found.append(k)
    return found


def _is_row(classes, columns):
    """Tell whether a line looks like one of the table: every column a reading, missing or not, and one there."""
    found = [classes[k] if k < len(classes) else EMPTY for k in columns]
    if len(columns) == 1 and WORDS in classes[: columns[0]]:  # a name and a number: preamble
        return False
    return all(one in READINGS for one in found) and any(one in NUMBER + STAMP for one in found)


def _first_row(classes, start, columns):
    """Return the table's first row; a line of words between rows is a damaged row, above them all the header."""
    return min(k for k in range(start + 1) if k == start or _is_row(classes[k], columns))


def _last_row(classes, end, columns):
    return max(k for k in range(end, len(classes)) if k == end or _is_row(classes[k], columns))


def _check_rows(path, rows, lines, columns):
    """Refuse rows of the table that have more or fewer columns than most."""
    width = Counter(map(len, rows)).most_common(1)[0][0]
    for row, line in zip(rows, lines, strict=True):
        if len(row) != width and (len(row) <= columns[-1] or any(row[width:])):
            hint = ": cut off?" if line == lines[-1] else ""
            raise InputError(f"{path}: line {line} must hold {width} columns, not {len(row)}{hint}")


def _check_foot(path, below, columns, names):
    """Refuse lines below the table that begin as its rows do: a row that was cut off, or a damaged one."""
    for row, kinds, line in below:
        if len(kinds) > columns[0] and kinds[columns[0]] in NUMBER + STAMP:
            if len(row) <= columns[-1]:
                raise InputError(f"{path}: line {line} must hold {columns[-1] + 1} columns, not {len(row)}: cut off?")
            bad = next(k for k, column in enumerate(columns) if kinds[column] not in READINGS)
            raise InputError(f"{path}: {names[bad]}, line {line}, must be a number, not {row[columns[bad]]!r}")


def _header(above, remarks, columns, path, first_row):
    """Return headers, units and the line of the headers: the last line of words above, or a comment."""
    wide = [one for one in above if len(columns) == 1 or len(one[1]) > 1]
    wide = [one for one in wide if any(class_of(cell) == WORDS for cell in one[1])]
    units = None
    for k in range(len(wide) - 1, max(len(wide) - 4, 0), -1):  # below units some write a line of remarks
        if units is None and _are_units(wide[k][1], columns):
            units = [_cell(wide[k][1], column) for column in columns]
            wide = wide[:k]
            break
    if not wide:
        wide = [one for one in remarks if len(one[1]) > columns[-1] and any(class_of(c) == WORDS for c in one[1])]
    if not wide or len(wide[-1][1]) <= columns[0]:
        return [""] * len(columns), units or [""] * len(columns), None
    (line, row), (first_line, first_row) = wide[-1], first_row
    row = row[:-1] if row[-1].lower() in COMMENTS and len(row) == len(first_row) + 1 else row
    n_named = len([cell for cell in row if cell])
    if n_named > 1 and len(row) <= columns[-1] and len(first_row) > len(row):
        hint = ": is the comma both decimal mark and delimiter?" if len(first_row) == 2 * len(row) else ""
        raise InputError(f"{path}: line {first_line} must hold {len(row)} columns, not {len(first_row)}{hint}")
    if units is None and len(first_row) < len([c for c in row if c and "=" not in c]):
        raise InputError(f"{path}: line {first_line} must hold {len(row)} columns, not {len(first_row)}")
    return [_cell(row, k) for k in columns], units or [""] * len(columns), line


def _are_units(row, columns):
    """Tell whether a line names units: one at least is known, and nothing else stands there."""
    cells = [_cell(row, k).strip("()[] ").lower() for k in columns]
    known = [bool(unit_of(_cell(row, k))[0]) or cell in SEQUENCE for k, cell in zip(columns, cells, strict=True)]
    return any(known) and all(one or not cell for one, cell in zip(known, cells, strict=True))


def _cell(row, k):
    return row[k] if k < len(row) else ""


def _beside(rows, columns):
    """Return what stands beside the table in a row of its own, as some oscilloscopes write their settings."""
    others = [[cell for k, cell in enumerate(row) if k not in columns and cell] for row in rows[:100]]
    return [row for row in others if len(row) > 1]
