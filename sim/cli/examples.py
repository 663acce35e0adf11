"""Command `examples`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options
from .console import OUT, print_json, rows_table


def register(app: typer.Typer):
    """Add the command of this module."""
    app.command("examples")(examples)


def examples(
    name: Annotated[
        str | None, typer.Argument(help="File, folder or pattern such as 'glasses/size08*'; listed if absent.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the copies.")] = Path(),
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """List the examples, or copy some to the current folder.

    Commands find them without a copy: examples/... is the shipped file where the current folder has none. Nothing is
    overwritten.

    Example: spinchip examples first_steps.ipynb
    """
    from ..runs.example_files import copied, listed

    del seed  # nothing is drawn; every command takes it
    if name is None:
        rows = listed()
        if as_json:
            print_json({"examples": rows})
        else:
            rows_table("Examples", ("name", "bytes"), [(row["name"], row["bytes"]) for row in rows])
        return
    files = [str(path) for path in copied(name, out)]
    if as_json:
        print_json({"files": files})
        return
    for path in files:
        OUT.print(path, highlight=False, markup=False, soft_wrap=True)
