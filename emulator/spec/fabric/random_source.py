"""Random sources of the p-computer, their seeds, and which p-bit reads which word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from ..errors import InputError
from ..seeds import GOLDEN_GAMMA, check_seed, stream_key

LFSR32_TAPS = (32, 22, 2, 1)  # Source: Xilinx XAPP052, table 3; degrees of the feedback polynomial


class RandomKind(IntEnum):
    """Kinds of random source; the value is what the identity register shows."""

    XORSHIFT32 = 1
    XOSHIRO128PLUS = 2
    LFSR32 = 3
    EXTERNAL = 4


@dataclass(frozen=True)
class RandomSpec:
    """A random source as hardware: its kind, its leap, and how a 32-bit word is cut.

    Parameters
    ----------
    kind : RandomKind
        Generator. ``EXTERNAL`` takes the words from the ``entropy`` port, one slice a p-bit.
    slices : {1, 2}
        Parts into which each 32-bit word is cut; each part serves one p-bit of every colour.
    leap : int
        Shifts per update of an LFSR [bit]; other kinds ignore it. Below 16 the sampled distribution is wrong:
        kept as the flagged model of published hardware, and as a mutant.

    References
    ----------
    Marsaglia, J. Stat. Softw. 8, 14 (2003) (xorshift); Blackman and Vigna, ACM TOMS 47, 36 (2021) (xoshiro).
    """

    kind: RandomKind = RandomKind.XORSHIFT32
    slices: int = 2
    leap: int = 32

    def __post_init__(self):
        if self.slices not in (1, 2):
            raise InputError(f"Slices of a random word must be 1 or 2, not {self.slices}")
        if not 1 <= self.leap <= 32:
            raise InputError(f"Leap of an LFSR must be 1..32 shifts, not {self.leap}")

    @property
    def slice_bits(self):
        """Bits that one p-bit can read [bit]."""
        return 32 // self.slices

    @property
    def state_words(self):
        """32-bit words of state in one generator."""
        return {RandomKind.XOSHIRO128PLUS: 4, RandomKind.EXTERNAL: 0}.get(self.kind, 1)

    @property
    def is_flawed(self):
        """Whether the source is known to sample a wrong distribution (notes on measured total variation)."""
        return self.kind is RandomKind.LFSR32 and (self.leap < 16 or self.slices > 1)

    def __str__(self):
        leap = f", leap {self.leap}" if self.kind is RandomKind.LFSR32 else ""
        flaw = ", FLAWED" if self.is_flawed else ""
        return f"{self.kind.name.lower()}, {self.slices} slice{'s'[: self.slices - 1]}{leap}{flaw}"


def slots_by_rank(colors):
    """Return for each p-bit the random slice that it reads: its rank inside its colour.

    P-bits of one colour never share a slice; p-bits of different colours do, at different times.

    >>> slots_by_rank([0, 1, 0, 1, 1])
    array([0, 0, 1, 1, 2])
    """
    colors = np.asarray(colors)
    slots = np.empty(len(colors), dtype=np.int64)
    for color in range(colors.max() + 1):
        members = np.flatnonzero(colors == color)
        slots[members] = np.arange(len(members))
    return slots


def _splitmix64_words(keys, counters):
    """Return words of many streams at once; twin of `seeds.splitmix64`. Both uint64, of shapes that broadcast."""
    with np.errstate(over="ignore"):
        z = keys + counters * np.uint64(GOLDEN_GAMMA)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def seed_words(seed, chain, n_generators, random_spec):
    """Return the initial state of every generator of one machine.

    The same words seed golden, RTL and board, so that a seed reproduces a run on all of them.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 or more, of any size.
    chain : int
        Number of the chain (machine) within the run.
    n_generators : int
        Generators of the fabric.
    random_spec : RandomSpec
        Gives the words of state per generator.

    Returns
    -------
    ndarray, shape (n_generators, state_words), uint32
        No generator starts in the all-zero state, from which it would never leave.
    """
    chain = check_seed(chain, "Chain")
    return seed_words_of_chains(seed, [chain], n_generators, random_spec)[:, :, 0]


def seed_words_of_chains(seed, chains, n_generators, random_spec):
    """Return the initial states of many machines; ndarray, shape (n_generators, state_words, n_chains), uint32.

    Parameters
    ----------
    seed, n_generators, random_spec
        Same meaning as in `seed_words`.
    chains : array_like of int, shape (n_chains,)
        Numbers of the chains, 0 or more.
    """
    keys = _splitmix64_words(np.uint64(stream_key(seed)), np.asarray(chains, dtype=np.uint64) + np.uint64(1))
    counters = np.arange(1, n_generators * random_spec.state_words + 1, dtype=np.uint64)
    words = (_splitmix64_words(keys, counters[:, None]) >> np.uint64(32)).astype(np.uint32)
    words = words.reshape(n_generators, random_spec.state_words, len(keys))
    words[np.broadcast_to((words == 0).all(axis=1, keepdims=True), words.shape)] = 1
    return words
