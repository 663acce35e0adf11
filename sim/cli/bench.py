"""Command `bench`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated

import typer

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import check_folder
from ..runs import bench_history
from ..runs.bench_rows import honest_rows
from . import options
from .console import OUT, print_json, progress, rows_table

ALL = "all"
# Name, which is also that of the module, and what it measures.
BENCHES = {
    "gibbs": "updates a second of the reference backends beside other samplers; against size; memory",
    "golden": "updates a second of the integer model, for p-bits and machines",
    "rtl": "clocks a second of the RTL under Icarus, compiled, and as a netlist",
    "crossbar": "products and flips on tiles, beside matrix products",
    "wires": "arrays with resistive lines, beside matrix products and other solvers",
    "calibration": "fits a second, beside scipy and hmmlearn",
    "smtj": "junctions: telegraph, macrospin, arrays, the analog machine",
    "anneal": "time to a ground state beside other annealers; cost of a sweep",
    "nqs": "iterations of neural quantum states beside NetKet; block Gibbs",
    "generative": "directed p-bits beside Gibbs sampling",
    "explorer": "milliseconds that a point of an exploration costs",
    "scope": "frames a second of the live page",
    "start_up": "seconds of processor time until help, and until the facts of a small instance",
}


def register(app):
    """Add the command of this module."""
    app.command("bench")(bench)


def bench(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(BENCHES)}, or all; absent: they are listed.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds and sizes, for a first look.")] = False,
    kept: Annotated[
        Path | None, typer.Option("--keep", help="Folder for the rows as JSON, and all runs drawn.")
    ] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Measure speeds beside peers, in one run, as ratios. Without a name nothing runs; the benchmarks are listed.

    A peer that is not installed gives no ratio. With --keep runs are drawn over commits.

    Example: spinchip bench gibbs --quick
    """
    del seed  # speeds do not depend on it; every command takes it
    if name and name not in (*BENCHES, ALL):
        raise InputError(f"Benchmark must be one of {', '.join((*BENCHES, ALL))}, not {name!r}")
    if kept is not None:
        check_folder(kept)
    if not name:
        _list(as_json)
        return
    result = {"rows": _measured(BENCHES if name == ALL else (name,), quick)}
    if kept is not None:
        result["files"] = [str(bench_history.keep(result["rows"], kept, quick)), str(bench_history.draw(kept))]
    if as_json:
        print_json(result)
        return
    cells = [[row["name"], row.get("value"), row.get("note") or row.get("unit"), row["peer"], row["ratio"]]
             for row in result["rows"]]  # fmt: skip
    rows_table("Speeds", ("name", "value", "unit", "peer", "ratio"), cells)
    for path in result.get("files", []):
        OUT.print(path, highlight=False)


def _measured(names, quick):
    """Return the rows of benchmarks."""
    rows = []
    with progress(len(names)) as step:
        for each in names:
            step(f"bench {each}")
            rows += [row | {"bench": each} for row in honest_rows(_rows_of(each, quick))]
    return rows


def _rows_of(name, quick):
    """Run one benchmark; by name, since benchmarks stand above this room, which must not know them otherwise."""
    return importlib.import_module(f"spinchip.benchmarks.{name}").rows(quick=quick)


def _list(as_json):
    """Print the names of all benchmarks and what each measures."""
    if as_json:
        print_json({"rows": [], "names": list(BENCHES)})
        return
    cells = list(BENCHES.items())
    rows_table("Benchmarks; spinchip bench NAME runs one, spinchip bench all runs all", ("name", "measures"), cells)
