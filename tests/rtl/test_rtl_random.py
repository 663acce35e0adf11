"""Random generators in hardware against golden: word for word, over seed chain, steps and pauses."""

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.random_kernels import advance, outputs
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec, seed_words
from spinchip.rtl.entropy.random_generators import generator_for

SOURCES = [
    RandomSpec(RandomKind.XORSHIFT32),
    RandomSpec(RandomKind.XOSHIRO128PLUS),
    *[RandomSpec(RandomKind.LFSR32, leap=leap) for leap in (1, 2, 13, 31, 32)],
]
N_CYCLES = 300


def golden_words(source, seeds, steps):
    """Return the word in each cycle, for a generator that steps where ``steps`` is set."""
    state, words = seeds.reshape(1, -1, 1).copy(), []
    for step in steps:
        word = np.empty((1, 1), dtype=np.uint32)
        outputs(int(source.kind), state, word)
        words.append(int(word[0, 0]))
        if step:
            advance(int(source.kind), source.leap, state)
    return words


def hardware_words(simulate, source, seeds, steps):
    """Return the same of the hardware, seeded through its chain."""
    generator, words = generator_for(source), []

    async def bench(context):
        context.set(generator.shift, 1)
        for word in seeds.tolist():
            context.set(generator.shift_in, word)
            await context.tick()
        context.set(generator.shift, 0)
        context.set(generator.shift_in, 0x5A5A5A5A)
        assert context.get(generator.shift_out) == seeds[0]
        for step in steps:
            context.set(generator.step, step)
            words.append(context.get(generator.word))
            await context.tick()

    simulate(generator, bench)
    return words


@pytest.mark.promise("rtl.random")
@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_words_equal_golden(simulate, source):
    steps = np.random.default_rng(1).integers(0, 2, N_CYCLES).tolist()
    for chain in range(2):
        seeds = seed_words(3, chain, 1, source)[0]
        assert hardware_words(simulate, source, seeds, steps) == golden_words(source, seeds, steps)


@pytest.mark.promise("rtl.random")
def test_another_leap_differs(simulate):
    source, steps = RandomSpec(RandomKind.LFSR32, leap=16), [1] * 20
    seeds = seed_words(3, 0, 1, source)[0]
    other = golden_words(RandomSpec(RandomKind.LFSR32, leap=17), seeds, steps)
    assert hardware_words(simulate, source, seeds, steps) != other
