"""Fused passes at the edges of a tile: one walk through memory from inputs to levels, and from currents to codes."""

import numpy as np
from numba import njit


@njit(cache=True)
def to_levels(inputs, bound, top, whole, levels, unit):
    """Write the DAC's levels and, for each vector, the value of one level; return how many inputs were clipped.

    Parameters
    ----------
    inputs : ndarray, shape (n_batch, n_inputs), float64
        Vectors.
    bound : float
        Input of the largest level; 0 takes each vector's largest magnitude.
    top : float
        Largest level.
    whole : int
        0 leaves levels exact, 1 takes the sign only, 2 rounds to whole levels, half to even.
    levels : ndarray, shape (n_batch, n_inputs), float32 or float64
    unit : ndarray, shape (n_batch, 1), float64
    """
    clipped = 0
    for k in range(inputs.shape[0]):
        scale = bound
        if bound == 0.0:
            for i in range(inputs.shape[1]):
                scale = max(scale, abs(inputs[k, i]))
            scale = 1.0 if scale == 0.0 else scale
        factor = top / scale
        for i in range(inputs.shape[1]):
            level = inputs[k, i] * factor
            if abs(inputs[k, i]) > scale:
                clipped += 1
                level = top if level > 0 else -top
            if whole == 1:
                level = 1.0 if level >= 0 else -1.0
            elif whole == 2:
                level = np.rint(level)
            levels[k, i] = level
        unit[k, 0] = scale / top
    return clipped


@njit(cache=True)
def to_planes(levels, planes):
    """Write the bits of whole levels in two's complement, least significant first, as 0 and 1; planes (bits, ...)."""
    for k in range(levels.shape[0]):
        for i in range(levels.shape[1]):
            word = np.int32(levels[k, i])
            for p in range(planes.shape[0]):
                planes[p, k, i] = (word >> p) & 1


@njit(cache=True)
def to_codes(currents, variances, normals, weights, converter, out):
    """Add noise to currents, convert them, and add the weighted codes of all planes to ``out``; return clipped codes.

    Parameters
    ----------
    currents : ndarray, shape (n_planes, n_batch, n_columns)
    variances, normals : ndarray, the same shape, or size 0 for currents without noise
    weights : ndarray, shape (n_planes,), float64
        What a current of each plane is worth.
    converter : tuple of (float, float, float)
        Step of the ADC, 0 for exact currents; largest code; variance of the converter's own noise.
    out : ndarray, shape (n_batch, n_columns)
    """
    step, top, own = converter
    clipped = 0
    noisy, coded = normals.size > 0, step > 0
    lumped = variances.size > 0
    per_step = 1.0 / step if coded else 1.0
    for p in range(currents.shape[0]):
        worth = weights[p] * (step if coded else 1.0)
        for k in range(currents.shape[1]):
            for j in range(currents.shape[2]):
                value = currents[p, k, j]
                if noisy:
                    variance = own + variances[p, k, j] if lumped else own
                    value += np.sqrt(variance) * normals[p, k, j]
                if coded:
                    value = np.rint(value * per_step)
                    if abs(value) > top:
                        clipped += 1
                        value = top if value > 0 else -top
                out[k, j] += worth * value
    return clipped
