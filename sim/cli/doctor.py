"""Command `doctor`."""

from __future__ import annotations

import typer

from . import options
from .console import facts, print_json, progress, rows_table


def register(app: typer.Typer):
    """Add the command of this module."""
    app.command("doctor")(doctor)


def doctor(seed: options.Seed = 0, as_json: options.Json = False):
    """Try the tools and extras of this machine.

    Tells where each was found, which version, what is wrong with it, what is lost without, and how to get it.

    Example: spinchip doctor
    """
    from ..runs.doctor import examination

    del seed  # nothing is drawn; every command takes it
    with progress() as step:
        found = examination(step)
    if as_json:
        print_json(found)
        return
    there = [row for row in found["tools"] if row["ok"]]
    rows_table("Found", ("tool", "version", "path"), [(row["name"], row["version"], row["path"]) for row in there])
    lost = [row for row in found["tools"] if not row["ok"]]
    if lost:
        rows = [(row["name"], row["needed_for"], f"{row['path'] or ''} {row['fault']}; {row['cure']}") for row in lost]
        rows_table("\nNot usable", ("tool", "needed for", "why, and the cure"), rows)
    folders = found["folders"]
    kept = "yes" if folders["kernels_kept"] else "no: no folder for them can be written"
    rows = [("compiled designs", folders["compiled_designs"]), ("kernels are kept", kept)]
    facts("\nFolders", [*rows, ("temporary files", folders["temporary"] or "none can be written: set TMPDIR")])
