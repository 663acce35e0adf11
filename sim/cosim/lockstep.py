"""Lockstep under Icarus: the RTL beside the golden machine, register by register, cycle by cycle."""

from __future__ import annotations

from dataclasses import replace

from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.program import Program
from .icarus import build, run_bench
from .scoreboard import LockstepResult
from .stimulus import program_stimulus


def run_lockstep(design, stimulus, folder, waves=False, machine=None):
    """Run the RTL of a design under Icarus beside its golden machine.

    Parameters
    ----------
    design : FabricSpec or Program
        The fabric, or a program on it.
    stimulus : Stimulus
        Bus traffic.
    folder : path
        Where to build and run.
    waves : bool
        Dump every signal to ``waves.fst`` in the run's folder.
    machine : Machine, optional
        Golden machine to compare with; a broken one shows what lockstep catches.

    Returns
    -------
    LockstepResult

    Raises
    ------
    ToolError
        If Icarus is missing, the run died, no sweep was done, or not every cycle was compared.
    """
    spec = design.spec if isinstance(design, Program) else design
    job = {"stimulus": stimulus.rows, "entropy": stimulus.entropy}
    if machine is not None:
        job["machine"] = machine
    report = run_bench(build(spec, folder), "bench_lockstep", job, waves=waves)
    return LockstepResult(**{name: report[name] for name in LockstepResult.__dataclass_fields__})


def demo_stimulus(program, seed=0, n_sweeps=None):
    """Return the traffic of a program's whole run, cut to its first ``n_sweeps`` if they are given.

    Parameters
    ----------
    program : Program
        Program of the machine: its parameters, and the contents of its memories.
    seed : int
        Seed of the machine.
    n_sweeps : int, optional
        Sweeps to run; the whole schedule if absent.
    """
    if n_sweeps is None:
        return program_stimulus(program, seed)
    if not 1 <= n_sweeps <= program.n_sweeps:
        raise InputError(f"Sweeps in lockstep must be 1..{program.n_sweeps}, not {n_sweeps}")
    segments, left = [], n_sweeps
    for page, length in program.segments:
        if left:
            segments.append((page, min(length, left)))
            left -= segments[-1][1]
    return program_stimulus(replace(program, segments=tuple(segments)), seed)
