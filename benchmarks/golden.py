"""The golden model: updates a second by number of p-bits and of machines, and by random source."""

from __future__ import annotations

from ..emulator.golden.fabric.sampler import run_chains
from ..emulator.instances.resolve import resolve
from ..emulator.spec.fabric.program import compile_program
from ..emulator.spec.fabric.quantised import FabricOptions, fabric_for
from ..emulator.spec.fabric.random_source import RandomKind, RandomSpec
from ..emulator.spec.schedule import Recording, Schedule
from .stopwatch import best_of

BETA = 0.8
UPDATES = 4e7  # of one measurement
SOURCES = {
    "xorshift32, 2 slices": RandomSpec(),
    "xoshiro128+, 2 slices": RandomSpec(RandomKind.XOSHIRO128PLUS),
    "lfsr32, leap 32": RandomSpec(RandomKind.LFSR32, slices=1, leap=32),
}


def rows(quick=False):
    """Measure and return the rows of `spinchip bench golden`.

    Parameters
    ----------
    quick : bool
        A tenth of the updates and one round.
    """
    updates, rounds = (UPDATES / 10, 1) if quick else (UPDATES, 4)
    cases = {
        f"{n_pbits} p-bits, {n_machines} machines": (side, n_machines, RandomSpec())
        for n_pbits, side in ((64, 4), (512, 8), (4096, 16))
        for n_machines in (1, 16, 64, 256)
    }
    cases |= {f"512 p-bits, 64 machines, {name}": (8, 64, source) for name, source in list(SOURCES.items())[1:]}
    works, done = {}, {}
    for name, (side, n_machines, source) in cases.items():
        works[name], done[name] = _work(side, n_machines, source, updates)
    seconds = best_of(works, rounds)
    speeds = {name: done[name] / seconds[name] for name in cases}
    base = "512 p-bits, 64 machines"
    return [
        {"name": name, "value": speed, "unit": "updates/s", "peer": base, "ratio": speed / speeds[base]}
        for name, speed in speeds.items()
    ]


def _work(side, n_machines, source, updates):
    """Return a callable that runs one case, and the updates it does."""
    instance = resolve(f"[ea3d L={side} seed=1]")
    spec = fabric_for(instance, FabricOptions(random=source))
    n_sweeps = max(1, round(updates / n_machines / spec.n_pbits))
    program = compile_program(instance, spec, Schedule.constant(BETA, n_sweeps), Recording(after=n_sweeps))
    return lambda: run_chains(program, seed=1, n_chains=n_machines), n_sweeps * n_machines * spec.n_pbits
