"""One rule for seeds: a whole number of any size, 0 or more, and independent streams by names.

Software draws from `stream`: numpy's SeedSequence, spawned by names. Words that hardware is loaded with, and the
generators of kernels, start from SplitMix64 under `stream_key`. A run, a chain, a machine or a replica is a name or a
number beside the seed, never added to it: seed 1 would else be seed 0, one run on.
"""

from __future__ import annotations

import hashlib
import operator

import numpy as np

from .errors import InputError

MASK64 = (1 << 64) - 1
GOLDEN_GAMMA = 0x9E3779B97F4A7C15  # Source: Steele, Lea, Flood, OOPSLA 2014 (SplitMix64)


def check_seed(seed, subject="Seed"):
    """Return a seed as a Python integer, or refuse it.

    Parameters
    ----------
    seed : int or numpy.integer
        0 or more, of any size.
    subject : str
        What the refusal is about.

    Raises
    ------
    InputError
        If it is no whole number (True is none), or negative.

    Examples
    --------
    >>> check_seed(np.int64(3)), check_seed(2**70)
    (3, 1180591620717411303424)
    """
    is_whole = not isinstance(seed, (bool, np.bool_)) and hasattr(seed, "__index__") and np.ndim(seed) == 0
    if not is_whole or operator.index(seed) < 0:
        raise InputError(f"{subject} must be a whole number of at least 0, not {seed!r}")
    return operator.index(seed)


def splitmix64(key, counter):
    """Return 64-bit word ``counter`` of the stream ``key``.

    >>> hex(splitmix64(0, 1))
    '0xe220a8397b1dcdaf'
    """
    z = (int(key) + int(counter) * GOLDEN_GAMMA) & MASK64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
    return z ^ (z >> 31)


def stream_key(seed):
    """Return the 64-bit key under which the SplitMix64 streams of a seed lie.

    Seeds below 2^64 have keys of their own, one each; larger ones are hashed, so that none is equal to its remainder.

    >>> stream_key(0) == splitmix64(0, 1), stream_key(2**64) == stream_key(0)
    (True, False)
    """
    folded = folded_seed(seed)
    return splitmix64(folded, 1) if folded == seed else folded


def folded_seed(seed):
    """Return a seed in 64 bits: itself where it fits, else a hash of it."""
    seed = check_seed(seed)
    return seed if seed <= MASK64 else int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


def stream(seed, *names):
    """Return a generator for one use of a seed.

    Parameters
    ----------
    seed : int
        Seed of the run.
    *names : str or int
        What it is for: a use, then a run, chain, machine or step.

    Returns
    -------
    numpy.random.Generator

    Examples
    --------
    >>> stream(1, "run", 0).integers(100) == stream(0, "run", 1).integers(100)
    np.False_
    """
    return np.random.default_rng(_sequence(seed, names))


def child_seed(seed, *names):
    """Return a seed of 64 bits for one use of a seed, where a whole number is wanted; arguments as of `stream`."""
    return int(_sequence(seed, names).generate_state(1, np.uint64)[0])


def key_data(seed):
    """Return the key of a seed for JAX's threefry, as `jax.random.key` makes it of what fits into 32 bits.

    Parameters
    ----------
    seed : int
        Seed, an integer of any size.

    Returns
    -------
    ndarray, shape (2,), uint32
        High word and low word.

    Examples
    --------
    >>> key_data(5), key_data(2**32 + 5)
    (array([0, 5], dtype=uint32), array([1, 5], dtype=uint32))
    """
    return np.array(divmod(folded_seed(seed), 1 << 32), dtype=np.uint32)


def _sequence(seed, names):
    """Return the SeedSequence of a seed and names; every name is two words, so that no list is another's."""
    words = []
    for name in names:
        told = name if isinstance(name, str) else check_seed(name, "Number of a stream")
        digest = hashlib.sha256(repr(told).encode()).digest()
        words += [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")]
    return np.random.SeedSequence(check_seed(seed), spawn_key=words)
