"""Random numbers for junction kernels: one xoshiro256++ stream a junction, uniform, exponential and normal draws.

A junction's stream depends on the seed and on its own number only, so it does the same alone or among thousands.

References
----------
Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021) (xoshiro256++); Marsaglia and Tsang, J. Stat. Softw. 5, 8
(2000), and Doornik, "An improved ziggurat method to generate normal random samples" (2005) (normal draws).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ...kernels.random_lanes import STATE_WORDS, stream_words
from ...spec.errors import InputError

LAYERS = 256
TAIL_START = 3.6541528853610088  # Source: Marsaglia and Tsang 2000, section 3: r for 256 layers
LAYER_AREA = 0.00492867323399  # Source: the same place: v for 256 layers
UNIT_53 = 2.0**-53
UNIT_52 = 2.0**-52


def junction_streams(seed, n_junctions, first=0):
    """Return the generator state of junctions ``first`` ... ``first + n_junctions - 1``.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 or more.
    n_junctions, first : int
        How many, and the number of the first.

    Returns
    -------
    ndarray, shape (n_junctions, 4), uint64
        Advanced in place by the kernels.

    Raises
    ------
    InputError
        If the seed is negative or there is no junction.
    """
    if n_junctions < 1:
        raise InputError(f"Junctions must be 1 or more, not {n_junctions!r}")
    return stream_words(seed, first + np.arange(n_junctions), STATE_WORDS, np.uint64)


def _ziggurat():
    """Return right edges of the layers, shape (257,), and densities at them, shape (257,), both float64."""
    edges = np.zeros(LAYERS + 1)
    density = math.exp(-0.5 * TAIL_START**2)
    edges[0], edges[1] = LAYER_AREA / density, TAIL_START  # layer 0 is the base strip and the tail
    for layer in range(2, LAYERS):
        density += LAYER_AREA / edges[layer - 1]
        edges[layer] = math.sqrt(-2.0 * math.log(density))
    return edges, np.exp(-0.5 * edges**2)


EDGES, DENSITIES = _ziggurat()


@njit(cache=True)
def load(streams, junction):
    """Return the state of one stream as a tuple, which stays in registers; an array argument would be counted."""
    return streams[junction, 0], streams[junction, 1], streams[junction, 2], streams[junction, 3]


@njit(cache=True)
def store(streams, junction, state):
    """Write the state of one stream back."""
    for k in range(STATE_WORDS):
        streams[junction, k] = state[k]


@njit(cache=True)
def word(state):
    """Return the next 64 random bits of one stream, and its next state."""
    a, b, c, d = state
    total = a + d
    out = ((total << np.uint64(23)) | (total >> np.uint64(41))) + a
    c ^= a
    d ^= b
    return out, (a ^ d, b ^ c, c ^ (b << np.uint64(17)), (d << np.uint64(45)) | (d >> np.uint64(19)))


@njit(cache=True)
def uniform(state):
    """Return a uniform draw from 0 up to but not 1, in steps of 2^-53, and the next state."""
    bits, state = word(state)
    return np.float64(np.int64(bits >> np.uint64(11))) * UNIT_53, state


@njit(cache=True)
def exponential(state):
    """Return an exponential draw of mean 1, never 0, and the next state."""
    bits, state = word(state)
    return -math.log((np.float64(np.int64(bits >> np.uint64(11))) + 0.5) * UNIT_53), state


@njit(cache=True)
def normal(state):
    """Return a standard normal draw, and the next state."""
    while True:
        bits, state = word(state)
        layer = np.int64(bits & np.uint64(LAYERS - 1))
        signed = np.float64(np.int64(bits >> np.uint64(11))) * UNIT_52 - 1.0
        value = signed * EDGES[layer]
        if abs(value) < EDGES[layer + 1]:
            return value, state
        if layer == 0:
            return tail(signed, state)
        low, high = DENSITIES[layer], DENSITIES[layer + 1]
        height, state = uniform(state)
        if low + height * (high - low) < math.exp(-0.5 * value * value):
            return value, state


@njit(cache=True)
def tail(sign, state):
    """Return a normal draw beyond the last layer, of the sign of ``sign``, and the next state (Marsaglia 1964)."""
    while True:
        first, state = exponential(state)
        second, state = exponential(state)
        beyond = first / TAIL_START
        if 2.0 * second > beyond * beyond:
            return math.copysign(TAIL_START + beyond, sign), state
