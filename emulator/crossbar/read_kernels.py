"""Passes over whole batches at the edges of a tile: inputs to levels, levels to planes, currents to codes."""

from __future__ import annotations

import numpy as np
from numba import njit

from .normal_kernels import fill_normals, hashed


@njit(cache=True)
def _largest(vector):
    """Return the largest magnitude; eight at a time, since each comparison waits for the one before."""
    most = np.zeros(8)
    whole = len(vector) - len(vector) % 8
    for i in range(0, whole, 8):
        for lane in range(8):
            most[lane] = max(most[lane], abs(vector[i + lane]))
    for i in range(whole, len(vector)):
        most[0] = max(most[0], abs(vector[i]))
    return most.max()


@njit(cache=True)
def _share(vector, factor, window, out):
    clipped = 0
    for i in range(len(vector)):
        level = vector[i] * factor
        kept = min(max(level, window[0]), window[1])
        clipped += kept != level
        out[i] = kept
    return clipped


@njit(cache=True)
def _rounded(vector, factor, window, out):
    clipped = 0
    for i in range(len(vector)):
        level = np.rint(vector[i] * factor)
        kept = min(max(level, window[0]), window[1])
        clipped += kept != level
        out[i] = kept
    return clipped


@njit(cache=True)
def _sign(vector, factor, out):
    clipped = 0
    for i in range(len(vector)):
        clipped += abs(vector[i] * factor) > 1.0
        out[i] = 1.0 if vector[i] >= 0.0 else -1.0
    return clipped


@njit(cache=True)
def to_levels(inputs, bound, window, whole, out):
    """Write the DAC's levels and, for each vector, the value of one level; return how many inputs were clipped.

    Parameters
    ----------
    inputs : ndarray, shape (n_batch, n_inputs), float64
        Input vectors, one a row.
    bound : float
        Input of the largest level; 0 takes each vector's largest magnitude.
    window : tuple of (float, float)
        Lowest and largest level.
    whole : int
        0 leaves levels exact, 1 takes the sign only, 2 rounds to whole levels, half to even.
    out : tuple of (levels, unit)
        Arrays of shape (n_batch, n_inputs), float32 or float64, and (n_batch,), float64.
    """
    levels, unit = out
    clipped = 0
    for k in range(inputs.shape[0]):
        scale = bound if bound > 0.0 else _largest(inputs[k])
        scale = 1.0 if scale == 0.0 else scale
        factor = window[1] / scale
        if whole == 0:
            clipped += _share(inputs[k], factor, window, levels[k])
        elif whole == 1:
            clipped += _sign(inputs[k], factor, levels[k])
        else:
            clipped += _rounded(inputs[k], factor, window, levels[k])
        unit[k] = scale / window[1]
    return clipped


@njit(cache=True)
def to_plane(levels, place, signed, out):
    """Write bit ``place`` of whole levels, 0 or 1: of two's complement, or of the magnitude, then with its sign."""
    for k in range(levels.shape[0]):
        for i in range(levels.shape[1]):
            word = np.int32(levels[k, i])
            if signed:
                bit = (abs(word) >> place) & 1
                out[k, i] = bit if word >= 0 else -bit
            else:
                out[k, i] = (word >> place) & 1


@njit(cache=True)
def add_noise(currents, variances, own, key):
    """Add to each current, in place, a normal deviate of its variance plus ``own``; each vector has its own stream.

    ``variances`` has the shape of ``currents``, or (0, 0) for none; ``key`` is uint64.
    """
    normals = np.empty(currents.shape[1], dtype=np.float32)
    for k in range(currents.shape[0]):
        fill_normals(hashed(key, np.uint64(k + 1)), normals)
        if variances.size > 0:
            for j in range(currents.shape[1]):
                currents[k, j] += np.sqrt(variances[k, j] + own) * normals[j]
        else:
            for j in range(currents.shape[1]):
                currents[k, j] += np.sqrt(own) * normals[j]


@njit(cache=True)
def add_codes(currents, converter, weight, is_first, total):
    """Convert currents and add the weighted codes to ``total``, or start it; return how many were clipped.

    ``converter`` is (codes per current, lowest code, largest code), of the currents' type; ``weight`` has the total's.
    """
    per_step, low, high = converter
    clipped = 0
    for k in range(currents.shape[0]):
        for j in range(currents.shape[1]):
            code = np.rint(currents[k, j] * per_step)
            kept = min(max(code, low), high)
            clipped += kept != code
            if is_first:
                total[k, j] = weight * kept
            else:
                total[k, j] += weight * kept
    return clipped


@njit(cache=True)
def add_result(total, factor, unit, is_first, out):
    """Add totals, times a factor for each column and a unit for each vector, to ``out``, or start it."""
    for k in range(total.shape[0]):
        if is_first:
            for j in range(total.shape[1]):
                out[k, j] = total[k, j] * factor[j] * unit[k]
        else:
            for j in range(total.shape[1]):
                out[k, j] += total[k, j] * factor[j] * unit[k]
