"""Lockstep in Amaranth's own simulator: the same comparison where Icarus is missing."""

from __future__ import annotations

from amaranth.sim import Simulator

from ...emulator.golden.fabric.dense_machine import machine_for
from ...emulator.spec.errors import ToolError
from ...emulator.spec.fabric.program import Program
from ...rtl.fabric.dense_computer import computer_for
from .lockstep import LockstepResult
from .observe import observed_registers


def run_lockstep_pysim(design, stimulus, machine=None):
    """Run the RTL of a design in Amaranth's simulator beside its golden machine.

    Parameters
    ----------
    design, stimulus, machine
        See `run_lockstep`.

    Returns
    -------
    LockstepResult
        Equal to that of `run_lockstep`, register by register.

    Raises
    ------
    ToolError
        If no cycle was compared, or no sweep was done.
    """
    spec = design.spec if isinstance(design, Program) else design
    machine = machine or machine_for(spec)
    computer = computer_for(spec)
    simulator = Simulator(computer)
    simulator.add_clock(1e-8)
    signals = _named_signals(simulator)
    pairs = [(name, signals[name], golden) for name, golden in observed_registers(machine)]
    entropy = stimulus.entropy or [0] * len(stimulus)
    mismatches, first, sweeps = 0, {}, 0

    async def bench(context):
        nonlocal mismatches, sweeps
        for cycle, (row, word) in enumerate(zip(stimulus.rows.tolist(), entropy, strict=True)):
            context.set(computer.address, row[0])
            context.set(computer.write, row[1])
            context.set(computer.write_data, row[2])
            if stimulus.entropy:
                context.set(computer.entropy, word)
            shown = [(name, context.get(signal) & ((1 << len(signal)) - 1), golden()) for name, signal, golden in pairs]
            wrong = {name: (rtl, expected) for name, rtl, expected in shown if rtl != expected}
            for name, (rtl, expected) in wrong.items():
                first.setdefault(name, {"cycle": cycle, "rtl": f"{rtl:b}", "golden": expected})
            mismatches += bool(wrong)
            before = machine.sweeps
            machine.tick(*row, word)
            sweeps += machine.sweeps > before
            await context.tick()

    simulator.add_testbench(bench)
    simulator.run()
    if not len(stimulus) or not sweeps:
        raise ToolError("Machine must finish a sweep in lockstep, not none: nothing was tested")
    return LockstepResult(len(stimulus), mismatches, first, len(pairs), sweeps)


def _named_signals(simulator):
    """Return the signals of a design by their path below the top; dict of str to Signal.

    Registers inside components are no ports, so their names are taken from the simulator's own table.
    """
    return {
        ".".join([*info.name[1:], name]): signal
        for info in simulator._design.fragments.values()
        for signal, name in info.signal_names.items()
    }
