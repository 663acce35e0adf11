"""Text tables of instruments and loggers as numbers; see docs/measured-data.md for the layouts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...emulator.spec.errors import InputError
from .number_text import EMPTY, MISSING, NUMBER, STAMP, Marks, class_of, decimal_marks, last_digits, plain_signs
from .raw_table import RawColumn, RawTable
from .text_decode import text_lines
from .text_layout import layout_of
from .time_stamps import seconds_of_stamps

DECIMALS = {"point": Marks(".", ","), "comma": Marks(",", ".")}
NAMES = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", None: "blanks"}


def read_text(path, decimal=None):
    """Return the table of a text file.

    Parameters
    ----------
    path : Path
        Path of the file.
    decimal : {"comma", "point"} or None
        Decimal mark, where the file leaves it open.

    Returns
    -------
    RawTable

    Raises
    ------
    InputError
        If it is no text, holds no table, or a row or a number of it has no single reading.
    """
    lines, encoding = text_lines(path.read_bytes(), path)
    found = layout_of(lines, path)
    texts = [[row[k] if k < len(row) else "" for row in found.rows] for k in found.columns]
    table = RawTable(str(path), [], np.array(found.lines), found.around)
    names = [
        RawColumn(header, np.empty(0), number=k + 1) for k, header in zip(found.columns, found.headers, strict=True)
    ]
    marks = DECIMALS[decimal] if decimal else _marks(table, names, texts)
    for name, unit, cells in zip(names, found.units, texts, strict=True):
        table.columns.append(_column(table, replace(name, unit=unit), cells, marks))
    table.layout.update(
        encoding=encoding,
        delimiter=NAMES[found.delimiter],
        decimal={".": "point", ",": "comma"}[marks.decimal],
        header_line=found.header_line,
        first_line=found.lines[0],
        n_rows=len(found.lines),
    )
    return table


def _marks(table, names, texts):
    """Return the decimal mark that all cells of the table agree on."""

    def cells():
        for name, column in zip(names, texts, strict=True):
            for row, text in enumerate(column):
                if ("," in text or "." in text) and class_of(text) == NUMBER:
                    yield text, table.where(name, row).removeprefix(f"{table.path}: ").rstrip(",")

    if not any("," in text for column in texts for text in column):
        return Marks()
    return decimal_marks(cells(), table.path)


def _column(table, name, cells, marks):
    """Return a column of numbers, or of stamps where most cells are; ``name`` has its header, unit and number."""
    if sum(class_of(cell) == STAMP for cell in cells[:100]) > len(cells[:100]) // 2:
        return _stamps(table, name, cells)
    plain = [marks.plain(cell) for cell in cells]
    faults = {}
    for row, text in enumerate(plain):
        if text is None:
            plain[row] = ""
            if class_of(cells[row]) not in (MISSING, EMPTY):
                raise InputError(f"{table.where(name, row)} must be a number, not {cells[row]!r}")
            faults[row] = cells[row]
    values = np.array([float(text) if text else np.nan for text in plain])
    return replace(name, values=values, faults=faults, half_digit=last_digits(plain, values))


def _stamps(table, name, cells):
    faults = {row: cell for row, cell in enumerate(cells) if class_of(cell) in (MISSING, EMPTY)}
    texts = ["" if row in faults else plain_signs(cell) for row, cell in enumerate(cells)]
    values = seconds_of_stamps(texts, lambda row: table.where(name, row))
    n_decimals = max(len(text.replace(",", ".").partition(".")[2].rstrip("ZAPMapm +-:")) for text in texts)
    half_digit = np.full(values.size, 0.5 * 10.0 ** -min(n_decimals, 6))
    return replace(name, values=values, unit="s", faults=faults, half_digit=half_digit, is_stamp=True)
