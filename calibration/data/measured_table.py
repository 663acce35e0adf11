"""Columns that a calibration asked for, in SI units, with the place of each value in the file for messages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ...emulator.spec.errors import InputError
from .raw_table import RawColumn, RawTable

PILE = (
    10  # samples at an end of the range, and three times those of the value next to it: the converter was at its limit
)
LEAST_VALUES = 8  # different ones, below which a column is a count or a state and no converter's output


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length in SI units.

    Parameters
    ----------
    path : str
        File that they come from.
    columns : dict of str to ndarray
        Each of shape (n_rows,), float64; NaN where a mask left a reading out.
    units : dict of str to (str or None)
        SI unit of each.
    factors : dict of str to float
        Factor of each column from the file's unit to the SI unit.
    raw : dict of str to list of RawColumn
        Where each comes from: one column, in a wide table one for each cell.
    file : RawTable
        The file as it was read.
    sha256 : str
        SHA-256 digest of the file, hexadecimal.
    masked : dict of str to int
        Readings that each rule left out.
    file_rows : ndarray of int64, optional
        Row of the file of each row here, where some were left out or a wide table was made long.
    rules : frozenset of str
        Names of the rules of the mask.
    rounding : dict of str to float
        By how much a column had been rounded, where that had to be allowed for.
    """

    path: str
    columns: dict[str, np.ndarray]
    units: dict[str, str | None]
    factors: dict[str, float]
    raw: dict[str, list[RawColumn]]
    file: RawTable
    sha256: str
    masked: dict[str, int] = field(default_factory=dict)
    file_rows: np.ndarray | None = None
    rules: frozenset = frozenset()
    rounding: dict[str, float] = field(default_factory=dict)

    def __getitem__(self, name):
        return self.columns[name]

    def __contains__(self, name):
        return name in self.columns

    def __len__(self):
        return len(next(iter(self.columns.values())))

    @property
    def headers(self):
        """Header of each column, as the file writes it; dict of str to str."""
        return {
            name: " ... ".join(dict.fromkeys((self._shown(one[0]), self._shown(one[-1]))))
            for name, one in self.raw.items()
        }

    def _shown(self, raw):
        return raw.header if raw not in self.file.columns else self.file.shown(raw)

    def where(self, name, row):
        """Return the words for one entry; rows count from 1, the header left out."""
        raw = self.raw[name]
        one = raw[int(self.columns["cell"][row])] if len(raw) > 1 else raw[0]
        file_row = int(row if self.file_rows is None else self.file_rows[row])
        line = "" if self.file.lines is None else f" (line {self.file.lines[file_row]})"
        return f"{self.path}: column {self._shown(one)!r}, row {file_row + 1}{line},"

    def half_digit(self, name, rows):
        """Return how far rounding may have moved each entry of a column, in SI; shape as ``rows``."""
        one = self.raw[name][0]
        if one.half_digit is None:
            return np.zeros(len(rows))
        return one.half_digit[rows if self.file_rows is None else self.file_rows[rows]] * self.factors[name]

    def dropped(self, rows):
        """Return this table without some rows."""
        keep = np.setdiff1d(np.arange(len(self)), rows)
        if not keep.size:
            raise InputError(
                f"{self.path}: file must hold rows that the mask leaves, not {len(self)} that it leaves out"
            )
        columns = {name: values[keep] if values.ndim == 1 else values for name, values in self.columns.items()}
        file_rows = keep if self.file_rows is None else self.file_rows[keep]
        return replace(self, columns=columns, file_rows=file_rows)

    def check_sorted(self, name, is_strict=True):
        """Refuse a column that does not ascend."""
        steps = np.diff(self.columns[name])
        wrong = np.flatnonzero(~(steps > 0.0) if is_strict else ~(steps >= 0.0))
        if wrong.size:
            before, value = self.columns[name][wrong[0] : wrong[0] + 2]
            rule = f"{'above' if is_strict else 'at least'} {before:g}, the row before (sorted)"
            raise InputError(f"{self.where(name, wrong[0] + 1)} must be {rule}, not {value:g}")

    def check_above_zero(self, name):
        """Refuse a column with a value of 0 or below."""
        for row in np.flatnonzero(~(self.columns[name] > 0.0))[:1]:
            raise InputError(f"{self.where(name, row)} must be above 0, not {self.columns[name][row]:g}")

    def check_counts(self, name, least=0):
        """Refuse a column that is no list of whole numbers of at least ``least``."""
        values = self.columns[name]
        for row in np.flatnonzero((values < least) | (values != np.rint(values)))[:1]:
            raise InputError(f"{self.where(name, row)} must be a whole number of at least {least}, not {values[row]:g}")

    def check_not_saturated(self, name):
        """Refuse a column whose largest or smallest value piles up: the converter was at the end of its range."""
        values = self.columns[name]
        values, counts = np.unique(values[np.isfinite(values)], return_counts=True)
        if values.size < LEAST_VALUES:
            return
        for end, next_to_it in ((-1, -2), (0, 1)):
            if counts[end] > PILE and counts[end] > 3 * counts[next_to_it]:
                row = int(np.flatnonzero(self.columns[name] == values[end])[0])
                rule = "inside the range of the converter"
                found = f"{counts[end]} times {values[end]:g}, which saturates it"
                raise InputError(f"{self.where(name, row)} must be {rule}, not {found}")

    def pivot(self, row, column, value):
        """Return ``value`` as a matrix, one row for each different ``row`` and one column for each ``column``.

        Parameters
        ----------
        row, column, value : str
            Names of columns; every pair of the first two must be there once.

        Returns
        -------
        rows, columns : ndarray
            Different values of the two columns, ascending.
        matrix : ndarray, shape (n_rows, n_columns), float64
        """
        rows, columns = np.unique(self.columns[row]), np.unique(self.columns[column])
        pairs = np.stack([self.columns[row], self.columns[column]], axis=1)
        if len(np.unique(pairs, axis=0)) != len(pairs) or len(pairs) != rows.size * columns.size:
            found = f"{len(pairs)} rows for {rows.size} of {row!r} and {columns.size} of {column!r}"
            raise InputError(f"{self.path}: every {row!r} must have one row at every {column!r}, not {found}")
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        return rows, columns, self.columns[value][order].reshape(rows.size, columns.size)

    def groups(self, name):
        """Return the different values of a column, ascending, and the rows of each; list of (float, ndarray)."""
        values = self.columns[name]
        return [(float(value), np.flatnonzero(values == value)) for value in np.unique(values)]
