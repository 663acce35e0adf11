"""Command `report`: one HTML file of a run's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options
from .console import OUT, print_json


def register(app):
    """Add the command of this module."""
    app.command("report")(report)


def report(
    run: Annotated[Path, typer.Argument(help="Folder that a command wrote with --out.", metavar="RUN")],
    out: Annotated[Path | None, typer.Option("--out", help="HTML file; report.html in the folder by default.")] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Write one HTML file about a run. Tables and pictures, no network, light and dark, any width.

    Example: spinchip report out/explore/glass
    """
    from ...emulator.spec.files.atomic_write import check_output
    from ..report.run_report import report_run

    del seed  # nothing is drawn; every command takes it
    if out is not None:
        check_output(out)
    path = report_run(run, out)
    if as_json:
        print_json({"report": str(path), "bytes": path.stat().st_size})
    else:
        OUT.print(str(path), highlight=False)
