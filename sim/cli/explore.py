"""Command `explore`: a design space from a file, resumable, with its Pareto front."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...emulator.spec.files.atomic_write import check_folder, whole_file, whole_path
from ...emulator.spec.files.file_names import short_name
from ...emulator.spec.files.strict_json import write_json
from ..report.tables import front_table, markdown_table
from . import options
from .console import OUT, print_json, progress, rows_table

SHOWN = 12  # rows of the front on a screen


def register(app):
    """Add the command of this module."""
    app.command("explore")(explore)


def explore(
    design: Annotated[Path, typer.Argument(help="TOML file: [problem], [parameters], [search], [objectives].")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the store; out/explore/NAME by default.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Processes; as many as cores by default.")] = None,
    scheduler: Annotated[str | None, typer.Option("--scheduler", help="Address of a dask scheduler.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try refused points again.")] = False,
    seed: Annotated[
        int | None, typer.Option("--seed", help="In place of the file's.", callback=options.checked_seed)
    ] = None,
    as_json: options.Json = False,
):
    """Explore a design space for its Pareto front. Every combination, a Latin hypercube, or a genetic search.

    What is finished stays: a killed sweep goes on where it was, and a finished point is never computed twice.

    Example: spinchip explore examples/explore/glass.toml
    """
    from dataclasses import replace

    from ..codesign.design import read_design
    from ..codesign.exploration import STORE
    from ..codesign.exploration import explore as run
    from ..codesign.store import Store

    space = read_design(design)
    space = space if seed is None else replace(space, seed=seed)
    folder = Path("out/explore") / short_name(design) if out is None else out
    check_folder(folder)
    if retry and (folder / STORE).is_file():
        with Store(folder / STORE) as store:
            store.forget_failed()
    with progress() as step:
        step(f"explore {space.name}")
        result = run(space, folder, workers, scheduler, lambda done, asked: step(f"{done} of {asked} points"))
    result["files"] = _written(folder, result)
    if as_json:
        print_json(result)
    else:
        _show(result)
    return 1 if not result["points"] else 0


def _written(folder, result):
    """Write the result as JSON and Markdown, and its picture; returns the paths."""
    write_json(folder / "explore.json", result)
    with whole_file(folder / "explore.md") as handle:
        handle.write(markdown(result))
    written = [str(folder / name) for name in ("explore.json", "explore.md")]
    if result["points"]:
        from ..codesign.explore_plots import explore_figure
        from ..report.plot_style import PALETTE, style_context

        with style_context():
            figure = explore_figure(result)
            with whole_path(folder / "explore.png") as path:
                figure.savefig(path, format="png", dpi=110, facecolor=PALETTE["paper"])
        written.append(str(folder / "explore.png"))
    return written


def _show(result):
    columns, rows = front_table(result)
    counts = f"{len(result['points'])} points, {result['computed']} computed now, {len(result['failed'])} refused"
    if rows:
        rows_table(f"{result['name']}: {counts}; the front", columns, rows[:SHOWN])
        if len(rows) > SHOWN:
            OUT.print(f"and {len(rows) - SHOWN} more", style="dim")
    else:
        OUT.print(f"{result['name']}: {counts}", markup=False, highlight=False)
    for one in result["failed"][:3]:
        OUT.print(f"refused {one['point']}: {one['error']}", style="dim", markup=False, highlight=False)
    for path in result["files"]:
        OUT.print(path, highlight=False)


def markdown(result):
    """Return the front as Markdown."""
    columns, rows = front_table(result)
    objectives = ", ".join(f"{name} ({sense})" for name, sense in result["objectives"].items())
    counts = f"{len(result['points'])} points, {len(result['failed'])} refused; {len(rows)} that nothing beats"
    picture = "\n![front, knee, and the first objective along one parameter](explore.png)\n" if rows else ""
    return f"# {result['name']}\n\nObjectives: {objectives}. {counts}.\n\n{markdown_table(columns, rows)}{picture}"
