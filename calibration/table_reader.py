"""Measured data from CSV, npz and HDF5 files; every refusal names file, column and row."""

from __future__ import annotations

import csv
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..emulator.spec.errors import InputError
from .units import matched

DELIMITERS = ",;\t"
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
        Each of shape (n_rows,), float64, finite.
    units : dict of str to (str or None)
        SI unit of each.
    headers : dict of str to str
        As the file writes them.
    sha256 : str
        Of the file.
    """

    path: str
    columns: dict[str, np.ndarray]
    units: dict[str, str | None]
    headers: dict[str, str]
    sha256: str

    def __getitem__(self, name):
        return self.columns[name]

    def __contains__(self, name):
        return name in self.columns

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def where(self, name, row):
        """Return the words for one entry; rows count from 1, the header left out."""
        return f"{self.path}: column {self.headers[name]!r}, row {row + 1},"

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
        values, counts = np.unique(self.columns[name], return_counts=True)
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
            Their different values, ascending.
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


def read_table(path, columns):
    """Read columns from a file.

    Parameters
    ----------
    path : str or Path
        ``.csv`` (also ``.txt`` and ``.tsv``; comma, semicolon or tab; lines that begin with # are passed over),
        ``.npz`` or ``.h5`` and ``.hdf5`` (data sets at the root; the unit in their name or their attribute ``units``).
    columns : sequence of Column
        What is wanted; others are passed over.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        If the file, a column, its unit or one of its numbers is missing.
    """
    path = Path(path)
    readers = {".csv": _csv, ".txt": _csv, ".tsv": _csv, ".npz": _npz, ".h5": _hdf5, ".hdf5": _hdf5}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path}: data must be a file that ends in {', '.join(readers)}, not {path.suffix!r}")
    if not path.is_file():
        raise InputError(f"{path}: data must be a readable file, not absent")
    headers, entry = readers[path.suffix.lower()](path)
    found = matched(headers, columns, path)
    arrays, lengths = {}, {}
    n_dims = {column.name: column.n_dims for column in columns}
    for name, (header, _, factor) in found.items():
        arrays[name] = factor * _finite(np.asarray(entry(header), dtype=np.float64), header, path, n_dims[name])
        if n_dims[name] == 1:
            lengths[header] = arrays[name].size
    if len(set(lengths.values())) > 1:
        raise InputError(f"{path}: columns must be of equal length, not {lengths}")
    if not all(lengths.values()):
        raise InputError(f"{path}: file must hold rows, not a header alone")
    units, shown = ({name: one[k] for name, one in found.items()} for k in (1, 0))
    return Table(str(path), arrays, units, shown, hashlib.sha256(path.read_bytes()).hexdigest())


def _finite(values, header, path, n_dims):
    if values.ndim != n_dims:
        shape = "a list" if n_dims == 1 else "a matrix"
        raise InputError(f"{path}: column {header!r} must be {shape} of numbers, not of shape {values.shape}")
    for place in np.argwhere(~np.isfinite(values))[:1]:
        where = ", ".join(f"{label} {k + 1}" for label, k in zip(("row", "column"), place, strict=False))
        raise InputError(f"{path}: column {header!r}, {where}, must be a finite number, not {values[tuple(place)]}")
    return values


def _csv(path):
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{path}: data must be UTF-8 text, not binary") from None
    numbered = [(k, line) for k, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")]
    if not numbered:
        raise InputError(f"{path}: file must hold a header and rows, not nothing")
    first = numbered[0][1]
    delimiter = max(DELIMITERS, key=first.count)
    headers = [one.strip() for one in next(csv.reader([first], delimiter=delimiter))]
    rows = list(csv.reader([line for _, line in numbered[1:]], delimiter=delimiter))
    for (number, _), row in zip(numbered[1:], rows, strict=True):
        if len(row) != len(headers):
            raise InputError(f"{path}: line {number} must hold {len(headers)} columns, not {len(row)}")

    def entry(header):
        k = headers.index(header)
        values = np.empty(len(rows))
        for r, row in enumerate(rows):
            try:
                values[r] = float(row[k])
            except ValueError:
                where = f"{path}: column {header!r}, row {r + 1} (line {numbered[r + 1][0]}),"
                raise InputError(f"{where} must be a number, not {row[k]!r}") from None
        return values

    return headers, entry


def _npz(path):
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except (ValueError, OSError, zipfile.BadZipFile):
        raise InputError(f"{path}: data must be a .npz file of plain arrays, not damaged or of objects") from None
    return list(arrays), lambda header: _numbers(arrays[header], header, path)


def _hdf5(path):
    import h5py

    try:
        with h5py.File(path, "r") as file:
            sets = {key: one for key, one in file.items() if isinstance(one, h5py.Dataset)}
            arrays = {_named(key, one.attrs.get("units")): one[()] for key, one in sets.items()}
    except OSError:
        raise InputError(f"{path}: data must be an HDF5 file, not damaged or of another kind") from None
    return list(arrays), lambda header: _numbers(arrays[header], header, path)


def _named(key, unit):
    """Return a header that bears the unit of an attribute."""
    if unit is None:
        return key
    return f"{key} ({unit.decode() if isinstance(unit, bytes) else unit})"


def _numbers(array, header, path):
    if np.asarray(array).dtype.kind not in "fiub":
        raise InputError(f"{path}: column {header!r} must be numbers, not {np.asarray(array).dtype}")
    return array
