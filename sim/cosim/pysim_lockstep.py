"""Lockstep in Amaranth's own simulator: the same comparison where Icarus is missing."""

from __future__ import annotations

from amaranth.sim import Simulator

from ...emulator.golden.fabric.dense_machine import machine_for
from ...emulator.spec.fabric.program import Program
from ...rtl.fabric.dense_computer import computer_for
from .observe import observed_registers
from .scoreboard import Scoreboard


def run_lockstep_pysim(design, stimulus, machine=None):
    """Run the RTL of a design in Amaranth's simulator beside its golden machine.

    Parameters
    ----------
    design, stimulus, machine
        Same meaning as in `run_lockstep`.

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
    observed = observed_registers(machine)
    return lockstep_in_pysim(computer_for(spec), machine, observed, stimulus.rows, stimulus.entropy)


def lockstep_in_pysim(computer, machine, observed, rows, entropy=None):
    """Run any design with a register bus beside its golden machine.

    Parameters
    ----------
    computer : Component
        Amaranth's design, with ports ``address``, ``write``, ``write_data`` and, if there are words of it, ``entropy``.
    machine : Machine, TemperingMachine or TrotterMachine
        Golden; has ``tick`` and counts ``sweeps``.
    observed : list of (str, callable)
        Path of each register below the top, and a function that returns golden's word; see `Scoreboard`.
    rows : ndarray, shape (n_cycles, 3), int64
        Address, write, data of each cycle.
    entropy : list of int, optional
        Word at the entropy port in each cycle.

    Returns
    -------
    LockstepResult

    Raises
    ------
    ToolError
        If no cycle was compared, or no sweep was done.
    """
    simulator = Simulator(computer)
    simulator.add_clock(1e-8)
    signals = _named_signals(simulator)
    scoreboard, sweeps = None, 0

    async def bench(context):
        nonlocal scoreboard, sweeps
        scoreboard = Scoreboard([(name, _reader(context, signals[name]), golden) for name, golden in observed])
        for cycle, row in enumerate(rows.tolist()):
            for port, value in zip((computer.address, computer.write, computer.write_data), row, strict=True):
                context.set(port, value)
            if entropy:
                context.set(computer.entropy, entropy[cycle])
            scoreboard.compare()
            before = machine.sweeps
            machine.tick(row[0], bool(row[1]), row[2], *([entropy[cycle]] if entropy else []))
            sweeps += machine.sweeps > before
            await context.tick()

    simulator.add_testbench(bench)
    simulator.run()
    return scoreboard.result(len(rows), sweeps)


def _reader(context, signal):
    """Return a function that gives a signal's word as text of bits; signed ones are compared as words."""
    size = 1 << len(signal)
    return lambda: f"{context.get(signal) % size:b}"


def _named_signals(simulator):
    """Return the signals of a design by their path below the top; dict of str to Signal.

    Registers inside components are no ports, so their names are taken from the simulator's own table.
    """
    return {
        ".".join([*info.name[1:], name]): signal
        for info in simulator._design.fragments.values()
        for signal, name in info.signal_names.items()
    }
