"""A small chain in plain numpy with numpy's own generator: slow, obvious, and no relative of golden."""

import numpy as np
import pytest

from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Schedule


def make_ring(n=6, coupling=1.0, bias=0.3):
    edges = [(i, (i + 1) % n) for i in range(n)]
    return IsingInstance.from_edges(n, edges, np.full(n, coupling), np.full(n, bias), name=f"ring n={n}")


def make_program(instance, beta=0.5, n_sweeps=30, clamps=None, **options):
    spec = fabric_for(instance, FabricOptions(**options))
    return compile_program(instance, spec, Schedule.constant(beta, n_sweeps), clamps=clamps)


def draw_naively(program, n_chains, rng, uniform=None):
    """Run independent chains; returns spins (n_chains, n_sweeps + 1, n), the first state included.

    ``uniform(rng, i, sweep)`` may return the random numbers of p-bit i in [0, 1) in place of honest ones.
    """
    spec = program.spec
    matrix = np.zeros((spec.n_pbits, spec.n_pbits), dtype=np.int64)
    for (i, j), weight in zip(spec.edges, program.weights, strict=True):
        matrix[i, j] = matrix[j, i] = int(weight) << spec.weight_shift
    probabilities = program.tables / 2.0**spec.compare_bits
    pages = np.repeat([page for page, _ in program.segments], [count for _, count in program.segments])
    bits = np.tile(program.initial_bits.astype(np.int64), (n_chains, 1))
    bits[:, program.clamps != 0] = program.clamps[program.clamps != 0] > 0
    states = [bits.copy()]
    for sweep, page in enumerate(pages):
        for color in range(spec.n_colors):
            for i in np.flatnonzero((np.asarray(spec.colors) == color) & (program.clamps == 0)):
                words, _ = spec.field_words(program.offsets[i] + bits @ matrix[i])
                u = rng.random(n_chains) if uniform is None else uniform(rng, i, sweep)
                bits[:, i] = u < probabilities[page][words & (spec.n_table_entries - 1)]
        states.append(bits.copy())
    return (2 * np.stack(states, axis=1) - 1).astype(np.int8)


@pytest.fixture(scope="session")
def ring():
    return make_ring


@pytest.fixture(scope="session")
def program_of():
    return make_program


@pytest.fixture(scope="session")
def naive():
    return draw_naively
