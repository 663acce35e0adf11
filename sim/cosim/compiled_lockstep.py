"""Lockstep of the compiled RTL: its registers beside the golden machine's, every cycle, no tolerance."""

from __future__ import annotations

from ...emulator.golden.fabric.dense_machine import machine_for
from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.program import Program
from .compiled import CompiledMachine
from .observe import observed_registers
from .scoreboard import Scoreboard

# Registers that the translation knows by the other name of the same wires.
OTHER_NAMES = {"read_data": "bus.read_data", "sequencer.segment": "sequencer.reader__addr"}


def run_lockstep_compiled(design, stimulus, folder=None, machine=None):
    """Run the compiled RTL of a design beside its golden machine.

    All registers of `run_lockstep` are compared but the FIFO's head, which is no register but a word of a memory;
    the traffic reads it through the bus.

    Parameters
    ----------
    design : FabricSpec or Program
        The fabric, or a program on it.
    stimulus : Stimulus
        Bus traffic.
    folder : path, optional
        Where compiled designs are kept.
    machine : Machine, optional
        Golden machine to compare with; a broken one shows what lockstep catches.

    Returns
    -------
    LockstepResult

    Raises
    ------
    ToolError
        If the design cannot be compiled, no cycle was compared, or no sweep was done.
    """
    spec = design.spec if isinstance(design, Program) else design
    machine = machine or machine_for(spec)
    entropy = stimulus.entropy or [None] * len(stimulus)
    sweeps = 0
    with CompiledMachine(spec, folder) as compiled:
        scoreboard = Scoreboard(_readers(compiled, machine))
        for row, word in zip(stimulus.rows.tolist(), entropy, strict=True):
            scoreboard.compare()
            before = machine.sweeps
            machine.tick(*row, word or 0)
            compiled.tick(*row, word)
            sweeps += machine.sweeps > before
    return scoreboard.result(len(stimulus), sweeps)


def _readers(compiled, machine):
    """Return name, function that reads the RTL, and function that reads golden, for each register compared."""
    bits = [compiled.register(f"pbit_{i}.bit") for i in range(machine.spec.n_pbits)]
    readers = []
    for name, golden in observed_registers(machine):
        if name.startswith("fifo.head__"):
            continue
        if name.startswith("spins_"):
            first = 32 * int(name.removeprefix("spins_"))
            readers.append((name, _text(_gathered(bits[first : first + 32])), golden))
        else:
            readers.append((name, _text(_integer(_register(compiled, name))), golden))
    return readers


def _register(compiled, name):
    """Return a register by the name that the translation kept: which of two names it keeps depends on the design."""
    try:
        return compiled.register(name)
    except InputError:
        return compiled.register(OTHER_NAMES.get(name, name))


def _text(read):
    """Return a function that gives what another gives, an int, as text of bits."""
    return lambda: f"{read():b}"


def _integer(words):
    """Return a function that gives a register's value as one integer."""
    if len(words) == 1:
        return lambda: int(words[0])
    return lambda: int.from_bytes(words.tobytes(), "little")


def _gathered(bits):
    """Return a function that gives one-bit registers as one integer, the first lowest."""
    return lambda: sum(int(bit[0]) << k for k, bit in enumerate(bits))
