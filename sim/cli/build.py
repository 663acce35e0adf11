"""Command `build`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..fpga.boards import BOARDS
from . import options
from .console import facts, print_json, progress

TIMING_MISSED = 1


def register(app):
    """Add the command of this module."""
    app.command("build")(options.reads_instance(build))


def build(
    instance: options.Instance,
    board: Annotated[str, typer.Option("--board", help=f"One of {', '.join(BOARDS)}.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the bitstream; a build found there is used again.")],
    baud: Annotated[int, typer.Option("--baud", min=1, help="Speed of the serial port [bit/s].")] = 1_000_000,
    clock: Annotated[
        str | None,
        typer.Option("--clock", help="Clock from the FPGA's PLL [MHz], or max: the fastest reached. Default: board's."),
    ] = None,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Make the bitstream of a p-computer for a board.

    A design too slow for its clock gives no bitstream and exit status 1. One too large for the device gets more
    colours, which share more hardware, unless --fabric names their number. The seed is that of placing. For a Xilinx
    board a Vivado project is written instead, and no bitstream.

    Example: spinchip build '[ea3d L=4 seed=1]' --board ulx3s_85f --clock 60 --out build/board
    """
    from ..front_door.data import load
    from ..front_door.hardware import build as make

    model, chosen = load(instance, file_format), options.fabric_options(fabric)
    how = {"baud": baud, "clock": clock, "fabric": chosen, "seed": seed, "say": _note}
    with progress() as step:
        step(f"synthesis, place and route of {model.n_spins} p-bits for {board}")
        result = make(model, board, out, **how)
    if as_json:
        print_json(result)
    else:
        facts(f"{model.name} on {board}", _rows(result))
    return _status(board, result)


def _rows(result):
    """Return what a person reads of a result: LUTs beside those that the device has."""
    shown, there = dict(result), result.get("lut_available")
    shown.pop("lut_available", None)
    if there:
        shown["lut"] = f"{shown['lut']:,} of {there:,} ({shown['lut'] / there:.0%})"
    return [(key.replace("_", " "), value) for key, value in shown.items()]


def _status(board, result):
    """Return the exit status of a result, and say on stderr why there is no bitstream."""
    if "project" in result:
        folder = result["project"]
        _note(
            f"no bitstream: Vivado project in {folder}, Verilog checked; run there: vivado -mode batch -source top.tcl"
        )
        return 0
    if result["timing_met"]:
        return 0
    reached, needed = result["fmax_mhz"], result["clock_mhz"]
    _note(
        f"clock is {needed:.4g} MHz and the design reaches {reached:.4g}: no bitstream; --clock max finds what it meets"
    )
    return TIMING_MISSED


def _note(line):
    sys.stderr.write(f"spinchip: {line}\n")
