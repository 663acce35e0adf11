"""Command `calibrate`: measured data in, parameters with intervals and a device card out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..report.written_numbers import interval_texts
from . import options
from .console import facts, print_json, progress, rows_table

REJECTED = 1
SHOWN = ("estimate", "low", "best", "high")
MOST_ROWS = 16  # of a table; the first and the last, where those over all devices stand


def register(app):
    """Add the command of this module."""
    app.command("calibrate")(calibrate)


def calibrate(
    kind: Annotated[str, typer.Argument(help="What was measured; 'list' tells the kinds and their columns.")],
    data: Annotated[
        Path | None, typer.Argument(help="Text, npz, npy, HDF5 or MATLAB file with units.", metavar="DATA")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for calibration, card and plots.")] = None,
    trials: Annotated[int, typer.Option("--trials", min=20, help="Synthetic data sets behind each interval.")] = 100,
    coverage: Annotated[
        int, typer.Option("--coverage", min=0, help="Synthetic experiments on which the intervals are tested.")
    ] = 0,
    base: Annotated[
        str | None,
        typer.Option("--base", help="Memristor whose card takes the measured model in: a name or a .json file."),
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Write synthetic example data to DATA instead of reading it.")
    ] = False,
    columns: Annotated[
        str, typer.Option("--columns", help="NAME=HEADER,... where headers differ; a number and [unit] also do.")
    ] = "",
    mask: Annotated[str, typer.Option("--mask", help="Leave out: overload, empty, spikes, gaps, or all.")] = "",
    filter_time: Annotated[
        str, typer.Option("--filter", help="telegraph: time constant [s] of a low-pass in the trace, or 'fit'.")
    ] = "",
    baseline: Annotated[
        str, typer.Option("--baseline", help="telegraph: shortest period [s] of a slow baseline, or 'fit'.")
    ] = "",
    decimal: Annotated[str | None, typer.Option("--decimal", help="Decimal mark of a text: comma or point.")] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Fit a device to measured data.

    Exit status 1 if the data reject the model: its intervals then mean nothing, and no card is written.

    Example: spinchip calibrate telegraph out/trace.csv --example && spinchip calibrate telegraph out/trace.csv
    """
    from ..front_door.devices import calibrate as fit_device
    from ..runs.calibrate_run import figures, listed, wrote_example

    if kind == "list":
        return _show_list(listed(), as_json)
    if data is None:
        raise typer.BadParameter("DATA is missing: a text, npz, npy, HDF5 or MATLAB file.")
    if example:
        return _show(wrote_example(kind, data, seed), as_json)
    fit = {"seed": seed, "trials": trials, "coverage": coverage, "base": base, "out": out}
    table = {"columns": columns, "mask": mask, "filter_time": filter_time, "baseline": baseline, "decimal": decimal}
    with progress() as step:
        step(f"{kind} of {data.name}")
        outcome = fit_device(kind, data, **fit, **table)
    _show(figures(kind, data, outcome), as_json)
    return REJECTED if outcome.is_rejected else 0


def _show_list(rows, as_json):
    if as_json:
        print_json({"kinds": rows})
    else:
        rows_table("kinds of calibration", ("kind", "what it finds", "columns"), [list(row.values()) for row in rows])


def _show(result, as_json):
    if as_json:
        print_json(result)
        return
    result = dict(result)
    parameters = result.pop("parameters", None)
    title = result.pop("title")
    if parameters is not None:
        cells = [
            (name, *interval_texts(one["low"], one["high"], *(one[key] for key in SHOWN)))
            for name, one in parameters.items()
        ]
        if len(cells) > MOST_ROWS:
            left_out = f"... {len(cells) - MOST_ROWS} more with --json"
            cells = [*cells[: MOST_ROWS // 2], (left_out, None, None, None, None), *cells[-(MOST_ROWS // 2) :]]
        rows_table(title, ("parameter", "estimate", "low", "median", "high"), cells)
        title = "68 % intervals; estimate of the data, median of refits"
    flat = []
    for name, value in result.items():
        if isinstance(value, dict):
            flat += [(f"{name}, {key}", one) for key, one in value.items()]
        elif isinstance(value, list):
            flat += [(name, one) for one in value]
        elif value is not None:
            flat.append((name, value))
    facts(title, flat)
