"""Random numbers in lanes: xoshiro128++ for 32-bit words, xoshiro256++ for 64-bit words, and their seeding.

Every lane is a generator of its own, started from splitmix64 words, so that no word ever serves two lanes or two
updates.

References
----------
Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021); constants of the authors' xoshiro128plusplus.c and
xoshiro256plusplus.c.
"""

import numpy as np
from numba import njit, types
from numba.extending import overload

from ..spec.seeds import GOLDEN_GAMMA, stream_key
from .lanes import rotate_left
from .lanes_lowering import Lanes

STATE_WORDS = 4


@njit(cache=True)
def _scramble(a, b, c, d, left, shift, right):
    """Return an output word of each lane and the next state; the three constants are the generator's."""
    word = rotate_left(a + d, left) + a
    shifted = b << shift
    c = c ^ a
    d = d ^ b
    b = b ^ c
    a = a ^ d
    c = c ^ shifted
    return word, a, b, c, rotate_left(d, right)


@njit(cache=True)
def _xoshiro128(a, b, c, d):
    return _scramble(a, b, c, d, 7, 9, 11)


@njit(cache=True)
def _xoshiro256(a, b, c, d):
    return _scramble(a, b, c, d, 23, 17, 45)


def advance(a, b, c, d):
    """Return one word of every lane's generator and its next state.

    Parameters
    ----------
    a, b, c, d : lanes of uint32 or uint64
        State; the width chooses xoshiro128++ or xoshiro256++.

    Returns
    -------
    word, a, b, c, d : lanes
        Random word, next state.
    """
    return (_xoshiro128 if a.itemsize == 4 else _xoshiro256)(a, b, c, d)


@overload(advance)
def _compile_advance(a, b, c, d):
    if isinstance(a, Lanes) and a.dtype == types.uint32:
        return lambda a, b, c, d: _xoshiro128(a, b, c, d)
    return lambda a, b, c, d: _xoshiro256(a, b, c, d)


def stream_words(seed, streams, n_words, dtype=np.uint64):
    """Return the first words of independent splitmix64 streams.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 or more.
    streams : array_like, shape (k,), int
        Numbers of the streams: chains, or groups of chains.
    n_words : int
        Words of each stream.
    dtype : numpy.uint32 or numpy.uint64
        Word type; 32-bit words are the upper halves.

    Returns
    -------
    ndarray, shape (k, n_words), dtype
        Word ``j`` of stream ``s`` is ``splitmix64(splitmix64(stream_key(seed), s + 1), j + 1)``.
    """
    keys = _splitmix64(np.uint64(stream_key(seed)), np.asarray(streams, dtype=np.uint64) + np.uint64(1))
    words = _splitmix64(keys[:, None], np.arange(1, n_words + 1, dtype=np.uint64)[None, :])
    return (words >> np.uint64(64 - 8 * np.dtype(dtype).itemsize)).astype(dtype)


def _splitmix64(key, counter):
    """Return `splitmix64` for arrays of uint64, which wrap as it needs."""
    z = key + counter * np.uint64(GOLDEN_GAMMA)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
