"""Commands `info` and `rtl`.

The rooms below are imported inside each command, so that help and errors in arguments come at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...emulator.spec.fabric.quantised import fabric_for
from ..front_door.hardware import PROGRAM_SWEEPS
from . import options
from .console import facts, print_json, progress


def register(app):
    """Add the commands of this module."""
    app.command("info")(options.reads_instance(info))
    app.command("rtl")(options.reads_instance(rtl))


def info(
    instance: options.Instance,
    beta: options.Beta = 1.0,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Read, colour and quantise an instance.

    Tells what quantisation does to the sampled distribution.

    Example: spinchip info '[ring n=6 J=1 h=0.3]' --beta 0.5
    """
    from ...emulator.instances.format_table import read_as
    from ...emulator.instances.resolve import resolve
    from ...emulator.oracle.quantisation import quantisation_report
    from ..runs.rtl_output import formats

    model = resolve(instance, file_format)
    spec = fabric_for(model, options.fabric_options(fabric))
    with progress() as step:
        step("what quantisation does to the distribution")
        report = quantisation_report(model, spec, beta, seed)
    result = {
        "name": model.name,
        "n_spins": model.n_spins,
        "n_couplings": model.n_couplings,
        "max_degree": model.max_degree,
        "n_colors": spec.n_colors,
        "formats": formats(spec),
        "quantisation": {
            ("bound" if report.kind == "bound" else "tv"): report.tv,
            "kind": report.kind,
            "method": report.method,
            "max_conditional_error": report.max_conditional_error,
            "saturated": report.n_saturated,
            "rounded_to_zero": report.n_vanished,
            "saturable_fields": report.n_saturable_fields,
            "beta": beta,
        },
        "table_entries": spec.n_table_entries,
        "random_source": str(spec.random),
        "design_id": f"{spec.design_id:016x}",
        "provenance": model.provenance,
    }
    if as_json:
        print_json(result)
        return
    words = ", ".join(f"{name} {text}" for name, text in result["formats"].items())
    facts(
        f"{model.name}",
        [
            ("read as", read_as(model.provenance)),
            ("spins", model.n_spins),
            ("of them without coupling or bias", int(((model.degrees == 0) & (model.biases == 0)).sum())),
            ("couplings", model.n_couplings),
            ("largest degree", model.max_degree),
            ("colours", spec.n_colors),
            ("formats", words),
            ("random source", spec.random),
            ("largest conditional error", report.max_conditional_error),
            (f"total variation ({report.kind})", report.tv),
            ("", report.method),
            ("values saturated", report.n_saturated),
            ("values rounded to zero", report.n_vanished),
        ],
    )


def rtl(
    instance: options.Instance,
    out: Annotated[Path, typer.Option("--out", help="Folder for Verilog, register map and manifest.")],
    beta: Annotated[
        float | None, typer.Option("--beta", help="Inverse temperature of a program to write as well. Default: 1.")
    ] = None,
    sweeps: Annotated[
        int | None, typer.Option("--sweeps", min=1, help=f"Its sweeps. Default: {PROGRAM_SWEEPS}, if --beta is given.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Prefix of every module, for several designs in one project.")
    ] = None,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Write Verilog and register map of a p-computer.

    With --beta or --sweeps also a program as $readmemh files, and a plain Verilog testbench that loads it and checks
    the first states against the bit-exact model. bus.md beside them describes the bus. The seed is the program's.

    Example: spinchip rtl '[ea3d L=4 seed=1]' --beta 0.8 --sweeps 1000 --name glass --out build/rtl
    """
    from ..cosim.testbench import bench_command
    from ..front_door.data import load
    from ..front_door.hardware import write_rtl

    model = load(instance, file_format)
    with progress() as step:
        step("generating Verilog")
        chosen = options.fabric_options(fabric)
        result = write_rtl(model, out, beta=beta, sweeps=sweeps, name=name, fabric=chosen, seed=seed)
    if as_json:
        print_json(result)
        return
    lost = result["saturated"]
    warning = [("WARNING", f"{lost} couplings or biases do not fit their word format")] if lost else []
    rows = [*warning, ("p-bits", result["n_pbits"]), ("colours", result["colors"]), ("design", result["design_id"])]
    rows += [("file", path) for path in result["files"]]
    rows += [("check it there by", bench_command(result["top"]))] if beta is not None or sweeps is not None else []
    facts(f"{result['top']} for {model.name}", rows)
