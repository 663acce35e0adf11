"""Command `workload`: the systems of the papers, each as a table beside its reference values."""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import Annotated

import typer

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import made_folder, whole_file
from ...emulator.spec.files.strict_json import write_json
from . import options
from .console import OUT, print_json, progress, rows_table

# Name -> module of `models` with ``workload_rows(full, seed)``.
WORKLOADS = {
    "spin-glass": "spin_glass.workload",
    "max-cut": "max_cut.workload",
    "logic": "logic.workload",
    "nqs": "nqs.workload",
    "van": "van.workload",
    "inverse-ising": "van.inverse_workload",
    "boltzmann-generator": "flow.workload",
    "qcnn": "qcnn.workload",
    "digits": "digits.workload",
    "dipolar-gas": "dipolar_gas.workload",
}
COLUMNS = ("quantity", "value", "se", "reference", "source", "ok")
NOT_MET = 1


def register(app):
    """Add the command of this module."""
    app.command("workload")(workload)


def workload(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(WORKLOADS)}.")],
    full: Annotated[bool, typer.Option("--full", help="The whole table: minutes instead of seconds.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the rows as JSON, and a picture.")] = None,
    seed: options.Seed = 1,
    as_json: options.Json = False,
):
    """Run a paper's system and hold its figures to the references.

    Exit status 1 if a figure is further off than its error allows.

    Example: spinchip workload dipolar-gas
    """
    if name not in WORKLOADS:
        raise InputError(f"Workload must be one of {', '.join(WORKLOADS)}, not {name!r}")
    if out is not None:
        made_folder(out)
    started = time.perf_counter()
    with progress() as step:
        step(f"workload {name}" + (", whole table" if full else ""))
        module = importlib.import_module(f"...models.{WORKLOADS[name]}", __package__)
        rows = module.workload_rows(full=full, seed=seed)
    result = {"name": name, "rows": rows, "seconds": time.perf_counter() - started}
    if out is not None:
        result["files"] = _written(out, result, full)
    if as_json:
        print_json(result)
    else:
        cells = [[row.get(column) for column in COLUMNS[:-1]] + ["yes" if row["ok"] else "NO"] for row in rows]
        rows_table(f"{name}, {result['seconds']:.1f} s", COLUMNS, cells)
        for path in result.get("files", []):
            OUT.print(path, highlight=False)
    return 0 if all(row["ok"] for row in rows) else NOT_MET


def _written(folder, result, is_full):
    """Write the rows, and a picture where the workload has one; returns the paths."""
    from ..report.workload_plots import PICTURES, save_picture
    from ..report.workload_text import workload_text

    path = folder / f"{result['name']}.json"
    write_json(path, result)
    table = folder / f"{result['name']}.md"
    with whole_file(table) as handle:
        handle.write(workload_text(result, is_full))
    written = [str(path), str(table)]
    if result["name"] in PICTURES:
        written.append(save_picture(folder, result["name"], result["rows"]))
    return written
