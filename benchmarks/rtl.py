"""The RTL under Icarus, compiled, and in Amaranth's simulator; golden at the same work; the board's link."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

from ..emulator.golden.fabric.sampler import run_chains
from ..emulator.instances.resolve import resolve
from ..emulator.spec.fabric.loading import program_writes, start_writes
from ..emulator.spec.fabric.program import compile_program
from ..emulator.spec.fabric.quantised import fabric_for
from ..emulator.spec.fabric.register_map import Where
from ..emulator.spec.schedule import Recording, Schedule
from ..sim.cosim.harness import Script
from ..sim.cosim.icarus import build, play
from .engines import engine_rows, link_rows
from .stopwatch import best_of

BETA = 0.8
SWEEPS_PER_STATE = 10
GOLDEN_MACHINES = 64
# P-bits -> generator of a 3D +-J glass, and sweeps that take some seconds under Icarus.
SIZES = {
    16: ("[ea2d L=4 seed=1 boundary=open]", 60_000),
    64: ("[ea3d L=4 seed=1]", 16_000),
    256: ("[ea2d L=16 seed=1]", 5_000),
    512: ("[ea3d L=8 seed=1 boundary=xy-open]", 3_000),
}


def rows(quick=False, sizes=None):
    """Measure and return the rows of `spinchip bench rtl`.

    Parameters
    ----------
    quick : bool
        Three sizes, one round, a tenth of the sweeps.
    sizes : collection of int, optional
        Keys of `SIZES` to measure; all of the mode if absent.

    Returns
    -------
    list of dict
        ``peer`` of cocotb's rows is the bare simulator, of golden's rows Icarus under cocotb.
    """
    found = []
    for n_pbits in sizes or ((16, 64, 512) if quick else SIZES):
        text, n_sweeps = SIZES[n_pbits]
        found += _rows_of(n_pbits, text, n_sweeps // 10 if quick else n_sweeps, rounds=1 if quick else 3)
    return found + link_rows()


def _rows_of(n_pbits, text, n_sweeps, rounds):
    """Run one size: the same script bare and under cocotb, less the same script with one sweep."""
    instance = resolve(text)
    spec = fabric_for(instance)
    programs = {
        "long": compile_program(instance, spec, Schedule.constant(BETA, n_sweeps), Recording(0, SWEEPS_PER_STATE)),
        "short": compile_program(instance, spec, Schedule.constant(BETA, 1), Recording(1, 1)),
    }
    with tempfile.TemporaryDirectory(prefix="spinchip-bench-") as folder:
        simulation = build(spec, Path(folder))
        works = {
            (name, under): lambda p=program, u=under: play(simulation, _script(p), 10**9, under_cocotb=u)
            for name, program in programs.items()
            for under in (False, True)
        }
        seconds = best_of(works, rounds)
    clocks = n_sweeps * spec.n_colors
    bare, bench = (clocks / (seconds["long", u] - seconds["short", u]) for u in (False, True))
    whole = clocks / seconds["long", True]
    golden = _golden_clocks(programs["long"], rounds)
    per_clock = n_pbits / spec.n_colors
    label = f"{n_pbits} p-bits"
    return [
        _row(f"{label}: Icarus alone", bare, "clocks/s", "", None),
        _row(f"{label}: Icarus under cocotb", bench, "clocks/s", "Icarus alone", bench / bare),
        _row(f"{label}: the same, start included", whole, "clocks/s", "Icarus alone", whole / bare),
        _row(f"{label}: Icarus under cocotb", bench * per_clock, "updates/s", "", None),
        *engine_rows(n_pbits, programs["long"], bare, rounds),
        _row(f"{label}: golden, 1 machine", golden[1] * per_clock, "updates/s", "Icarus", golden[1] / bench),
        _row(
            f"{label}: golden, {GOLDEN_MACHINES} machines",
            golden[GOLDEN_MACHINES] * per_clock,
            "updates/s",
            "Icarus",
            golden[GOLDEN_MACHINES] / bench,
        ),
    ]


def _script(program):
    return Script().write(program_writes(program, Where.FIFO) + start_writes(program, seed=1)).drain()


def _golden_clocks(program, rounds):
    """Return golden's clocks a second, all machines together, for one machine and for many."""
    n_sweeps = max(2000, math.ceil(2e7 / program.spec.n_pbits))
    found = {}
    for n_machines in (1, GOLDEN_MACHINES):
        run = _of_length(program, n_sweeps)
        seconds = best_of({"golden": lambda r=run, n=n_machines: run_chains(r, seed=1, n_chains=n)}, rounds + 2)
        found[n_machines] = n_sweeps * program.spec.n_colors * n_machines / seconds["golden"]
    return found


def _of_length(program, n_sweeps):
    """Return the program with another length, recording as sparsely as under Icarus."""
    every = min(n_sweeps, 100 * SWEEPS_PER_STATE)
    return replace(program, segments=((0, n_sweeps),), recording=Recording(0, every))


def _row(name, value, unit, peer, ratio):
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio}
