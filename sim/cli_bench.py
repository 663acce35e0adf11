"""Command `bench`."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from ..emulator.spec.errors import InputError
from . import cli_options as options
from .console import print_json, progress, rows_table

BENCHES = ("gibbs", "golden", "rtl", "crossbar", "wires", "calibration", "smtj", "anneal")


def register(app):
    """Add the command of this module."""
    app.command("bench")(bench)


def bench(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(BENCHES)}; all if absent.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds and sizes, for a first look.")] = False,
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Measure speeds beside peers, in one run, as ratios.

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
            rows += importlib.import_module(f"spinchip.benchmarks.{each}").rows(quick=quick)
    if as_json:
        print_json({"rows": rows})
        return
    for row in rows:
        if row.get("value") is None:
            row["unit"] = "not installed: pip install 'spinchip[peers]'"
    columns = ("name", "value", "unit", "peer", "ratio")
    rows_table("Speeds", columns, [[row.get(column) for column in columns] for row in rows])
