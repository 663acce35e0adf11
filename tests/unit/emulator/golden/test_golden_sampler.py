"""The golden sampler keeps the last fabric, and only for the same instance and options."""

import numpy as np

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.fabric.quantised import FabricOptions
from spinchip.emulator.spec.samples import MOST_AT_ONCE, _edge_means
from spinchip.emulator.spec.schedule import Schedule

RING, SCHEDULE = resolve("[ring n=6 J=1 h=0.3]"), Schedule.constant(0.5, 50)


def test_the_fabric_is_kept_and_never_that_of_another_model():
    sampler = GoldenSampler()
    first = sampler.program(RING, SCHEDULE).spec
    assert sampler.program(RING, Schedule.constant(1.0, 9)).spec is first
    other = resolve("[sk n=6 seed=1]")
    assert sampler.program(other, SCHEDULE).spec == GoldenSampler().program(other, SCHEDULE).spec
    assert sampler.program(RING, SCHEDULE).spec == first
    many = Schedule.linear(0.1, 1.0, 40)  # more temperatures than the memories of a short schedule hold
    longer = sampler.program(RING, many).spec
    assert longer.n_pages > first.n_pages
    assert longer == GoldenSampler().program(RING, many).spec
    sampler.options = FabricOptions(compare_bits=8)
    assert sampler.program(RING, SCHEDULE).spec.compare_bits == 8
    kept = sampler.sample(RING, SCHEDULE, 4, 7)
    np.testing.assert_array_equal(kept.spins, GoldenSampler(sampler.options).sample(RING, SCHEDULE, 4, 7).spins)


def test_means_of_pairs_are_the_same_both_ways():
    rng = np.random.default_rng(1)
    spins = rng.choice(np.array([-1, 1], np.int8), (40, 900, 9))
    ends = np.array([(i, j) for i in range(9) for j in range(i)])
    assert spins.shape[0] * spins.shape[1] * len(ends) > MOST_AT_ONCE
    wanted = np.array([np.mean(spins[..., i].astype(float) * spins[..., j]) for i, j in ends])
    np.testing.assert_array_equal(_edge_means(spins, ends), wanted)
    np.testing.assert_array_equal(
        _edge_means(spins[:5], ends), [np.mean(spins[:5, :, i] * spins[:5, :, j]) for i, j in ends]
    )
    assert np.isnan(_edge_means(spins[:0], ends)).all()
