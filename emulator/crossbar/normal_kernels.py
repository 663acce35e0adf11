"""Standard normal deviates by counter: none needs another one, and the loops that make them run in vector registers.

SplitMix64 hashes a key and a counter to 64 bits, two deviates' worth. Of 32 bits one is the sign and 31 are a
probability u = (m + 1/2) / 2^32, 0 < u < 1/2, whose normal quantile is a cubic polynomial in each of sixteen parts of
every octave of u. The quantiles are right to 5e-7, and reach 6.34 standard deviations.

References
----------
Steele, Lea, Flood, OOPSLA 2014 (SplitMix64); Lee, Cheung, Villasenor and Luk, IEEE Trans. VLSI 14, 1215 (2006)
(inversion by octaves).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.special import ndtri

from ..spec.seeds import GOLDEN_GAMMA, folded_seed, splitmix64

_OCTAVES, _PART_BITS = (-33, -1), 4  # u from 2^-33 up to but not 1/2, which is a part of its own with quantile 0
_SHIFT = np.uint32(23 - _PART_BITS)
_FIRST = np.uint32((127 + _OCTAVES[0]) << _PART_BITS)
_MASK = np.uint32((1 << (23 - _PART_BITS)) - 1)
_PER_PART = np.float32(2.0 ** (_PART_BITS - 23))
_GAMMA = np.uint64(GOLDEN_GAMMA)


def _cubics():
    """Return the four coefficients of every part, shape (4, n_parts), float32: interpolation at Chebyshev's nodes."""
    nodes = 0.5 + 0.5 * np.cos(np.pi * (np.arange(4) + 0.5) / 4)
    parts = 2**_PART_BITS
    octaves = 2.0 ** np.arange(*_OCTAVES)
    starts = (octaves[:, None] * (1 + np.arange(parts) / parts)).ravel()
    widths = np.repeat(octaves / parts, parts)
    values = -ndtri(starts[:, None] + widths[:, None] * nodes)
    coefficients = np.linalg.solve(np.vander(nodes, increasing=True), values.T)
    return np.hstack([coefficients, np.zeros((4, 1))]).astype(np.float32)


_C0, _C1, _C2, _C3 = _cubics()


def derived_key(key, *numbers):
    """Return the 64-bit key of a stream that a key and some numbers name, by SplitMix64."""
    key = folded_seed(key)
    for number in numbers:
        key = splitmix64(key, folded_seed(number) + 1)
    return key


@njit(cache=True)
def hashed(key, counter):
    """Return word ``counter`` of the stream ``key``; all uint64."""
    z = key + counter * _GAMMA
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def quantiles(words, uniforms, out):
    """Write the deviates that 32-bit words stand for; ``uniforms``, float32, is room for as many."""
    for j in range(len(out)):
        uniforms[j] = (np.float32(np.int32(words[j] >> np.uint32(1))) + np.float32(0.5)) * np.float32(2.0**-32)
    pattern = uniforms.view(np.uint32)
    for j in range(len(out)):
        part = (pattern[j] >> _SHIFT) - _FIRST
        x = np.float32(np.int32(pattern[j] & _MASK)) * _PER_PART
        size = _C0[part] + x * (_C1[part] + x * (_C2[part] + x * _C3[part]))
        out[j] = -size if words[j] & np.uint32(1) else size


@njit(cache=True)
def fill_normals(key, out):
    """Fill a float32 array with deviates 0, 1, 2, ... of the stream ``key`` (uint64)."""
    words = np.empty((len(out) + 1) // 2, dtype=np.uint64)
    for p in range(len(words)):
        words[p] = hashed(key, np.uint64(p + 1))
    quantiles(words.view(np.uint32), np.empty(len(out), dtype=np.float32), out)
