"""A board's gateware under Icarus, with the host driver inside the simulation."""

from __future__ import annotations

from pathlib import Path

from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.random_source import RandomKind
from ...rtl.verilog.emit import BOARD_TOP, verilog_of_board
from ..cosim.harness import CLOCK_NS
from ..cosim.icarus import IcarusBuild, build_sources, run_bench
from ..cosim.pin_shell import pin_shell

DIVISOR = 4  # clocks per bit: the fewest that the receiver takes, hence the shortest simulation


def build_board(spec, folder, divisor=DIVISOR):
    """Generate and compile the Verilog of a board.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    folder : path
        Working folder.
    divisor : int
        Clocks per bit of the UART.

    Returns
    -------
    IcarusBuild

    Raises
    ------
    InputError
        If the random source is external: nothing here would feed it.
    ToolError
        If Icarus is missing or refuses the sources.
    """
    if spec.random.kind is RandomKind.EXTERNAL:
        raise InputError("Random source of a simulated board must be internal, not external")
    shell = pin_shell(BOARD_TOP, {"rx": 1}, {"tx": 1}, high=("rx",))
    place = Path(folder).absolute() / f"board-{spec.design_id:016x}-{divisor}"
    sources = {"board.v": verilog_of_board(spec, divisor), "harness.v": shell}
    return build_sources(IcarusBuild(spec, place), sources, "board")


def run_link_bench(simulation, session, arguments, divisor=DIVISOR, skew=0.0):
    """Run a host session against a simulated board, bit by bit on its two wires.

    Parameters
    ----------
    simulation : IcarusBuild
        Result of `build_board`.
    session : callable
        A function of an importable module that takes a transport, as a driver does, and ``arguments``, and returns what
        JSON can hold. It runs in a thread; simulated time passes only while it waits for the transport.
    arguments : dict
        What the session takes by name; picklable.
    divisor : int
        Clocks per bit of the board that was built.
    skew : float
        By how much the host's bits are longer than the board's, relative.

    Returns
    -------
    dict
        ``found``, what the session returned; ``clocks`` that the board did; ``bytes`` sent and received.

    Raises
    ------
    ToolError
        If the simulator died or the session raised.
    """
    job = {"session": session, "arguments": arguments, "bit_ns": divisor * CLOCK_NS * (1 + skew)}
    return run_bench(simulation, "bench_link", job)
