"""Commands `board serve`, `board info` and `board sample`.

The rooms below are imported inside each command, so that help and errors in arguments come at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.quantised import fabric_for
from . import options
from .console import facts, print_json, progress
from .sample import sample as draw

Port = Annotated[str, typer.Argument(help="Serial port, or the one that `board serve` prints.", metavar="PORT")]
Baud = Annotated[int, typer.Option("--baud", help="Bits per second; a simulated board ignores it.")]


def register(app):
    """Add the commands of this module."""
    board = typer.Typer(help="Boards, real or simulated.", rich_markup_mode=None, add_completion=False)
    board.command("serve")(options.reads_instance(serve))
    board.command("info")(info)
    board.command("sample")(options.reads_instance(sample))
    app.add_typer(board, name="board")


def serve(
    instance: options.Instance,
    pty: Annotated[bool, typer.Option("--pty", help="Behind a pseudo-terminal.")] = False,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Run a board's RTL, UART included, behind a port, until Ctrl-C.

    Example: spinchip board serve --pty '[ring n=6 J=1 h=0.3]'
    """
    from ...emulator.instances.resolve import resolve
    from ..board.compiled_board import CompiledBoard
    from ..board.pty_board import PtyBoard, stopped_by_signals

    del seed  # the host seeds the board; every command takes it
    if not pty:
        raise InputError("Port of a simulated board must be a pseudo-terminal: add --pty")
    model = resolve(instance, file_format)
    spec = fabric_for(model, options.fabric_options(fabric))
    with progress() as step:
        step(f"compiling the board for {model.name}")
        board = CompiledBoard(spec)
    with PtyBoard(board) as server, stopped_by_signals(server):
        found = {"port": server.port, "design_id": f"{spec.design_id:016x}", "n_pbits": spec.n_pbits}
        if as_json:
            print_json(found)
        else:
            rows = [("port", server.port), ("design", found["design_id"]), ("stop it with", "Ctrl-C")]
            facts(f"Simulated board for {model.name}", rows)
        sys.stdout.flush()
        server.serve()
    board.close()


def info(port: Port, baud: Baud = 1_000_000, seed: options.Seed = 0, as_json: options.Json = False):
    """Ask a board what it is, and what it counted.

    Example: spinchip board info /dev/ttyUSB1
    """
    from dataclasses import asdict

    from ..board.driver import BoardDriver
    from ..board.transports import SerialTransport

    del seed  # nothing is drawn; every command takes it
    with BoardDriver(SerialTransport(port, baud)) as driver:
        result = asdict(driver.identity()) | {"counters": driver.counters()}
    result["design_id"] = f"{result['design_id']:016x}"
    result["version"] = f"{result['version'] >> 16}.{result['version'] & 0xFFFF}"
    if as_json:
        print_json(result)
        return
    counters = result.pop("counters")
    facts(f"Board at {port}", [*result.items(), *counters.items()])


def sample(
    port: Port,
    instance: options.Instance,
    beta: options.Beta,
    sweeps: Annotated[int, typer.Option("--sweeps", help="Sweeps of each chain, burn-in included.")] = 1000,
    chains: Annotated[int, typer.Option("--chains", help="Independent chains, one after the other.")] = 1,
    file_format: options.Format = None,
    fabric: options.Fabric = "",
    seed: options.Seed = 0,
    as_json: options.Json = False,
):
    """Draw states on a board: `sample --on board:PORT` in short.

    Example: spinchip board sample /dev/ttyUSB1 '[ring n=6 J=1 h=0.3]' --beta 0.5
    """
    draw(
        instance,
        beta,
        f"board:{port}",
        sweeps,
        chains,
        file_format=file_format,
        fabric=fabric,
        seed=seed,
        as_json=as_json,
    )
