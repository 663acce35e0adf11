"""A report of a run's folder: one HTML file with its tables and pictures, light and dark, for a screen of any width."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import jinja2

from ..emulator.spec.atomic_write import whole_file
from ..emulator.spec.errors import InputError
from .codesign.tables import claim_table, front_table, machine_table

TEMPLATE = "run_report.html.j2"
LARGEST_BYTES = 5_000_000
MOST_ROWS = 400  # of one table; what is left out is said


def report_run(folder, path=None):
    """Write the report of a folder that `workload`, `project` or `explore` wrote; returns its path.

    Parameters
    ----------
    folder : Path
        Of the run.
    path : Path, optional
        HTML file; ``report.html`` in the folder if absent.

    Raises
    ------
    InputError
        If the folder holds no result of these, or the report would be larger than 5 MB.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"Run must be a folder, which {str(folder)!r} is not")
    parts = [part for path_ in sorted(folder.glob("*.json")) for part in [_part(path_)] if part]
    if not parts:
        raise InputError(f"{folder}: run must hold the JSON of workload, project or explore, which it does not")
    pictures = [
        {"name": one.stem.replace("_", " "), "data": base64.b64encode(one.read_bytes()).decode()}
        for one in sorted(folder.glob("*.png"))
    ]
    loader = jinja2.PackageLoader(__package__, ".")
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = environment.get_template(TEMPLATE).render(parts=parts, pictures=pictures)
    if len(text.encode()) > LARGEST_BYTES:
        raise InputError(f"Report must be at most {LARGEST_BYTES} bytes, not {len(text.encode())}")
    path = folder / "report.html" if path is None else Path(path)
    with whole_file(path) as handle:
        handle.write(text)
    return path


def _part(path):
    """Return title, sentence and tables of one JSON file; None if it is something else."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise InputError(f"{path}: result must be JSON that can be read: {error}") from None
    if not isinstance(result, dict):
        return None
    if "claims" in result or ("workload" in result and "rows" in result):
        return _projection(result)
    if "pareto" in result and "points" in result:
        return _exploration(result)
    if "name" in result and "rows" in result:
        return _workload(result)
    return None


def _workload(result):
    rows = result["rows"]
    met = sum(bool(row["ok"]) for row in rows)
    columns = ("quantity", "value", "s.e.", "reference", "source", "")
    cells = [
        [row["quantity"], _number(row["value"]), _number(row["se"]), _number(row["reference"]), row["source"],
         "yes" if row["ok"] else "NO"]
        for row in rows
    ]  # fmt: skip
    sentence = f"{met} of {len(rows)} figures agree with their references; {result['seconds']:.0f} s."
    return _titled(f"Workload {result['name']}", sentence, [_table("", columns, cells)])


def _projection(result):
    columns, rows = machine_table(result["rows"])
    rows = [[*cells, row["assumptions"]] for cells, row in zip(rows, result["rows"], strict=True)]
    tables = [_table("Machines", (*columns, "assumptions"), rows)]
    if "claims" in result:
        tables.append(_table("Claims of the source slides", *claim_table(result["claims"])))
    return _titled(result["workload"], result.get("verdicts", ""), tables)


def _exploration(result):
    columns, rows = front_table(result)
    counts = f"{len(result['points'])} points, {len(result['failed'])} refused, {len(rows)} that nothing beats."
    return _titled(result["name"], counts, [_table("The front", columns, rows)])


def _titled(title, sentence, tables):
    return {"title": title, "sentence": sentence, "tables": tables}


def _table(name, columns, rows):
    left = len(rows) - MOST_ROWS
    note = f"{left} more rows stand in the JSON." if left > 0 else ""
    return {"name": name, "columns": [c.replace("_", " ") for c in columns], "rows": rows[:MOST_ROWS], "note": note}


def _number(value):
    """Return a number as a person writes it; text as it is.

    >>> _number(0.000012345), _number(3), _number(None), _number("yes")
    ('1.234e-05', '3', '', 'yes')
    """
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.4g}"
