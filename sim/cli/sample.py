"""Commands `sample` and `verify`.

The rooms below are imported inside each command, so that help and errors in arguments come at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...emulator.spec.files.atomic_write import check_folder, check_output, made_folder
from ...emulator.spec.schedule import Recording, Schedule
from . import options
from .console import facts, print_json, progress, rows_table

NO_BETA = "effective beta: no finite one fits best, since spins never decided against their fields or have none"


def register(app):
    """Add the commands of this module."""
    app.command("sample")(options.takes_backend(options.reads_instance(sample)))
    app.command("verify")(options.takes_backend(options.reads_instance(verify)))


def sample(
    instance: options.Instance,
    beta: options.Beta,
    on: options.Backend = "reference",
    sweeps: Annotated[int, typer.Option("--sweeps", help="Sweeps of each chain, burn-in included.")] = 1000,
    chains: Annotated[int, typer.Option("--chains", help="Independent chains.")] = 64,
    burn_in: Annotated[int | None, typer.Option("--burn-in", help="Sweeps not kept; a quarter by default.")] = None,
    every: Annotated[int, typer.Option("--every", help="Sweeps per kept state.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", help="NetCDF file for ArviZ or xarray.")] = None,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Draw states at one beta, and tell how good they are.

    Example: spinchip sample '[ferromagnet2d L=16]' --beta 0.3 --sweeps 2000 --out states.nc
    """
    from ...emulator.instances.resolve import resolve
    from ..runs.run_size import check_draws
    from ..runs.sampling import MAX_STORED_SPINS, summarise, write_netcdf
    from ..samplers.analog_backends import machine_notes
    from ..samplers.by_name import JUNCTIONS, backend

    sampler = backend(on, options.fabric_options(fabric) if fabric else None)
    if out is not None:
        check_output(out)
    model = resolve(instance, file_format)
    schedule = Schedule.constant(beta, sweeps)
    recording = Recording(after=sweeps // 4 if burn_in is None else burn_in, every=every)
    stored = recording.n_samples(sweeps) * chains * model.n_spins
    if stored > MAX_STORED_SPINS:
        recording = Recording(recording.after, recording.every, spins=False)
    check_draws(model.n_spins, chains, sweeps, recording, sampler.name in JUNCTIONS)
    with progress() as step:
        step(f"{sampler.name}: {sweeps} sweeps of {chains} chains")
        samples = sampler.sample(model, schedule, chains, seed, recording)
        step("autocorrelation, ESS, R-hat, effective beta")
        result = summarise(model, samples)
    result["notes"] += _saturation_notes(samples.program) + machine_notes(sampler)
    if out is not None:
        write_netcdf(samples, out)
        result["out"] = str(out)
    if as_json:
        print_json(result)
        return
    energy, beta_eff = result["energy"], result["beta_eff"]
    rows = [
        ("spins", result["n_spins"]),
        ("states kept", result["n_samples"]),
        ("energy", _with_error(energy["mean"], energy["se"])),
        ("lowest energy", energy["min"]),
        ("magnetisation per spin", result["magnetization"]),
        ("tau_int of the energy", result["tau_int"]),
        ("effective samples", result["ess"]),
        ("R-hat", result["r_hat"]),
        ("effective beta", beta_eff and f"{beta_eff['best']:.5g}  ({beta_eff['low']:.5g} ... {beta_eff['high']:.5g})"),
        ("updates per second", result["flips_per_s"]),
    ]
    rows += [("cycles", result["ledger"]["cycles"])] if "cycles" in result["ledger"] else []
    rows += [("written", result["out"])] if out is not None else []
    facts(f"{model.name} on {sampler.name} at beta = {beta:g}", rows + [("note", note) for note in result["notes"]])


def _saturation_notes(program):
    """Return a warning if the design's word formats cannot hold the instance."""
    lost = 0 if program is None else program.n_saturated
    return [f"WARNING: {lost} couplings or biases do not fit their word format and saturate"] if lost else []


def _quantisation_rows(quantisation):
    """Return a line on the distance of quantised and Boltzmann distribution, with a warning if values saturated."""
    if quantisation is None:
        return []
    rows = [(f"its distance from Boltzmann ({quantisation['kind']})", quantisation["tv"])]
    lost = quantisation["saturated"]
    if lost:
        rows.append(("WARNING", f"{lost} couplings or biases do not fit their word format and saturate"))
    return rows


def _with_error(mean, error):
    return f"{mean:,.6g}" if error is None else f"{mean:,.6g} ± {error:.2g}"


def verify(
    instance: options.Instance,
    beta: options.Beta,
    on: options.Backend = "golden",
    chains: Annotated[int | None, typer.Option("--chains", help="Chains of the first stage.")] = None,
    sweeps: Annotated[int | None, typer.Option("--sweeps", help="Sweeps of each chain.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for verdict and pictures.")] = None,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Hold a backend's samples against the exact distribution.

    An honest sampler fails with a probability of at most one in a million. Hardware is held against the distribution of
    its own quantised chain; how far that lies from the Boltzmann distribution is said beside the verdict.

    Example: spinchip verify '[ring n=6 J=1 h=0.3]' --on icarus --beta 0.5
    """
    from ...emulator.instances.resolve import resolve
    from ..proof.verification import chosen_size, tested_law
    from ..proof.verification import verify as judge
    from ..runs.verify_files import save_verdict
    from ..samplers.analog_backends import machine_notes
    from ..samplers.by_name import backend

    sampler = backend(on, options.fabric_options(fabric) if fabric else None)
    if out is not None:
        check_folder(out)
    model = resolve(instance, file_format)
    size = chosen_size(sampler, model.n_spins, chains, sweeps)
    seen = []
    with progress() as step:
        step(f"{sampler.name}: {size.n_sweeps} sweeps of {size.n_chains} chains")
        verdict = judge(sampler, model, beta, size, seed, seen)
        law = tested_law(sampler, model, beta, seen[-1])
    notes = machine_notes(sampler) + ([] if verdict.beta_eff else [NO_BETA])
    result = {"backend": sampler.name, "beta": beta, **verdict.as_dict(), **law, "notes": notes}
    if out is not None:
        result["files"] = save_verdict(made_folder(out), model, result, seen[-1])
    if as_json:
        print_json(result)
        return int(verdict.rejected)
    facts(
        f"{model.name} on {sampler.name} at beta = {beta:g}: {verdict.verdict.upper()}",
        [
            ("tested against", law["law"]),
            *_quantisation_rows(law.get("quantisation")),
            ("p-value (Holm)", verdict.p_value),
            ("fails below", verdict.alpha),
            ("total variation", verdict.tv),
            ("its noise floor", verdict.tv_floor),
            ("largest conditional z", verdict.z_max),
            ("states", verdict.n_samples),
            ("effective beta", verdict.beta_eff and f"{verdict.beta_eff.best:.5g}"),
            ("stages", verdict.n_stages),
            *[("note", note) for note in result["notes"]],
            *[("written", path) for path in result.get("files", [])],
        ],
    )
    rows = [(test.name, test.statistic, test.dof or None, test.p_value) for test in verdict.tests]
    rows_table("\nTests", ("test", "statistic", "dof", "p-value"), rows)
    return int(verdict.rejected)
