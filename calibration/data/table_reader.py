"""Measured data from text, npz, npy, HDF5 and MATLAB files; every refusal names file, column, row and line."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.shipped_files import shipped_or_own
from .binary_table import read_hdf5, read_mat, read_npy, read_npz
from .column_match import match_columns, parse_choice
from .masks import parse_mask
from .measured_table import Table
from .number_text import is_no_reading
from .text_table import DECIMALS, read_text

TEXTS = (".csv", ".txt", ".tsv", ".dat", ".asc", ".prn", ".tab", ".lvm", ".log")
READERS = {".npz": read_npz, ".npy": read_npy, ".h5": read_hdf5, ".hdf5": read_hdf5, ".mat": read_mat}


@dataclass(frozen=True)
class Reading:
    """How a person says a file is to be read.

    Parameters
    ----------
    columns : str
        Which columns are which; see `parse_choice`. Empty for names and units.
    mask : str
        Rules by which readings are left out; see `parse_mask`. Empty for none.
    decimal : {"comma", "point"} or None
        Decimal mark of a text, where the file leaves it open.
    """

    columns: str = ""
    mask: str = ""
    decimal: str | None = None

    def __post_init__(self):
        if self.decimal not in (None, *DECIMALS):
            raise InputError(f"Decimal mark must be {' or '.join(DECIMALS)}, not {self.decimal!r}")
        object.__setattr__(self, "rules", parse_mask(self.mask))


def read_table(path, columns, reading=None):
    """Read columns from a file.

    Parameters
    ----------
    path : str or Path
        A text (``.csv``, ``.txt``, ``.dat`` ...) of any encoding, delimiter and decimal mark, whose table is its
        longest run of rows with as many numbers; ``.npz``, ``.npy``; ``.h5``, ``.hdf5`` and ``.mat``,
        with the unit in the name or in the attribute ``unit`` or ``units``. Layouts: docs/measured-data.md.
    columns : sequence of Column
        What is wanted; others are passed over.
    reading : Reading, optional
        What a person says of columns, mask and decimal mark.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        If the file, a column, its unit or one of its numbers is missing.
    """
    path, reading = Path(shipped_or_own(path)), reading or Reading()
    known = (*TEXTS, *READERS)
    if path.suffix.lower() not in known:
        raise InputError(f"{path}: data must be a file that ends in {', '.join(known)}, not {path.suffix!r}")
    if not path.is_file():
        raise InputError(f"{path}: data must be a readable file, not absent")
    reader = READERS.get(path.suffix.lower())
    try:
        file = reader(path) if reader else read_text(path, reading.decimal)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path}: data must be a readable file, not {error.strerror!r}") from None
    found = match_columns(file, columns, parse_choice(reading.columns, columns) if reading.columns else None)
    n_rows = _n_rows(file, columns, found)
    masked = {}
    arrays = {
        name: [one.factor * _known(file, raw, reading.rules, masked) for raw in one.columns]
        for name, one in found.items()
    }
    n_cells = max(len(parts) for parts in arrays.values())
    arrays = {name: _long(parts, n_cells) for name, parts in arrays.items()}
    file_rows = None
    if n_cells > 1:
        arrays["cell"] = np.repeat(np.arange(n_cells, dtype=np.float64), n_rows)
        file_rows = np.tile(np.arange(n_rows), n_cells)
    return Table(
        path=str(path),
        columns=arrays,
        units={name: one.unit for name, one in found.items()},
        factors={name: one.factor for name, one in found.items()},
        raw={name: one.columns for name, one in found.items()},
        file=file,
        sha256=sha256,
        masked=masked,
        file_rows=file_rows,
        rules=reading.rules,
    )


def _n_rows(file, columns, found):
    """Return the common length of all lists after a check of shapes."""
    n_dims = {column.name: column.n_dims for column in columns}
    lengths = {}
    for name, one in found.items():
        for raw in one.columns:
            if raw.values.ndim != n_dims[name]:
                shape = "a list" if n_dims[name] == 1 else "a matrix"
                found_shape = f"of shape {raw.values.shape}"
                raise InputError(
                    f"{file.path}: column {file.shown(raw)!r} must be {shape} of numbers, not {found_shape}"
                )
            if raw.values.ndim == 1:
                lengths[raw.header] = raw.values.size
    if len(set(lengths.values())) > 1:
        raise InputError(f"{file.path}: columns must be of equal length, not {lengths}")
    if not all(lengths.values()):
        raise InputError(f"{file.path}: file must hold rows, not a header alone")
    return next(iter(lengths.values()), 0)


def _known(file, raw, rules, masked):
    """Return a column with NaN for readings that a mask leaves out; refuse others that are no number."""
    if raw.values.ndim == 1 and 0 in raw.faults and raw.faults[0].startswith("an array of"):
        raise InputError(f"{file.path}: column {file.shown(raw)!r} must be numbers, not {raw.faults[0]}")
    is_bad = is_no_reading(raw.values)
    bad = np.argwhere(is_bad)
    if not bad.size:
        return raw.values
    if raw.values.ndim != 1:
        place = ", ".join(f"{label} {k + 1}" for label, k in zip(("row", "column"), bad[0], strict=False))
        where = f"{file.path}: column {file.shown(raw)!r}, {place},"
        raise InputError(f"{where} must be a finite number, not {raw.values[tuple(bad[0])]:g}")
    rows = {"empty": [], "overload": []}
    for row in bad[:, 0]:
        rows["overload" if raw.faults.get(row, "-").strip() else "empty"].append(int(row))
    for rule, these in rows.items():
        if these and rule not in rules:
            found = repr(raw.faults[these[0]]) if these[0] in raw.faults else f"{raw.values[these[0]]:g}"
            what = "an empty cell" if rule == "empty" else f"{found} (overload, or no number)"
            hint = f"{len(these)} such in this column; --mask {rule} leaves them out"
            raise InputError(f"{file.where(raw, these[0])} must be a finite number, not {what}: {hint}")
        if these:
            masked[rule] = masked.get(rule, 0) + len(these)
    return np.where(is_bad, np.nan, raw.values)


def _long(parts, n_cells):
    """Return the column of a long table: cells one after the other, what they share repeated."""
    return np.concatenate(parts) if len(parts) > 1 else np.tile(parts[0], n_cells) if n_cells > 1 else parts[0]
