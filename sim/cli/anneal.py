"""Command `anneal`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ...emulator.spec.files.atomic_write import check_folder, check_output, made_folder, whole_file
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
    ground: Annotated[
        float | None, typer.Option("--ground", help="Energy that residuals count from.", callback=options.finite)
    ] = None,
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
    from ...emulator.instances.resolve import resolve
    from ..runs import anneal_run
    from ..runs.anneal_files import save_search
    from ..runs.run_size import check_search

    chosen = options.fabric_options(fabric) if fabric else None
    where = anneal_run.Where(on, chosen, checkpoint)
    anneal_run.check_backend(where, method)
    if out is not None:
        check_output(out)
    if keep is not None:
        check_folder(keep)
    model = resolve(instance, file_format)
    check_search(model.n_spins, runs, sweeps)
    with progress() as step:
        step(f"{method} on {on}: {runs} runs of {sweeps} sweeps")
        found = anneal_run.find(model, method, sweeps, runs, seed, where)
    energies, spins, replicas, seconds, ladder_seconds = found
    best, known = float(energies.min()), model.provenance.get("ground_energy") if ground is None else ground
    start = best if known is None else float(known)
    result = {
        "best_energy": best,
        "energies": [float(energy) for energy in energies],
        "residual": anneal_run.residual(energies, start, model.n_spins, seed),
        "residual_from": start,
        "sweeps": sweeps,
        "replicas": replicas,
        "runs": runs,
        "seconds": seconds,
        "ladder_seconds": ladder_seconds,
    }
    if model.labels is not None:
        result["labels"] = list(model.labels)
    if out is not None:
        with whole_file(out) as handle:
            handle.write("".join(_lines(model.labels, spins)))
        result["out"] = str(out)
    if keep is not None:
        told = {"instance": model.name, "method": method, "backend": on, **result}
        result["files"] = save_search(made_folder(keep), told, _lines(model.labels, spins))
    if as_json:
        print_json(result)
        return
    rho = result["residual"]
    rows = [
        ("lowest energy", best),
        ("runs that reached it", f"{int((energies <= best + 1e-9).sum())} of {runs}"),
        ("residual energy per spin", f"{rho['best']:.6g}  ({rho['low']:.6g} ... {rho['high']:.6g})"),
        ("counted from", start if known is not None else f"{start:g}, the lowest found"),
        ("sweeps, replicas of a run", f"{sweeps}, {replicas}"),
        ("seconds of sweeps, of the choice of betas", f"{seconds:.3g}, {ladder_seconds:.3g}"),
    ]
    rows += [("best state", out)] if out else []
    facts(f"{model.name}: {method} on {on}", rows + [("written", path) for path in result.get("files", [])])


def _lines(labels, spins):
    """Return a line for each spin: its label, if it has one, a tab and the spin; labels of odd characters as JSON."""
    if labels is None:
        return [f"{spin:d}\n" for spin in spins]
    names = (str(label) if str(label).isprintable() else json.dumps(label) for label in labels)
    return [f"{name}\t{spin:d}\n" for name, spin in zip(names, spins, strict=True)]
