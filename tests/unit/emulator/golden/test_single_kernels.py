"""One machine vectorised over p-bits against many machines vectorised over machines: equal bit for bit."""

import numpy as np
import pytest

from spinchip.emulator.golden.fabric import sampler
from spinchip.emulator.golden.fabric.arrays import golden_arrays
from spinchip.emulator.golden.fabric.single_kernels import padded_graph
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule

SOURCES = [RandomSpec(), RandomSpec(RandomKind.XOSHIRO128PLUS), RandomSpec(RandomKind.LFSR32, 1, 17)]


def random_program(seed, source, field):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 30))
    edges = np.argwhere(np.triu(rng.random((n, n)) < 0.3, 1))
    instance = IsingInstance.from_edges(n, edges, rng.normal(size=len(edges)), rng.normal(size=n))
    spec = fabric_for(instance, FabricOptions(field=field, random=source))
    schedule = Schedule(((0.3, 7), (1.0, 9), (0.3, 4)))
    return compile_program(instance, spec, schedule, Recording(2, 3), clamps=rng.choice([-1, 0, 0, 0, 1], n))


@pytest.mark.parametrize("source", SOURCES, ids=str)
@pytest.mark.parametrize("field", [Fixed(1, 1), Fixed(1, 8), Fixed(3, 8)], ids=str)
def test_both_kernels_agree_bit_for_bit(source, field, monkeypatch):
    program = random_program(field.width, source, field)
    alone = sampler.run_chains(program, seed=3, n_chains=5)
    monkeypatch.setattr(sampler, "FEW_CHAINS", 0)
    together = sampler.run_chains(program, seed=3, n_chains=5)
    other_seed = sampler.run_chains(program, seed=4, n_chains=5)
    for name in ("spins", "final_bits", "random_state", "saturations"):
        assert np.array_equal(getattr(alone, name), getattr(together, name)), name
    assert not np.array_equal(alone.spins, other_seed.spins)
    assert alone.saturations.sum() > 0 or field.n_int > 1  # the narrow formats must exercise saturation


def test_a_hub_is_left_to_the_other_kernel():
    star = IsingInstance.from_edges(40, [(0, i) for i in range(1, 40)], np.ones(39))
    program = compile_program(star, fabric_for(star), Schedule.constant(0.5, 5))
    assert padded_graph(golden_arrays(program)) is None
    assert sampler.run_chains(program, n_chains=2).spins.shape == (2, 5, 40)
