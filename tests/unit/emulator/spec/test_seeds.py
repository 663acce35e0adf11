"""Seeds of any size and kind of integer, and streams that never coincide."""

import itertools
import re

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec, seed_words
from spinchip.emulator.spec.seeds import check_seed, child_seed, splitmix64, stream, stream_key

BIG = (2**64, 2**64 + 1, 2**65, 2**128, 2**200 + 7)


@pytest.mark.promise("anneal.seeds")
@pytest.mark.parametrize("kind", [np.int8, np.uint16, np.int32, np.uint64, np.int64, int])
def test_integers_of_any_kind_are_one_seed(kind):
    assert check_seed(kind(7)) == 7
    assert type(check_seed(kind(7))) is int
    assert stream_key(kind(7)) == stream_key(7)
    assert stream(kind(7), "a", kind(3)).integers(2**62) == stream(7, "a", 3).integers(2**62)


@pytest.mark.promise("anneal.seeds")
@pytest.mark.parametrize("seed", [-1, np.int64(-1), 1.0, np.float64(2), True, np.True_, "3", None, [1], np.array([1])])
def test_anything_else_is_refused_in_one_line(seed):
    text = f"Seed must be a whole number of at least 0, not {seed!r}"
    for use in (check_seed, stream_key, lambda one: stream(one, "a"), lambda one: child_seed(one, "a")):
        with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
            use(seed)


@pytest.mark.promise("anneal.seeds")
def test_seeds_that_agree_in_64_bits_have_keys_of_their_own():
    seeds = [0, 1, 2, 2**63, 2**64 - 1, *BIG]
    assert len({stream_key(seed) for seed in seeds}) == len(seeds)
    assert stream_key(5) == splitmix64(5, 1)  # what hardware was loaded with before stays


@pytest.mark.promise("anneal.seeds")
def test_runs_of_neighbouring_seeds_share_no_stream():
    """Neither (seed, run) nor (seed, name) is another's: with `seed + run` half of these would be."""
    runs = range(8)
    pairs = list(itertools.product([*range(8), *BIG], ["run", "chain"], runs))
    assert len({child_seed(*pair) for pair in pairs}) == len(pairs)
    drawn = {int(stream(*pair).integers(2**63)) for pair in pairs}
    assert len(drawn) == len(pairs)
    added = {seed + run for seed in range(8) for run in runs}
    assert len(added) < 64  # the rule that was: 15 streams instead of 64


@pytest.mark.promise("anneal.seeds")
def test_names_do_not_run_into_each_other():
    lists = [(), (0,), (0, 0), ("0",), ("a", "b"), ("ab",), ("a", 1, 2), ("a", 12), (2**32,), (0, 1), (1, 0)]
    assert len({child_seed(3, *names) for names in lists}) == len(lists)


@pytest.mark.promise("anneal.seeds")
@pytest.mark.parametrize("seed", BIG)
def test_hardware_words_of_large_seeds_differ_from_those_of_the_remainder(seed):
    source = RandomSpec(RandomKind.XOSHIRO128PLUS)
    assert not np.array_equal(seed_words(seed, 0, 4, source), seed_words(seed % 2**64, 0, 4, source))
