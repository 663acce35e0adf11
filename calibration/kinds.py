"""All kinds of calibration by name."""

from __future__ import annotations

from ..emulator.spec.errors import InputError
from .kind import Request
from .kinds_junction import JUNCTION_KINDS
from .kinds_memristor import MEMRISTOR_KINDS
from .table_reader import read_table

KINDS = {**JUNCTION_KINDS, **MEMRISTOR_KINDS}
CONVERTED = ("signal", "code")  # columns that come out of a converter, which may have been at the end of its range


def kind_of(name):
    """Return the `Kind` of that name, or refuse with a list of all."""
    if name not in KINDS:
        raise InputError(f"Kind must be one of {', '.join(KINDS)}, not {name!r}")
    return KINDS[name]


def calibrate_file(name, path, request=None):
    """Read a file and calibrate what it tells of.

    Parameters
    ----------
    name : str
        Of the kind.
    path : str or Path
        Data; see `read_table`.
    request : Request, optional
        Seed, trials, coverage.

    Returns
    -------
    Outcome
    """
    kind = kind_of(name)
    table = read_table(path, kind.columns)
    for column in kind.columns:
        if column.name in CONVERTED:
            table.check_not_saturated(column.name)
    outcome = kind.run(table, request or Request())
    outcome.calibration.provenance["file"] = {"name": str(path).rsplit("/", 1)[-1], "sha256": table.sha256}
    return outcome
