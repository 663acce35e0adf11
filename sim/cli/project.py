"""Command `project`: what a workload takes in time and energy on each machine, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.padding import Padding
from rich.text import Text

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import check_folder, made_folder, whole_file
from ...emulator.spec.files.strict_json import write_json
from ..codesign.projections.workloads import PROJECTIONS, Wish, projected
from ..report.tables import claim_table, machine_table, markdown_table
from . import options
from .console import OUT, print_json, progress, rows_table

WIDE = 140  # columns of a terminal that hold the claims side by side
MOST_MHZ = 1e5
ERRORS = "; ".join(f"{name}: {one.meaning} ({one.error:g})" for name, one in PROJECTIONS.items() if one.meaning)


def register(app):
    """Add the command of this module."""
    app.command("project")(project)


def project(
    workload: Annotated[str, typer.Argument(help=f"One of {', '.join(PROJECTIONS)}.")],
    error: Annotated[float | None, typer.Option("--error", help=ERRORS)] = None,
    instance: Annotated[
        str | None,
        typer.Option("--instance", help="Of spin-glass, max-cut and logic: a file, a generator or a shipped graph."),
    ] = None,
    beta: Annotated[
        float | None, typer.Option("--beta", help="Of spin-glass (0.8) and van (1): inverse temperature.")
    ] = None,
    hold: options.Hold = None,
    fabric: options.Fabric = "",
    fmax: Annotated[float | None, typer.Option("--fmax", help="Clock that `build` found [MHz].")] = None,
    full: Annotated[bool, typer.Option("--full", help="nqs: all sizes and long chains, minutes.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the rows as JSON and Markdown.")] = None,
    seed: options.Seed = 1,
    as_json: options.Json = False,
):
    """Project time and energy to an accuracy. On processor, GPU, FPGA p-computer, and junctions with a crossbar.

    Steps come from each machine's own dynamics: 2 tau var / error^2 sweeps for a mean; for a search, the sweeps that
    find it with 99 % confidence. Every figure says whether it was measured, simulated, cited or assumed. For nqs the
    claims of the source slides stand beside what is found.

    Example: spinchip project nqs
    """
    if fmax is not None and not 0 < fmax < MOST_MHZ:
        raise InputError(f"Clock must be above 0 and below {MOST_MHZ:g} MHz, not {fmax!r}")
    if out is not None:
        check_folder(out)
    wish = Wish(
        error=error,
        instance=instance,
        beta=beta,
        hold=options.held_numbers(hold),
        options=options.fabric_options(fabric) if fabric else None,
        fmax_hz=None if fmax is None else 1e6 * fmax,
        is_full=full,
        seed=seed,
    )
    with progress() as step:
        step(f"project {workload}")
        result = projected(workload, wish)
    if out is not None:
        result["files"] = _written(out, result)
    if as_json:
        print_json(result)
    else:
        _show(result)


def _show(result):
    rows_table(result["workload"], *machine_table(result["rows"]))
    for row in result["rows"]:
        OUT.print(f"{row['machine']}: {row['assumptions']}", style="dim", highlight=False, markup=False)
    for line in result.get("left_out", ()):
        OUT.print(f"left out: {line}", style="yellow", highlight=False, markup=False)
    if "claims" in result:
        _show_claims(result["claims"])
        OUT.print(result["verdicts"], highlight=False)


def _show_claims(claims):
    """Print the claims as a table, or one below the other where five columns would be a word wide."""
    title = "Claims of the source slides"
    if OUT.width >= WIDE:
        rows_table(title, *claim_table(claims))
        return
    OUT.print(title, style="bold")
    for row in claims:
        OUT.print(f"{row['claim']} → {row['verdict']}", highlight=False, markup=False)
        text = f"slides {row['slides']}; ours {row['ours']}; {row['decided_by']}"
        OUT.print(Padding(Text(text, style="dim"), (0, 0, 0, 4)))


def _written(folder, result):
    made_folder(folder)
    write_json(folder / "project.json", result)
    with whole_file(folder / "project.md") as handle:
        handle.write(markdown(result))
    return [str(folder / name) for name in ("project.json", "project.md")]


def markdown(result):
    """Return the tables of a projection as Markdown."""
    text = f"# Projection: {result['workload']}\n\n"
    for size, rows in result.get("sizes", {None: result["rows"]}).items():
        text += f"## {size} sites\n\n" if size else ""
        text += markdown_table(*machine_table(rows)) + "\n"
    text += "Assumptions:\n\n" + "".join(f"- {row['machine']}: {row['assumptions']}\n" for row in result["rows"])
    if result.get("left_out"):
        text += "\nLeft out:\n\n" + "".join(f"- {line}\n" for line in result["left_out"])
    if "claims" in result:
        text += "\n## Claims of the source slides\n\n" + markdown_table(*claim_table(result["claims"]))
        text += f"\n{result['verdicts']}\n"
    return text
