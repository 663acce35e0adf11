"""Commands `demo` and `mutants`.

The rooms below are imported inside each command, so that help and errors in arguments come at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import check_folder
from . import options
from .console import ERR, facts, print_json, progress, rows_table


def register(app):
    """Add the commands of this module."""
    app.command("demo")(options.reads_instance(demo))
    app.command("mutants")(options.reads_instance(mutants))


def demo(
    instance: Annotated[
        str, typer.Argument(help="A file or a generator; the shipped glass if absent.", metavar="[INSTANCE]")
    ] = "",
    beta: Annotated[float | None, typer.Option("--beta", help="As cold as the shipped glass by default.")] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the report and the Verilog.")] = Path("out/demo"),
    file_format: options.Format = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Prove the whole chain on a published spin glass, or on your own instance.

    From its file to RTL that runs bit for bit like the integer model and samples the right distribution, with a report.

    Example: spinchip demo --out out/demo
    """
    from ..proof.demo import N_STEPS, run_demo

    check_folder(out)
    if beta is not None and not instance:
        raise InputError(f"Inverse temperature must go with an instance, not {beta:g} alone")
    with progress(N_STEPS) as step:
        glass = _own(instance, file_format, beta) if instance else None
        result = run_demo(out, seed, step, glass)
    for line in result["skipped"]:
        ERR.print(f"skipped: {line}", markup=False, highlight=False, soft_wrap=True)
    if as_json:
        print_json(result)
        return int(not result["good"])
    lockstep, law = result["lockstep"], result["law"]
    rows = [
        ("verdict", "PASS" if result["good"] else "FAIL"),
        ("instance", result["instance"]),
        ("energy, reference", result["energy"]["reference"]["text"]),
        ("energy, golden", result["energy"]["golden"]["text"]),
        ("energy and moments agree", result["agreement"]["verdict"]),
        ("lowest energy seen", result["energy"]["lowest"]),
        ("beta", result["beta"]),
        ("putative ground state", result["energy"]["putative_ground"]),
        (f"lockstep under {lockstep['engine']}", f"{lockstep['cycles']:,} cycles of {lockstep['registers']} registers"),
        ("mismatches", lockstep["mismatches"]),
        (f"law of {law['spins']} spins on {law['backend']}", law["verdict"]),
        ("total variation, its floor", f"{law['tv']:.4f}, {law['tv_floor']:.4f}"),
        ("seconds", result["seconds"]),
        ("report", result["report"]),
    ]
    facts("From couplings to proved RTL", rows)
    return int(not result["good"])


def _own(text, file_format, beta):
    """Return the user's instance as what the main job is done on."""
    from ...emulator.instances.resolve import resolve
    from ..proof.demo import own_glass

    model = resolve(text, file_format)
    return own_glass(text, model, beta)


def mutants(
    instance: options.Instance,
    beta: options.Beta = 0.5,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Break the sampler on purpose; each must be caught.

    Example: spinchip mutants '[ring n=6 J=1 h=0.3]'
    """
    from ...emulator.instances.resolve import resolve
    from ..proof.mutant_table import as_json as mutants_as_json
    from ..proof.mutant_table import honest_verdict, mutant_rows

    model = resolve(instance, file_format)
    choices = options.fabric_options(fabric)
    with progress() as step:
        rows = mutant_rows(model, beta, choices, seed, step)
        step("honest design")
        honest = honest_verdict(model, beta, choices, seed)
    survived = [row for row in rows if row.rejected is False]
    if as_json:
        print_json(mutants_as_json(rows, honest))
    else:
        words = {True: "rejected", False: "SURVIVED", None: "-"}
        table = [(row.name, words[row.rejected], row.p_value, row.power, row.by) for row in rows]
        table.append(
            ("(honest)", "failed" if honest.rejected else "passed", honest.p_value, None, honest.decisive.name)
        )
        rows_table(f"{model.name} at beta = {beta:g}", ("mutant", "", "p-value", "power", "by"), table)
    return int(bool(survived) or honest.rejected)
