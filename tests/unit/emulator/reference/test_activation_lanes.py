"""Decisions in lanes: the probability that the arithmetic gives, found by bisection, against the logistic function."""

import numpy as np
import pytest
from numba import njit
from scipy.special import expit

from spinchip.emulator.kernels.activation_lanes import LANES, is_down, settle
from spinchip.emulator.kernels.lanes import load, rotate_left, splat, store


@njit
def decide(x, words, out):
    for start in range(0, len(x), LANES):
        like = splat(np.int8(1), LANES)
        store(out, start, is_down(load(x, start, LANES), load(words, start, LANES), like))


def share_against(x, word):
    """Return the share of random words for which a spin points against its field; words below it do, all others not."""
    width = 8 * np.dtype(word).itemsize
    low, high = np.zeros(len(x), dtype=object), np.full(len(x), 1 << width, dtype=object)
    down_is_against = np.where(np.signbit(x), 0, 1)
    out = np.zeros(len(x), dtype=np.int8)
    while (high > low).any():
        middle = (low + high) // 2
        decide(x, np.minimum(middle, (1 << width) - 1).astype(word), out)
        against = (out == down_is_against) & (middle < 1 << width)
        low, high = np.where(against, middle + 1, low), np.where(against, high, middle)
    return (low / (1 << width)).astype(np.float64)


@pytest.mark.parametrize(("real", "word", "width"), [(np.float32, np.uint32, 32), (np.float64, np.uint64, 64)])
def test_probability_is_logistic(real, word, width):
    """Relative error: eight roundings of half a unit in the last place; absolute: the grid of words.

    Of the eight, the rest of the range reduction takes two, the polynomial three (its last fma, its coefficients, its
    remainder), the uniform number, the product and the comparison with one the others. x is taken as it is.
    """
    x = np.concatenate([np.linspace(-14, 14, 1999), [0.0, -0.0, 1e-30, 3e-8, -1e-3, 13.5]])
    x = np.concatenate([x, np.zeros(-len(x) % LANES)]).astype(real)
    found, size = share_against(x, word), np.abs(x.astype(np.float64))
    bound = 8 * np.finfo(real).eps / 2 * expit(-size) + 2.0 ** (1 - width)
    assert (np.abs(found - expit(-size)) <= bound).all()
    wrong = np.abs(found - expit(-size * (1 + 1e-4)))
    assert (wrong > bound).mean() > 0.9, "bound too weak: an exponent off by 1e-4 must be seen"


@pytest.mark.parametrize(("real", "word"), [(np.float32, np.uint32), (np.float64, np.uint64)])
def test_extreme_fields_always_win(real, word):
    x = np.array([200.0, -200.0, 1e30, -1e30] * 4, dtype=real)
    out = np.zeros(LANES, dtype=np.int8)
    rng = np.random.default_rng(1)
    for _ in range(50):
        decide(x, rng.integers(2, np.iinfo(word).max, LANES, dtype=word), out)
        assert out.tolist() == [0, 1] * 8


@njit
def decide_by_two(x, words, more, out):
    for start in range(0, len(x), LANES):
        zero = splat(np.uint32(0), LANES)
        d = rotate_left(load(more, start, LANES), 25)  # xoshiro128++ of the state 0, 0, 0, d gives d rotated by 7
        like = splat(np.int8(1), LANES)
        down = settle(load(x, start, LANES), load(words, start, LANES), zero, zero, zero, d, like)[0]
        store(out, start, down)


@pytest.mark.promise("nqs.strong-fields")
def test_small_chances_take_a_second_word():
    """Thresholds of 64 bits, by bisection: right to 8 roundings down to 2^-63; one word of 32 bits ends at 2^-32."""
    x = np.concatenate([np.linspace(11.2, 43.0, 160), -np.linspace(11.2, 43.0, 160)]).astype(np.float32)
    low, high = np.zeros(len(x), dtype=object), np.full(len(x), 1 << 48, dtype=object)
    out = np.zeros(len(x), dtype=np.int8)
    for _ in range(49):
        middle = (low + high) // 2
        words, more = (middle >> 32).astype(np.uint32), (middle & 0xFFFFFFFF).astype(np.uint32)
        decide_by_two(x, words, more, out)
        against = (out == np.where(x < 0, 0, 1)) & (low < high)
        low, high = np.where(against, middle + 1, low), np.where(against, high, middle)
    found, chances = (low / (1 << 64)).astype(np.float64), expit(-np.abs(x.astype(np.float64)))
    assert (np.abs(found - chances) <= 8 * np.finfo(np.float32).eps / 2 * chances + 2.0**-63).all()


def test_a_lane_that_needs_no_second_word_keeps_its_generator():
    """Chains do not depend on their neighbours: the states of other lanes are those before."""
    words = np.full(LANES, 1 << 20, dtype=np.uint32)
    words[3] = 5
    states = [np.arange(k, k + LANES, dtype=np.uint32) for k in (1, 2, 3, 4)]
    after = after_settle(words, states)
    changed = np.any([a != b for a, b in zip(after, states, strict=True)], axis=0)
    assert changed.tolist() == [lane == 3 for lane in range(LANES)]


@njit
def settle_states(words, a, b, c, d):
    x, like = splat(np.float32(0), LANES), splat(np.int8(1), LANES)
    _, e, f, g, h = settle(
        x, load(words, 0, LANES), load(a, 0, LANES), load(b, 0, LANES), load(c, 0, LANES), load(d, 0, LANES), like
    )
    for array, value in ((a, e), (b, f), (c, g), (d, h)):
        store(array, 0, value)


def after_settle(words, states):
    """Return the states of the generators after a decision."""
    copies = [state.copy() for state in states]
    settle_states(words, *copies)
    return copies
