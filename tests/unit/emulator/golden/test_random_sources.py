"""Random sources step as published: known answers, plain twins, and full periods by linear algebra over GF(2)."""

import math

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.random_kernels import advance, outputs
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric import random_source
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec, seed_words, seed_words_of_chains
from spinchip.emulator.spec.seeds import splitmix64

MASK = 0xFFFFFFFF
# Factors of 2^32 - 1 (Fermat numbers F0 ... F4) and of 2^128 - 1 (with F5 and F6 = 274177 * 67280421310721).
FACTORS_32 = (3, 5, 17, 257, 65537)
FACTORS_128 = (*FACTORS_32, 641, 6700417, 274177, 67280421310721)


def plain_xorshift32(state):
    """Marsaglia, J. Stat. Softw. 8, 14 (2003), triple (13, 17, 5)."""
    x = state[0]
    x ^= x << 13 & MASK
    x ^= x >> 17
    x ^= x << 5 & MASK
    return [x]


def plain_xoshiro128(state):
    """Blackman, Vigna, ACM TOMS 47, 36 (2021), shift by 9 and rotation by 11."""
    s0, s1, s2, s3 = state
    t = s1 << 9 & MASK
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    return [s0, s1, s2, (s3 << 11 | s3 >> 21) & MASK]


def plain_lfsr32(state, leap, taps=(32, 22, 2, 1)):
    """Fibonacci register of the polynomial x^32 + x^22 + x^2 + x + 1 (XAPP052, table 3)."""
    bits = [state[0] >> k & 1 for k in range(32)]  # bit 0 is the youngest
    for _ in range(leap):
        bits = [sum(bits[tap - 1] for tap in taps) % 2, *bits[:-1]]
    return [sum(bit << k for k, bit in enumerate(bits))]


def stepped(kind, leap, state, n_steps):
    """Return the kernels' output words and last states for columns of states, shape (words, n) uint32."""
    state = np.array(state, dtype=np.uint32)[None]
    words = np.empty((n_steps, 1, state.shape[2]), dtype=np.uint32)
    for word in words:
        outputs(int(kind), state, word)
        advance(int(kind), leap, state)
    return words[:, 0], state[0]


