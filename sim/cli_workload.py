"""Command `workload`: the systems of the papers, each as a table beside its reference values."""

from __future__ import annotations

import importlib
import time
from typing import Annotated

import typer

from ..emulator.spec.errors import InputError
from . import cli_options as options
from .console import print_json, progress, rows_table

# Name -> module of `models` with ``workload_rows(full, seed)``.
WORKLOADS = {"dipolar-gas": "dipolar_gas_workload"}
COLUMNS = ("quantity", "value", "se", "reference", "source", "ok")
NOT_MET = 1


def register(app):
    """Add the command of this module."""
    app.command("workload")(workload)


def workload(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(WORKLOADS)}.")],
    full: Annotated[bool, typer.Option("--full", help="The whole table: minutes instead of seconds.")] = False,
    seed: options.Seed = 1,
    as_json: options.Json = False,
):
    """Run one of the papers' systems and hold its figures against the reference values.

    Exit status 1 if a figure is further off than its error allows.

    Example: spinchip workload dipolar-gas
    """
    if name not in WORKLOADS:
        raise InputError(f"Workload must be one of {', '.join(WORKLOADS)}, not {name!r}")
    started = time.perf_counter()
    with progress() as step:
        step(f"workload {name}" + (", whole table" if full else ""))
        module = importlib.import_module(f"..models.{WORKLOADS[name]}", __package__)
        rows = module.workload_rows(full=full, seed=seed)
    seconds = time.perf_counter() - started
    if as_json:
        print_json({"name": name, "rows": rows, "seconds": seconds})
    else:
        cells = [[row.get(column) for column in COLUMNS[:-1]] + ["yes" if row["ok"] else "NO"] for row in rows]
        rows_table(f"{name}, {seconds:.1f} s", COLUMNS, cells)
    return 0 if all(row["ok"] for row in rows) else NOT_MET
