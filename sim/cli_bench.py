"""Command `bench`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated

import typer

from ..emulator.spec.errors import InputError
from . import bench_history
from . import cli_options as options
from .console import OUT, print_json, progress, rows_table

BENCHES = (
    "gibbs", "golden", "rtl", "crossbar", "wires", "calibration", "smtj", "anneal", "nqs", "generative", "explorer",
    "scope",
)  # fmt: skip


def register(app):
    """Add the command of this module."""
    app.command("bench")(bench)


def bench(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(BENCHES)}; all if absent.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds and sizes, for a first look.")] = False,
    kept: Annotated[
        Path | None, typer.Option("--keep", help="Folder for the rows as JSON, and all runs drawn.")
    ] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Measure speeds beside peers, in one run, as ratios. With --keep runs are drawn over commits.

    Example: spinchip bench gibbs --quick
    """
    del seed  # speeds do not depend on it; every command takes it
    if name and name not in BENCHES:
        raise InputError(f"Benchmark must be one of {', '.join(BENCHES)}, not {name!r}")
    rows = []
    chosen = (name,) if name else BENCHES
    with progress(len(chosen)) as step:
        for each in chosen:
            step(f"bench {each}")
            # By name: benchmarks stand above this room, which must not know them otherwise.
            found = importlib.import_module(f"spinchip.benchmarks.{each}").rows(quick=quick)
            rows += [row | {"bench": each} for row in found]
    result = {"rows": rows}
    if kept is not None:
        result["files"] = [str(bench_history.keep(rows, kept, quick)), str(bench_history.draw(kept))]
    if as_json:
        print_json(result)
        return
    for row in rows:
        if row.get("value") is None:
            row["unit"] = "not installed: pip install -e '.[peers]'"
    columns = ("name", "value", "unit", "peer", "ratio")
    rows_table("Speeds", columns, [[row.get(column) for column in columns] for row in rows])
    for path in result.get("files", []):
        OUT.print(path, highlight=False)
