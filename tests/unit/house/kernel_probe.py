"""Print what the kernels answer on tiny sizes, as JSON; run with and without compilation by test_without_jit."""

import hashlib
import json
import sys

import numpy as np

from spinchip.emulator.golden.fabric.sampler import run_chains
from spinchip.emulator.oracle.chain_law import transition_matrix
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Schedule
from spinchip.emulator.stats.conditionals import measure_conditionals, pages_of_states

RING = IsingInstance.from_edges(6, [(i, (i + 1) % 6) for i in range(6)], [1.0] * 6, [0.3] * 6)
SCHEDULE = Schedule(((0.3, 5), (0.5, 15)))
SOURCES = [RandomSpec(kind, slices=1) for kind in (RandomKind.XORSHIFT32, RandomKind.XOSHIRO128PLUS, RandomKind.LFSR32)]


def digest(array):
    """Return a short hash of an array's bytes."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def integer_answers(source):
    """Return digests of golden states, of their conditionals and of the chain's transition matrix."""
    program = compile_program(RING, fabric_for(RING, FabricOptions(random=source)), SCHEDULE)
    spins = run_chains(program, seed=3, n_chains=2).spins
    counted = measure_conditionals(program, spins, pages_of_states(program, spins.shape[1], after=1))
    return {
        "golden": digest(spins),
        "conditionals": {name: digest(value) for name, value in sorted(vars(counted).items()) if np.size(value) > 1},
        "transitions": np.asarray(transition_matrix(program).sum(axis=0)).ravel().tolist(),
    }


def answers():
    """Return what every kernel says of the ring of six."""
    found = {source.kind.name: integer_answers(source) for source in SOURCES}
    found["enumeration"] = boltzmann_law(RING, 0.5).tolist()
    for dtype in ("float32", "float64"):
        found[dtype] = digest(ReferenceSampler(dtype).sample(RING, SCHEDULE, n_chains=3, seed=7).spins)
    return found


if __name__ == "__main__":
    json.dump(answers(), sys.stdout)
