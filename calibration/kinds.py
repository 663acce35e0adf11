"""All kinds of calibration by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..emulator.spec.errors import InputError
from .data.masks import without_spikes
from .data.table_reader import read_table
from .junction.kinds import JUNCTION_KINDS
from .kind import Request
from .memristor.kinds import MEMRISTOR_KINDS

KINDS = {**JUNCTION_KINDS, **MEMRISTOR_KINDS}
CONVERTED = ("signal", "code")  # columns that come out of a converter, which may have been at the end of its range


def kind_of(name):
    """Return the `Kind` of that name, or refuse with a list of all."""
    if name not in KINDS:
        raise InputError(f"Kind must be one of {', '.join(KINDS)}, not {name!r}")
    return KINDS[name]


def calibrate_file(name, path, request=None, reading=None):
    """Read a file and calibrate what it tells of.

    Parameters
    ----------
    name : str
        Name of the kind.
    path : str or Path
        Data; see `read_table`.
    request : Request, optional
        Seed, trials, coverage.
    reading : Reading, optional
        Which columns are which, what is masked.

    Returns
    -------
    Outcome
        With ``columns`` and ``masked`` in its notes: what was read, and how many readings were left out by which rule.
    """
    kind, request = kind_of(name), request or Request()
    if name != "telegraph" and (request.filter_time or request.baseline):
        raise InputError(f"Filter and baseline must go with kind 'telegraph', not with {name!r}")
    table = read_table(path, kind.columns, reading)
    for column in kind.columns:
        if column.name in CONVERTED:
            table.check_not_saturated(column.name)
    if kind.loses == "sample":
        table = _without_lost_times(without_spikes(table, "signal"))
    else:
        table = _without_gaps(table, by_cell=kind.loses == "cell")
    outcome = kind.run(table, request)
    outcome.calibration.provenance["file"] = {
        "name": str(path).rsplit("/", 1)[-1],
        "sha256": table.sha256,
        "columns": table.headers,
        "masked": table.masked,
        **table.file.layout,
    }
    outcome.notes.update(columns=table.headers, masked=table.masked)
    if "time" in table.rounding:
        outcome.notes["times_rounded_to_s"] = table.rounding["time"]
    return outcome


def _without_lost_times(table):
    """Return a table of traces without the rows whose time or drive was masked; their samples were not read."""
    others = [values for name, values in table.columns.items() if name != "signal"]
    bad = np.flatnonzero(~np.all([np.isfinite(values) for values in others], axis=0))
    return replace(table.dropped(bad), rules=table.rules | {"gaps"}) if bad.size else table


def _without_gaps(table, by_cell):
    """Return a table without the rows of masked readings, or without all rows of their cells."""
    lists = [values for values in table.columns.values() if values.ndim == 1]
    bad = np.flatnonzero(~np.all([np.isfinite(values) for values in lists], axis=0)) if lists else np.empty(0, np.int64)
    if not bad.size:
        return table
    if by_cell and "cell" in table:
        cells = np.unique(table["cell"][bad])
        bad = np.flatnonzero(np.isin(table["cell"], cells))
        table.masked["cells left out"] = int(cells.size)
    return table.dropped(bad)
