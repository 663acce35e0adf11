"""Command `build`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..emulator.spec.errors import InputError
from . import cli_options as options
from .boards import BOARDS, board_kind
from .console import facts, print_json, progress

TIMING_MISSED = 1


def register(app):
    """Add the command of this module."""
    app.command("build")(build)


def build(
    instance: options.Instance,
    board: Annotated[str, typer.Option("--board", help=f"One of {', '.join(BOARDS)}.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the bitstream; a build found there is used again.")],
    baud: Annotated[int, typer.Option("--baud", min=1, help="Speed of the serial port [bit/s].")] = 1_000_000,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Make the bitstream of a p-computer for a board.

    A design too slow for the board's clock gives no bitstream and exit status 1. One too large for the device is built
    with more colours, which share more hardware, unless --fabric names their number. The seed is that of placing.

    Example: spinchip build '[ea3d L=4 seed=1]' --board ulx3s_85f --out build/board
    """
    from ..emulator.instances.resolve import resolve
    from .bitstream import build_bitstream
    from .folding import build_folded

    board_kind(board)
    if out.exists() and not out.is_dir():
        raise InputError(f"Output must be a folder, not the file {str(out)!r}")
    model = resolve(instance, file_format)
    chosen = options.fabric_options(fabric)
    with progress() as step:
        step(f"synthesis, place and route of {model.n_spins} p-bits for {board}")
        result = build_folded(model, chosen, lambda spec: build_bitstream(spec, board, out, baud, seed), _note)
    if as_json:
        print_json(result)
    else:
        facts(f"{model.name} on {board}", [(key.replace("_", " "), value) for key, value in result.items()])
    if result["timing_met"]:
        return 0
    reached, needed = result["fmax_mhz"], result["clock_mhz"]
    sys.stderr.write(f"spinchip: {board} runs at {needed:.4g} MHz and the design reaches {reached:.4g}: no bitstream\n")
    return TIMING_MISSED


def _note(line):
    sys.stderr.write(f"spinchip: {line}\n")
