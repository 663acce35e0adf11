r"""The p-bit's decision in lanes: a spin points up with probability 1 / (1 + exp(-2 beta I)).

With x = 2 beta I and u uniform on (0, 1), the spin points against its field if

.. math:: u \, (1 + e^{|x|}) < 1,

which has the probability 1 / (1 + e^|x|), small events included: near zero, u and the product keep their full relative
precision. No division, no table. A 32-bit word is too coarse for chances near 2^-32, which fields of 9 and more have:
one in 65,536 of them gets a second word (`settle`). So both types draw chances down to 2^-64, a field of 22 over beta;
a smaller one is never drawn, and would not be met in 1e18 updates.
"""

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

from .lanes import any_set, as_bits, as_floats, convert_like, fma, less, select, splat
from .lanes_lowering import Lanes
from .random_lanes import advance

LANES = 16
COARSE = 2.0**-16  # uniform numbers of 32 bits below it get 32 more: else a chance is off by up to 2^-16 of itself

# ln 2 less its float64. Source: OEIS A002162, 0.69314718055994530941723212145817656807...
LN2_REST = 2.3190468138462996e-17


def _decision(real, word, degree, largest):
    r"""Return `is_down` and `settle` for one float type and its word type.

    e^x = 2^k e^r with x = k ln 2 + r and \|r\| <= ln(2)/2. e^r is its Taylor polynomial: the remainder, at most
    (ln(2)/2)^(d+1)/(d+1)!, is 5e-9 for degree 7 and 4e-18 for degree 13, below the last bit of float32 and float64.
    Adding 1.5 * 2^p, p the bits of the mantissa, rounds to an integer and leaves k in the low bits, from where a shift
    brings it into the exponent.
    """
    width = 8 * np.dtype(word).itemsize
    mantissa_bits = int(np.finfo(real).nmant)
    rounder, log2_e, ceiling, one = real(1.5 * 2.0**mantissa_bits), real(1 / math.log(2)), real(largest), real(1)
    ln2_high = real(math.log(2))
    ln2_low = real(math.log(2) - float(ln2_high) + LN2_REST)
    taylor = np.array([1 / math.factorial(k) for k in range(degree + 1)], dtype=real)
    step, half_step = real(2.0 ** (1 - width)), real(2.0**-width)
    is_narrow, few = width == 32, real(COARSE)
    top_bit, no_bit, other_bits = word(1 << (width - 1)), word(0), word((1 << (width - 1)) - 1)

    @njit(cache=True)
    def uniform_of(words, x):
        return fma(convert_like(words >> 1, x), splat(step, LANES), splat(half_step, LANES))

    @njit(cache=True)
    def decide(x, uniform, like):
        bits = as_bits(x)
        size = as_floats(bits & splat(other_bits, LANES))
        size = select(less(size, splat(ceiling, LANES)), size, splat(ceiling, LANES))
        shifted = fma(size, splat(log2_e, LANES), splat(rounder, LANES))
        k = shifted - splat(rounder, LANES)
        rest = fma(k, splat(-ln2_low, LANES), fma(k, splat(-ln2_high, LANES), size))
        power = splat(taylor[degree], LANES)
        for term in range(1, degree + 1):
            power = fma(power, rest, splat(taylor[degree - term], LANES))
        power = as_floats(as_bits(power) + (as_bits(shifted) << mantissa_bits))
        against = less(fma(uniform, power, uniform), splat(one, LANES))
        down = (bits & splat(top_bit, LANES)) ^ select(against, splat(top_bit, LANES), splat(no_bit, LANES))
        return convert_like(down >> (width - 1), like)

    @njit(cache=True)
    def is_down(x, words, like):
        return decide(x, uniform_of(words, x), like)

    @njit(cache=True)
    def settle(x, words, a, b, c, d, like):
        uniform = uniform_of(words, x)
        if is_narrow:
            is_few = less(uniform, splat(few, LANES))
            if any_set(as_bits(select(is_few, splat(one, LANES), splat(real(0), LANES)))):
                more, e, f, g, h = advance(a, b, c, d)
                finer = (convert_like(words, x) + uniform_of(more, x)) * splat(half_step, LANES)
                uniform = select(is_few, finer, uniform)
                a, b, c, d = select(is_few, e, a), select(is_few, f, b), select(is_few, g, c), select(is_few, h, d)
        return decide(x, uniform, like), a, b, c, d

    return is_down, settle


_is_down32, _settle32 = _decision(np.float32, np.uint32, degree=7, largest=80.0)  # e^80 is finite, and p = 0 in effect
_is_down64, _settle64 = _decision(np.float64, np.uint64, degree=13, largest=700.0)


def is_down(x, words, like):
    """Decide spins.

    Parameters
    ----------
    x : 16 lanes of float32 or float64
        Inputs 2 beta I of the activation.
    words : 16 lanes of uint32 or uint64, as wide as ``x``
        One random word for each decision; its lowest bit is not used.
    like : 16 lanes
        Gives the type of the answer.

    Returns
    -------
    16 lanes of the type of ``like``
        One where the spin points down, zero elsewhere.
    """
    return (_is_down32 if x.itemsize == 4 else _is_down64)(x, words, like)


@overload(is_down)
def _compile_is_down(x, words, like):
    if isinstance(x, Lanes) and x.dtype == types.float32:
        return lambda x, words, like: _is_down32(x, words, like)
    return lambda x, words, like: _is_down64(x, words, like)


def settle(x, words, a, b, c, d, like):
    """Decide spins as `is_down`, with a second word of the generator in lanes where 32 bits are too coarse.

    Parameters
    ----------
    x, words, like
        Same meaning as in `is_down`.
    a, b, c, d : 16 lanes
        States of the generators behind ``words``, see `random_lanes.advance`.

    Returns
    -------
    down, a, b, c, d : lanes
        Decisions, and the states after them.
    """
    return (_settle32 if x.itemsize == 4 else _settle64)(x, words, a, b, c, d, like)


@overload(settle)
def _compile_settle(x, words, a, b, c, d, like):
    if isinstance(x, Lanes) and x.dtype == types.float32:
        return lambda x, words, a, b, c, d, like: _settle32(x, words, a, b, c, d, like)
    return lambda x, words, a, b, c, d, like: _settle64(x, words, a, b, c, d, like)
