"""Command `anneal`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options
from .console import facts, print_json, progress

METHODS = "sa, sqa, apt or pa; other backends: sa and sqa on all, apt on golden and icarus."


def register(app):
    """Add the command of this module."""
    app.command("anneal")(options.takes_backend(options.reads_instance(anneal)))


def anneal(
    instance: options.Instance,
    method: Annotated[
        str, typer.Option("--method", help="sa, sqa, apt or pa; hardware: sa and sqa on any, apt on golden and icarus.")
    ] = "sa",
    on: options.Backend = "reference",
    sweeps: Annotated[int, typer.Option("--sweeps", help="Sweeps of each replica.")] = 1000,
    runs: Annotated[int, typer.Option("--runs", help="Independent runs.")] = 16,
    ground: Annotated[float | None, typer.Option("--ground", help="Energy that residuals count from.")] = None,
    checkpoint: Annotated[Path | None, typer.Option("--checkpoint", help="File to go on from, and to keep.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Text file for the best state, one spin a line, behind its label.")
    ] = None,
    keep: Annotated[Path | None, typer.Option("--keep", help="Folder for result, best state and picture.")] = None,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Search for the lowest energy.

    Residual energies count from --ground, else from a known ground state, else from the lowest energy found.

    Example: spinchip anneal examples/ea3d/size08_0000.txt --method apt --sweeps 1000 --ground -858
    """
    from ..front_door.data import load
    from ..front_door.searching import anneal as search

    model = load(instance, file_format)
    files = {"checkpoint": checkpoint, "out": out, "keep": keep}
    chosen = options.fabric_options(fabric) if fabric else None
    with progress() as step:
        step(f"{method} on {on}: {runs} runs of {sweeps} sweeps")
        found = search(model, method, sweeps, runs, on=on, seed=seed, fabric=chosen, ground=ground, **files)
    if as_json:
        print_json(found.as_dict())
        return
    rho, start = found.residual, found.residual_from
    rows = [
        ("lowest energy", found.energy),
        ("runs that reached it", f"{int((found.energies <= found.energy + 1e-9).sum())} of {runs}"),
        ("residual energy per spin", f"{rho['best']:.6g}  ({rho['low']:.6g} ... {rho['high']:.6g})"),
        ("counted from", start if found.is_ground_known else f"{start:g}, the lowest found"),
        ("sweeps, replicas of a run", f"{sweeps}, {found.replicas}"),
        ("seconds of sweeps, of the choice of betas", f"{found.seconds:.3g}, {found.ladder_seconds:.3g}"),
    ]
    rows += [("best state", out)] if out else []
    facts(f"{model.name}: {method} on {on}", rows + [("written", path) for path in found.files])
