"""A table as a file holds it, before columns are chosen: the result of the reader of each format."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class RawColumn:
    """One column of a file.

    Parameters
    ----------
    header : str
        Header as the file writes it; empty if it has none.
    values : ndarray, shape (n_rows,), float64, or (n_rows, n_columns) for a matrix
        In the file's unit; NaN where no number stands.
    unit : str
        Unit as a row of units or an attribute; empty if the header must tell it.
    faults : dict of int to str
        What stands in the rows that hold no number, counted from 0.
    half_digit : ndarray, shape (n_rows,), float64, or None
        Half the unit of each number's last digit: how far rounding may have moved it.
    is_stamp : bool
        Made of dates or clock times, in seconds from the first.
    number : int
        Which column of the file it is, from 1; 0 where files have no order.
    """

    header: str
    values: np.ndarray
    unit: str = ""
    faults: dict[int, str] = field(default_factory=dict)
    half_digit: np.ndarray | None = None
    is_stamp: bool = False
    number: int = 0


@dataclass(frozen=True, eq=False)
class RawTable:
    """All columns of a file.

    Parameters
    ----------
    path : str
        Path of the file.
    columns : list of RawColumn
        Columns in the file's order.
    lines : ndarray, shape (n_rows,), int64, or None
        Line of the file on which each row stands, for a text.
    around : list of list of str
        Cells of the lines that stand around the table.
    layout : dict
        How the file was read: encoding, delimiter, decimal mark, line of the header, rows.
    """

    path: str
    columns: list[RawColumn]
    lines: np.ndarray | None = None
    around: list = field(default_factory=list)
    layout: dict = field(default_factory=dict)

    def where(self, column, row):
        """Return the words for one entry; rows count from 1, the header left out."""
        line = "" if self.lines is None else f" (line {self.lines[row]})"
        return f"{self.path}: column {self.shown(column)!r}, row {row + 1}{line},"

    def shown(self, column):
        """Return a column's header, its number where it has none."""
        return column.header or str(column.number)
