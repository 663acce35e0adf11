"""Random sources, many machines at once: word of each generator now, and one step ahead.

State has shape (n_generators, state_words, n_chains), uint32; chains lie side by side so that the loops vectorise.
"""

import numpy as np
from numba import njit

from ...spec.fabric.random_source import LFSR32_TAPS, RandomKind

XORSHIFT32 = int(RandomKind.XORSHIFT32)
XOSHIRO128PLUS = int(RandomKind.XOSHIRO128PLUS)
LFSR32 = int(RandomKind.LFSR32)
TAP_A, TAP_B, TAP_C, TAP_D = (tap - 1 for tap in LFSR32_TAPS)


@njit(cache=True)
def outputs(kind, state, words):
    """Write the output word of every generator into ``words``, shape (n_generators, n_chains), uint32."""
    for g in range(state.shape[0]):
        for c in range(state.shape[2]):
            if kind == XOSHIRO128PLUS:
                words[g, c] = np.uint32((np.int64(state[g, 0, c]) + np.int64(state[g, 3, c])) & 0xFFFFFFFF)
            else:
                words[g, c] = state[g, 0, c]


@njit(cache=True)
def advance(kind, leap, state):
    """Step every generator once, in place."""
    if kind == XORSHIFT32:
        _advance_xorshift32(state)
    elif kind == XOSHIRO128PLUS:
        _advance_xoshiro128(state)
    elif kind == LFSR32:
        for _ in range(leap):
            _shift_lfsr32(state)


@njit(cache=True)
def _advance_xorshift32(state):
    for g in range(state.shape[0]):
        row = state[g, 0]
        for c in range(row.shape[0]):
            x = row[c]
            x = x ^ np.uint32(x << np.uint32(13))
            x = x ^ np.uint32(x >> np.uint32(17))
            row[c] = x ^ np.uint32(x << np.uint32(5))


@njit(cache=True)
def _advance_xoshiro128(state):
    for g in range(state.shape[0]):
        for c in range(state.shape[2]):
            s0, s1, s2, s3 = state[g, 0, c], state[g, 1, c], state[g, 2, c], state[g, 3, c]
            shifted = np.uint32(s1 << np.uint32(9))
            s2 = s2 ^ s0
            s3 = s3 ^ s1
            state[g, 1, c] = s1 ^ s2
            state[g, 0, c] = s0 ^ s3
            state[g, 2, c] = s2 ^ shifted
            state[g, 3, c] = np.uint32(s3 << np.uint32(11)) | np.uint32(s3 >> np.uint32(21))


@njit(cache=True)
def _shift_lfsr32(state):
    for g in range(state.shape[0]):
        row = state[g, 0]
        for c in range(row.shape[0]):
            x = row[c]
            taps = (x >> np.uint32(TAP_A)) ^ (x >> np.uint32(TAP_B)) ^ (x >> np.uint32(TAP_C)) ^ (x >> np.uint32(TAP_D))
            row[c] = np.uint32(x << np.uint32(1)) | np.uint32(taps & np.uint32(1))
