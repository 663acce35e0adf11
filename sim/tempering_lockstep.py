"""The replica fabric's RTL beside golden, register by register, in Amaranth's simulator and under Icarus."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from amaranth.sim import Simulator
from cocotb_tools.runner import get_runner

from ..emulator.golden.tempering import TemperingMachine, bus_writes
from ..emulator.spec.atomic_write import whole_file
from ..emulator.spec.errors import ToolError
from ..emulator.spec.spins import words_from_bits
from ..emulator.spec.tempering import TemperingPhase, TemperingRegister
from ..rtl.tempering import TemperingComputer
from ..rtl.tempering_emit import TEMPERING_TOP, verilog_of_tempering
from .harness import CLOCK_NS, TOP
from .icarus import MISSING, IcarusBuild, icarus_is_here, run_bench
from .lockstep import LockstepResult
from .pysim_lockstep import _named_signals

HOSTILE = 0.3  # of the clocks of a run, in which the bus writes what is to be refused
AFTER = 40  # clocks after a run, in which everything is read
_SHELL = """\
`timescale 1ns/1ps
module {top};
  reg clk = 0, rst = 1, write = 0;
  reg [4:0] address = 0;
  reg [31:0] write_data = 0;
  wire [31:0] read_data;
  {design} dut (.clk(clk), .rst(rst), .address(address), .write(write), .write_data(write_data), .read_data(read_data));
  always #{half} clk = ~clk;
  initial begin #{reset} rst = 0; end
endmodule
"""


def tempering_stimulus(program, seed, hostile_seed=0):
    """Return bus traffic that loads a program, runs it under refused writes, and reads what it left.

    Parameters
    ----------
    program : TemperingProgram
        What runs.
    seed : int
        Of the generators.
    hostile_seed : int
        Of the traffic during the run.

    Returns
    -------
    ndarray, shape (n_cycles, 3), int64
        Address, write, data.
    """
    rng = np.random.default_rng(hostile_seed)
    rows = [(int(address), 1, int(data)) for address, data in bus_writes(program, seed)]
    machine = TemperingMachine(program.spec)
    for row in rows:
        machine.tick(row[0], True, row[2])
    registers = [int(register) for register in TemperingRegister]
    while machine.phase != TemperingPhase.IDLE:
        address = int(rng.choice(registers))
        data = int(rng.integers(0, 2**32))
        if address == TemperingRegister.SELECT:
            data = int(rng.integers(0, program.spec.n_replicas * program.spec.n_words + 1))
        row = (address, int(rng.random() < HOSTILE), data)
        rows.append(row)
        machine.tick(row[0], bool(row[1]), row[2])
    for k in range(AFTER):
        rows.append((int(TemperingRegister.SELECT), 1, k % (program.spec.n_replicas * program.spec.n_words + 1)))
        rows.append((registers[k % len(registers)], 0, 0))
    return np.array(rows, dtype=np.int64)


def observed_tempering(machine):
    """Return what to compare: path below the RTL's top, and a function that gives the golden value; list of tuples."""
    spec, random = machine.spec, machine.spec.fabric.random
    names = ("color", "count", "sweeps", "since", "parity", "target", "select", "read_data")
    pairs = [("phase", lambda: int(machine.phase))]
    pairs += [(name, lambda name=name: int(getattr(machine, name))) for name in names]
    pairs += [("swap_unit.accepted", lambda: machine.accepted), ("swap_unit.has_best", lambda: int(machine.has_best))]
    # Energy and state of the best mean something once there is one.
    pairs.append(("swap_unit.best", lambda: _word(machine.best[0]) if machine.has_best else None))
    pairs.append(("swap_unit.best_bits", lambda: _packed(machine.best_bits) if machine.has_best else None))
    for r in range(spec.n_replicas):
        pairs.append((f"bits_{r}", lambda r=r: _packed(machine.bits[:, r])))
        pairs.append((f"swap_unit.energy_{r}", lambda r=r: _word(machine.energies[r])))
        pairs.append((f"swap_unit.slot_{r}", lambda r=r: int(machine.slots[r])))
        pairs.append((f"swap_unit.at_{r}", lambda r=r: int(machine.at[r])))
    for g in range(spec.generators_per_replica * spec.n_replicas + 1):
        for k in range(random.state_words):
            at = g * random.state_words + k
            pairs.append((f"random_{g}.state_{k}", lambda at=at: machine.planes[TemperingRegister.SEEDS][at]))
    return pairs


def run_tempering_pysim(program, seed, machine=None):
    """Run a program in Amaranth's simulator beside golden, or beside a machine that is broken on purpose.

    Returns
    -------
    LockstepResult
    """
    machine = machine or TemperingMachine(program.spec)
    computer = TemperingComputer(program.spec)
    simulator = Simulator(computer)
    simulator.add_clock(1e-8)
    signals = _named_signals(simulator)
    pairs = [(name, signals[name], golden) for name, golden in observed_tempering(machine)]
    rows, first, mismatches = tempering_stimulus(program, seed), {}, 0

    async def bench(context):
        nonlocal mismatches
        for cycle, (address, write, data) in enumerate(rows.tolist()):
            context.set(computer.address, address)
            context.set(computer.write, write)
            context.set(computer.write_data, data)
            wrong = False
            for name, signal, golden in pairs:
                expected, rtl = golden(), context.get(signal)
                if expected is not None and rtl & ((1 << len(signal)) - 1) != expected & ((1 << len(signal)) - 1):
                    first.setdefault(name, {"cycle": cycle, "rtl": f"{rtl:b}", "golden": expected})
                    wrong = True
            mismatches += wrong
            machine.tick(address, bool(write), data)
            await context.tick()

    simulator.add_testbench(bench)
    simulator.run()
    if not machine.sweeps:
        raise ToolError("Machine must finish a sweep in lockstep, not none: nothing was tested")
    return LockstepResult(len(rows), mismatches, first, len(pairs), machine.sweeps)


def run_tempering_icarus(program, seed, folder, waves=False):
    """Run a program under Icarus in lockstep with golden.

    Parameters
    ----------
    program : TemperingProgram
        What runs.
    seed : int
        Of the generators.
    folder : path
        Where to build and run.
    waves : bool
        Dump every signal.

    Returns
    -------
    LockstepResult, dict
        The dictionary holds what the RTL itself showed at the end: ``best_energy``, ``best_spins`` and ``accepted``.
    """
    rows = tempering_stimulus(program, seed)
    report = run_bench(build_tempering(program.spec, folder), "bench_tempering", {"rows": rows}, waves=waves)
    found = LockstepResult(
        report["cycles"], report["mismatches"], report["first"], report["registers"], report["sweeps"]
    )
    bits = np.array([int(bit) for bit in reversed(report["best_bits"])], dtype=np.int8)
    energy = program.energy_unit * report["best"] + program.energy_offset
    return found, {"best_energy": energy, "best_spins": 2 * bits - 1, "accepted": report["accepted"]}


def build_tempering(spec, folder):
    """Generate and compile the Verilog of a replica fabric; see `icarus.build`."""
    if not icarus_is_here():
        raise ToolError(MISSING)
    folder = Path(folder).absolute() / f"tempering-{spec.fabric.design_id:016x}-{spec.n_replicas}-{spec.swap_depth}"
    folder = folder.with_name(f"{folder.name}-{spec.swap_every}")
    folder.mkdir(parents=True, exist_ok=True)
    shell = _SHELL.format(top=TOP, design=TEMPERING_TOP, half=CLOCK_NS // 2, reset=CLOCK_NS + 2)
    sources = {f"{TEMPERING_TOP}.v": verilog_of_tempering(spec), "shell.v": shell}
    for name, text in sources.items():
        with whole_file(folder / name, "w") as handle:
            handle.write(text)
    try:
        get_runner("icarus").build(
            sources=[folder / name for name in sources],
            hdl_toplevel=TOP,
            build_dir=folder,
            build_args=["-g2005", "-Wall", "-Wno-timescale"],  # see sim/icarus.py
            always=True,
            log_file=folder / "build.log",
        )
    except (subprocess.CalledProcessError, SystemExit, RuntimeError) as error:
        raise ToolError(f"Icarus could not compile the design; see {folder / 'build.log'}") from error
    return IcarusBuild(spec, folder)


def _packed(bits):
    return sum(int(word) << (32 * k) for k, word in enumerate(words_from_bits(bits)))


def _word(value):
    return int(value) & 0xFFFFFFFF
