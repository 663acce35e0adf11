"""Command `crossbar`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options
from .console import facts, print_json, progress


def register(app):
    """Add the command of this module."""
    app.command("crossbar")(crossbar)


def crossbar(
    weights: Annotated[Path, typer.Argument(help="Matrix, inputs by outputs, as a .npy file.", metavar="WEIGHTS.npy")],
    device: Annotated[str, typer.Option("--device", help="Device of the catalogue, or a card in a .json file.")],
    at: Annotated[float, typer.Option("--at", help="Time after the reference read [s].")] = 0.0,
    tile: Annotated[int, typer.Option("--tile", min=1, help="Rows and columns of a tile.")] = 256,
    dac_bits: Annotated[int, typer.Option("--dac-bits", min=0, max=16, help="Bits of inputs; 0 exact.")] = 8,
    adc_bits: Annotated[int, typer.Option("--adc-bits", min=0, max=24, help="Bits of outputs; 0 exact.")] = 8,
    wire_ohm: Annotated[float, typer.Option("--wire-ohm", min=0, help="Resistance of a line's segment [ohm].")] = 0.0,
    compensation: Annotated[str, typer.Option("--compensation", help="none, global, tile or column.")] = "global",
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the figures as JSON, and plots.")] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Program a matrix into crossbar tiles, let it drift, multiply.

    Tells the relative error by cause, and what a product takes in clocks, seconds and joules.

    Example: spinchip crossbar examples/nqs/filters.npy --device pcm_ibm --at 86400 --out out/crossbar
    """
    from ..front_door.devices import crossbar as program

    tiles = {"tile": tile, "bits": (dac_bits, adc_bits), "wire_ohm": wire_ohm, "compensation": compensation}
    with progress() as step:
        result, _ = program(weights, device, at, **tiles, seed=seed, out=out, step=step)
    if as_json:
        print_json(result)
        return
    errors = [(f"error, {name}", value) for name, value in result["relative_error"].items()]
    shown = ("tiles", "cycles", "seconds", "joules")
    cost = [(f"{name} of a product" if name != "tiles" else name, result[name]) for name in shown]
    cost += [("joules in the cells", result["cell_joules"]), ("prices", result["prices"])]
    plots = [("plot", path) for path in result.get("plots", [])]
    title = f"{weights.name} on {device}, {at:g} s after the reference read"
    facts(title, [*errors, *cost, ("device", result["citation"]), *plots])
