"""Commands `sample` and `verify`.

The rooms below are imported inside each command, so that help and errors in arguments come at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options
from .console import facts, print_json, progress, rows_table


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
    from ..front_door.data import load
    from ..front_door.sampling import sample as draw
    from ..runs.sampling import summarise
    from ..samplers.by_name import backend

    sampler = backend(on, options.fabric_options(fabric) if fabric else None)
    model = load(instance, file_format)
    size = {"chains": chains, "burn_in": burn_in, "every": every, "keep_spins": None}
    with progress() as step:
        step(f"{sampler.name}: {sweeps} sweeps of {chains} chains")
        samples = draw(model, beta, sweeps, on=sampler, seed=seed, out=out, **size)
        step("autocorrelation, ESS, R-hat, effective beta")
        result = summarise(model, samples, sampler)
    if out is not None:
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
    from ..front_door.data import load
    from ..front_door.sampling import verify as judge
    from ..samplers.by_name import backend

    sampler = backend(on, options.fabric_options(fabric) if fabric else None)
    model = load(instance, file_format)
    with progress() as step:
        verdict = judge(model, beta, on=sampler, chains=chains, sweeps=sweeps, seed=seed, out=out, step=step)
    if as_json:
        print_json(verdict.as_dict())
        return int(verdict.rejected)
    facts(
        f"{model.name} on {sampler.name} at beta = {beta:g}: {verdict.verdict.upper()}",
        [
            ("tested against", verdict.tested["law"]),
            *_quantisation_rows(verdict.tested.get("quantisation")),
            ("p-value (Holm)", verdict.p_value),
            ("fails below", verdict.alpha),
            ("total variation", verdict.tv),
            ("its noise floor", verdict.tv_floor),
            ("largest conditional z", verdict.z_max),
            ("states", verdict.n_samples),
            ("effective beta", verdict.beta_eff and f"{verdict.beta_eff.best:.5g}"),
            ("stages", verdict.n_stages),
            *[("note", note) for note in verdict.notes],
            *[("written", path) for path in verdict.files],
        ],
    )
    rows = [(test.name, test.statistic, test.dof or None, test.p_value) for test in verdict.tests]
    rows_table("\nTests", ("test", "statistic", "dof", "p-value"), rows)
    return int(verdict.rejected)
