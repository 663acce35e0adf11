"""Decisions in lanes: the probability that the arithmetic gives, found by bisection, against the logistic function."""

import numpy as np
import pytest
from numba import njit
from scipy.special import expit

from spinchip.emulator.reference.activation_lanes import LANES, is_down
from spinchip.emulator.reference.lanes import load, splat, store


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
