"""Random words as p-bits read them, as a stream of bytes for a battery of tests."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..golden.fabric.random_kernels import advance, outputs
from ..spec.fabric.random_source import seed_words

SLICE_BITS = 16  # compared bits of the default fabric; also of an unsliced word only the top 16 are read


@njit(cache=True)
def _fill(source, state, right_shifts, generators, out):
    """Write the slice of every slot at every step into ``out``, shape (n_steps, n_slots), uint16; advance ``state``."""
    kind, leap = source
    words = np.empty((state.shape[0], 1), dtype=np.uint32)
    for step in range(out.shape[0]):
        outputs(kind, state, words)
        for slot in range(out.shape[1]):
            out[step, slot] = np.uint16(
                (words[generators[slot], 0] >> np.uint32(right_shifts[slot])) & np.uint32(0xFFFF)
            )
        advance(kind, leap, state)


class SliceStream:
    """The slices that the p-bits of one colour read, cycle by cycle, slot by slot.

    Parameters
    ----------
    random : RandomSpec
        Source of random words, not an external one.
    n_slots : int
        1 is what a single p-bit sees; many are what a fabric sees, seeds and slicing included.
    seed, chain : int
        Seed of the run and number of the chain, as for `seed_words`.
    """

    def __init__(self, random, n_slots, seed=0, chain=0):
        self.random, self.n_slots = random, n_slots
        slots = np.arange(n_slots)
        self._generators = slots // random.slices
        self._right_shifts = 32 - SLICE_BITS - (slots % random.slices) * random.slice_bits
        words = seed_words(seed, chain, int(self._generators[-1]) + 1, random)
        self._state = words[:, :, None].copy()

    def read(self, n_steps):
        """Return the next slices; ndarray, shape (n_steps, n_slots), uint16."""
        out = np.empty((n_steps, self.n_slots), dtype=np.uint16)
        source = (int(self.random.kind), self.random.leap)
        _fill(source, self._state, self._right_shifts, self._generators, out)
        return out


class ControlStream:
    """The same shape of stream from numpy's PCG64, which has no known fault here."""

    def __init__(self, n_slots, seed=0, chain=0):
        self.n_slots, self._rng = n_slots, np.random.default_rng([seed, chain, n_slots])

    def read(self, n_steps):
        """Return the next slices; ndarray, shape (n_steps, n_slots), uint16."""
        return self._rng.integers(0, 1 << SLICE_BITS, size=(n_steps, self.n_slots), dtype=np.uint16)