def transition_matrix(kind, leap=1):
    """Return the step as a matrix over GF(2), column b being what the state with bit b alone becomes."""
    n_words = RandomSpec(kind).state_words
    n = 32 * n_words
    units = np.zeros((n_words, n), dtype=np.uint32)
    units[np.arange(n) // 32, np.arange(n)] = np.uint32(1) << (np.arange(n, dtype=np.uint32) % np.uint32(32))
    _, after = stepped(kind, leap, units, 1)
    return np.array([after[b // 32] >> np.uint32(b % 32) & np.uint32(1) for b in range(n)], dtype=np.int64)


def power(matrix, exponent):
    """Return a power over GF(2), by squaring."""
    result = np.eye(len(matrix), dtype=np.int64)
    while exponent:
        if exponent & 1:
            result = result @ matrix % 2
        matrix = matrix @ matrix % 2
        exponent >>= 1
    return result


def has_full_period(matrix, factors):
    """Tell whether the step visits every state but zero: its order is 2^n - 1 and no divisor of it."""
    period = 2 ** len(matrix) - 1
    assert math.prod(factors) == period
    one = np.eye(len(matrix), dtype=np.int64)
    return np.array_equal(power(matrix, period), one) and not any(
        np.array_equal(power(matrix, period // factor), one) for factor in factors
    )


@pytest.mark.promise("golden.random")
def test_xorshift32_gives_the_published_numbers():
    words, _ = stepped(RandomKind.XORSHIFT32, 1, [[2463534242]], 10)
    # Marsaglia's example seed; the word shown is the state before the step.
    assert words[1:, 0].tolist() == [
        *(723471715, 2497366906, 2064144800, 2008045182, 3532304609),
        *(374114282, 1350636274, 691148861, 746858951),
    ]


@pytest.mark.promise("golden.random")
def test_xoshiro128plus_gives_the_published_numbers():
    words, _ = stepped(RandomKind.XOSHIRO128PLUS, 1, [[1], [2], [3], [4]], 10)
    # Source: reference xoshiro128plus.c, as tested by rand_xoshiro.
    assert words[:, 0].tolist() == [
        *(5, 12295, 25178119, 27286542, 39879690),
        *(1140358681, 3276312097, 4110231701, 399823256, 2144435200),
    ]


@pytest.mark.promise("golden.random")
def test_splitmix64_gives_the_published_numbers():
    # Source: reference splitmix64.c with seed 1234567.
    assert [splitmix64(1234567, k) for k in range(1, 6)] == [
        *(6457827717110365317, 3203168211198807973, 9817491932198370423),
        *(4593380528125082431, 16408922859458223821),
    ]


@pytest.mark.parametrize("leap", [1, 7, 16, 32])
@pytest.mark.parametrize("kind", [RandomKind.XORSHIFT32, RandomKind.XOSHIRO128PLUS, RandomKind.LFSR32], ids=str)
def test_kernels_equal_plain_twins(kind, leap):
    plain = {
        RandomKind.XORSHIFT32: plain_xorshift32,
        RandomKind.XOSHIRO128PLUS: plain_xoshiro128,
        RandomKind.LFSR32: lambda state: plain_lfsr32(state, leap),
    }[kind]
    states = seed_words(5, 0, 20, RandomSpec(kind)).T.copy()
    states[:, 0] = MASK
    words, after = stepped(kind, leap, states, 200)
    for column in range(states.shape[1]):
        state, expected = [int(word) for word in states[:, column]], []
        for _ in range(200):
            plus = kind is RandomKind.XOSHIRO128PLUS
            expected.append((state[0] + state[3]) & MASK if plus else state[0])
            state = plain(state)
        assert words[:, column].tolist() == expected
        assert after[:, column].tolist() == state


@pytest.mark.promise("golden.random")
@pytest.mark.parametrize("kind", [RandomKind.XORSHIFT32, RandomKind.XOSHIRO128PLUS, RandomKind.LFSR32], ids=str)
def test_period_is_full(kind):
    factors = FACTORS_128 if kind is RandomKind.XOSHIRO128PLUS else FACTORS_32
    assert has_full_period(transition_matrix(kind), factors)


def test_wrong_tap_has_a_shorter_period():
    units = [1 << b for b in range(32)]
    columns = [plain_lfsr32([unit], 1, taps=(32, 21, 2, 1))[0] for unit in units]
    matrix = np.array([[column >> b & 1 for column in columns] for b in range(32)])
    assert not has_full_period(matrix, FACTORS_32)


@pytest.mark.promise("golden.random")
@pytest.mark.parametrize("leap", [2, 16, 31, 32])
def test_leap_is_that_many_shifts(leap):
    assert np.array_equal(transition_matrix(RandomKind.LFSR32, leap), power(transition_matrix(RandomKind.LFSR32), leap))


def test_published_leap_repeats_bits_and_a_full_leap_does_not():
    """One shift an update keeps 31 of 32 bits; 32 shifts replace them all."""
    state = seed_words(1, 0, 1, RandomSpec(RandomKind.LFSR32)).T
    slow, _ = stepped(RandomKind.LFSR32, 1, state, 1000)
    fast, _ = stepped(RandomKind.LFSR32, 32, state, 1000)
    repeats = [np.mean((words[1:] >> np.uint32(1)) == (words[:-1] & np.uint32(MASK >> 1))) for words in (slow, fast)]
    assert repeats == [1.0, 0.0]


def test_seeds_differ_between_generators_chains_and_runs():
    words = [seed_words(seed, chain, 16, RandomSpec()) for seed in range(8) for chain in range(16)]
    # Of 2048 random words, 4.9e-4 pairs agree on average; the seeds are fixed, so the count is a fact.
    assert len(np.unique(np.concatenate(words))) == 8 * 16 * 16


def test_many_chains_get_the_words_of_each():
    source = RandomSpec(RandomKind.XOSHIRO128PLUS)
    expected = np.stack([seed_words(5, chain, 3, source) for chain in (0, 1, 9)], axis=2)
    assert np.array_equal(seed_words_of_chains(5, [0, 1, 9], 3, source), expected)
    with pytest.raises(InputError, match="^Seed must be a whole number of at least 0, not -1$"):
        seed_words_of_chains(-1, [0], 3, source)


def test_seeds_are_words_of_splitmix64():
    key = splitmix64(splitmix64(7, 1), 3 + 1)
    expected = [splitmix64(key, k) >> 32 for k in range(1, 9)]
    assert seed_words(7, 3, 2, RandomSpec(RandomKind.XOSHIRO128PLUS)).ravel().tolist() == expected


def test_no_generator_starts_at_zero(monkeypatch):
    monkeypatch.setattr(random_source, "_splitmix64_words", lambda keys, counters: np.zeros_like(keys + counters))
    for kind in (RandomKind.XORSHIFT32, RandomKind.XOSHIRO128PLUS, RandomKind.LFSR32):
        words = seed_words(0, 0, 5, RandomSpec(kind))
        assert words.any(axis=1).all()
        # Zero is a fixed point: a generator that starts there never leaves.
        assert not stepped(kind, 1, np.zeros_like(words.T), 3)[1].any()


def test_external_source_has_no_seeds():
    assert seed_words(1, 0, 0, RandomSpec(RandomKind.EXTERNAL)).size == 0


@pytest.mark.parametrize(("seed", "chain"), [(-1, 0), (0, -1)])
def test_negative_seed_is_refused(seed, chain):
    subject = "Seed" if seed < 0 else "Chain"
    with pytest.raises(InputError, match=f"^{subject} must be a whole number of at least 0, not -1$"):
        seed_words(seed, chain, 1, RandomSpec())


def test_bits_of_a_source_are_balanced():
    """Each of 32 bits is up in half of the words, within 6 standard errors; a stuck bit is 500 of them away."""
    n = 250_000
    for kind in (RandomKind.XORSHIFT32, RandomKind.XOSHIRO128PLUS, RandomKind.LFSR32):
        words, _ = stepped(kind, 32, seed_words(2, 0, 50, RandomSpec(kind)).T.copy(), n // 50)
        ups = np.array([np.count_nonzero(words & np.uint32(1 << b)) for b in range(32)])
        assert np.abs(ups / n - 0.5).max() < 6 * 0.5 / math.sqrt(n)
