"""A board's gateware under Icarus, with the host driver inside the simulation."""

from __future__ import annotations

from pathlib import Path

from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.random_source import RandomKind
from ...emulator.spec.files.atomic_write import whole_file
from ...rtl.verilog.board_emit import BOARD_TOP, verilog_of_board
from ..cosim.harness import CLOCK_NS, TOP
from ..cosim.icarus import IcarusBuild, compile_verilog, run_bench

DIVISOR = 4  # clocks per bit: the fewest that the receiver takes, hence the shortest simulation
_SHELL = """\
`timescale 1ns/1ps
module {top};
  reg clk = 0;
  reg rst = 1;
  reg rx = 1;
  wire tx;
  {design} dut (.clk(clk), .rst(rst), .rx(rx), .tx(tx));
  always #{half} clk = ~clk;
  initial begin #{reset} rst = 0; end
endmodule
"""


def build_board(spec, folder, divisor=DIVISOR):
    """Generate and compile the Verilog of a board.

    Parameters
    ----------
    spec : FabricSpec
        The design.
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
    folder = Path(folder).absolute() / f"board-{spec.design_id:016x}-{divisor}"
    folder.mkdir(parents=True, exist_ok=True)
    shell = _SHELL.format(top=TOP, design=BOARD_TOP, half=CLOCK_NS // 2, reset=CLOCK_NS + 2)
    sources = {"board.v": verilog_of_board(spec, divisor), "harness.v": shell}
    for name, text in sources.items():
        with whole_file(folder / name, "w") as handle:
            handle.write(text)
    compile_verilog(folder, sources, "board")
    return IcarusBuild(spec, folder)


def run_link_bench(simulation, session, arguments, divisor=DIVISOR, skew=0.0):
    """Run a host session against a simulated board, bit by bit on its two wires.

    Parameters
    ----------
    simulation : IcarusBuild
        Of `build_board`.
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
