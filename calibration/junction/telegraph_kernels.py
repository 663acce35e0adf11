"""Forward and backward passes over a trace with two hidden levels; one exponential a sample."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

N_STATISTICS = 10  # n, y, y^2, then the part of each that is up, then transitions down-down, down-up, up-down, up-up
SMALLEST_PRODUCT = 1e-200  # of the scales of successive samples, before its logarithm is taken
LARGEST_RATIO = 1e300
ROOT_HALF = math.sqrt(0.5)
ROOT_TAU = math.sqrt(2.0 * math.pi)


@njit(cache=True)
def quadratic(low, high, noise_low, noise_high):
    """Return (c0, c1, c2): the log of the ratio of both normal densities at y is c0 + c1 y + c2 y^2."""
    inverse_low, inverse_high = 1.0 / noise_low**2, 1.0 / noise_high**2
    c0 = math.log(noise_low / noise_high) + 0.5 * (low * low * inverse_low - high * high * inverse_high)
    return c0, high * inverse_high - low * inverse_low, 0.5 * (inverse_low - inverse_high)


@njit(cache=True)
def expectations(y, levels, steps, starts, filtered, ratio):
    """Return the log-likelihood of a trace and the expected statistics of each batch of it.

    Parameters
    ----------
    y : ndarray, shape (n,), float64
        Samples; NaN for one that was not read, over which both states are summed.
    levels : ndarray, shape (4,), float64
        Low and high level, noise of each.
    steps : ndarray, shape (2,), float64
        Probabilities of a change up, down, from one sample to the next.
    starts : ndarray, shape (n_batches,), int64
        First sample of each batch, ascending from 0.
    filtered, ratio : ndarray, shape (n,), float64
        Scratch; the first then holds the probability that a sample is up, given all.

    Returns
    -------
    log_likelihood : float
    statistics : ndarray, shape (n_batches, 10), float64
        A transition belongs to the batch of its second sample.
    first : float
        Probability that the first sample is up, given all.
    """
    c0, c1, c2 = quadratic(levels[0], levels[1], levels[2], levels[3])
    rise, fall = steps[0], steps[1]
    n = y.size
    up = rise / (rise + fall)
    total, product = 0.0, 1.0
    for t in range(n):
        exponent = c0 + y[t] * (c1 + y[t] * c2) if y[t] == y[t] else 0.0  # a sample not read tells nothing
        small = math.exp(-abs(exponent))
        if exponent <= 0.0:
            scale = up * small + 1.0 - up
            now = up * small / scale
            ratio[t] = small
        else:
            scale = up + (1.0 - up) * small
            now = up / scale
            total += exponent
            ratio[t] = 1.0 / small if small > 1.0 / LARGEST_RATIO else LARGEST_RATIO
        filtered[t] = now
        product *= scale
        if product < SMALLEST_PRODUCT:
            total += math.log(product)
            product = 1.0
        up = now * (1.0 - fall) + (1.0 - now) * rise
    total += math.log(product)
    squares, n_read = 0.0, 0
    for t in range(n):
        if y[t] == y[t]:
            squares += (y[t] - levels[0]) ** 2
            n_read += 1
    total -= 0.5 * squares / levels[2] ** 2 + n_read * (math.log(levels[2]) + 0.5 * math.log(2.0 * math.pi))
    return total, *_backward(y, rise, fall, starts, filtered, ratio)


@njit(cache=True)
def _backward(y, rise, fall, starts, filtered, ratio):
    """Return the statistics of each batch and the probability that the first sample is up."""
    found = np.zeros((starts.size, N_STATISTICS))
    message = 1.0  # what later samples say, up over down
    up = filtered[y.size - 1]
    for batch in range(starts.size - 1, -1, -1):
        end = starts[batch + 1] if batch + 1 < starts.size else y.size
        sums = found[batch]
        for t in range(end - 1, starts[batch] - 1, -1):
            if t + 1 < y.size:
                weight = min(ratio[t + 1] * message, LARGEST_RATIO)
                to_up, to_down = (1.0 - fall) * weight, rise * weight
                message = (to_up + fall) / (to_down + 1.0 - rise)
                f = filtered[t]
                up_up, up_down = f * to_up, f * fall
                down_up, down_down = (1.0 - f) * to_down, (1.0 - f) * (1.0 - rise)
                norm = 1.0 / (up_up + up_down + down_up + down_down)
                pairs = found[batch + 1] if t + 1 == end else sums
                pairs[6] += down_down * norm
                pairs[7] += down_up * norm
                pairs[8] += up_down * norm
                pairs[9] += up_up * norm
                up = (up_up + up_down) * norm
            filtered[t] = up
            value = y[t]
            if value == value:
                sums[0] += 1.0
                sums[1] += value
                sums[2] += value * value
                sums[3] += up
                sums[4] += up * value
                sums[5] += up * value * value
    return found, up


@njit(cache=True)
def predictive(y, levels, steps, found):
    """Write what each sample has given those before it: distribution function, log density, surprise.

    The first is uniform and independent if the model is right (Rosenblatt 1952); the last, what the sample adds to the
    probability of the high state, has mean 0 whatever went before. NaN where a sample was not read.
    """
    c0, c1, c2 = quadratic(levels[0], levels[1], levels[2], levels[3])
    rise, fall = steps[0], steps[1]
    up = rise / (rise + fall)
    for t in range(y.size):
        if y[t] != y[t]:
            found[:, t] = np.nan
            up = up * (1.0 - fall) + (1.0 - up) * rise
            continue
        below_low = 0.5 * math.erfc((levels[0] - y[t]) * ROOT_HALF / levels[2])
        below_high = 0.5 * math.erfc((levels[1] - y[t]) * ROOT_HALF / levels[3])
        found[0, t] = up * below_high + (1.0 - up) * below_low
        exponent = c0 + y[t] * (c1 + y[t] * c2)
        small = math.exp(-abs(exponent))
        base = -0.5 * ((y[t] - levels[0]) / levels[2]) ** 2 - math.log(levels[2] * ROOT_TAU)
        if exponent <= 0.0:
            scale = up * small + 1.0 - up
            now = up * small / scale
        else:
            scale = up + (1.0 - up) * small
            now = up / scale
            base += exponent
        found[1, t] = base + math.log(scale)
        found[2, t] = now - up
        up = now * (1.0 - fall) + (1.0 - now) * rise


@njit(cache=True)
def hidden_states(uniforms, steps, states):
    """Write a path of the chain, 0 or 1, drawn with one uniform number a sample; stationary from the first."""
    rise, fall = steps[0], steps[1]
    state = 1 if uniforms[0] < rise / (rise + fall) else 0
    states[0] = state
    for t in range(1, uniforms.size):
        if state == 1:
            state = 0 if uniforms[t] < fall else 1
        else:
            state = 1 if uniforms[t] < rise else 0
        states[t] = state


@njit(cache=True)
def drawn_path(y, levels, steps, uniforms, states):
    """Write a path of hidden states drawn from their distribution given all samples: forward filter, backward draws.

    Parameters
    ----------
    y, levels, steps : ndarray
        Same meaning as in `expectations`.
    uniforms : ndarray, shape (n,), float64
        One uniform number a sample.
    states : ndarray, shape (n,), int8
        Gets 0 or 1.
    """
    c0, c1, c2 = quadratic(levels[0], levels[1], levels[2], levels[3])
    rise, fall = steps[0], steps[1]
    n = y.size
    filtered = np.empty(n)
    up = rise / (rise + fall)
    for t in range(n):
        exponent = c0 + y[t] * (c1 + y[t] * c2) if y[t] == y[t] else 0.0
        small = math.exp(-abs(exponent))
        if exponent <= 0.0:
            up = up * small / (up * small + 1.0 - up)
        else:
            up = up / (up + (1.0 - up) * small)
        filtered[t] = up
        up = up * (1.0 - fall) + (1.0 - up) * rise
    states[n - 1] = 1 if uniforms[n - 1] < filtered[n - 1] else 0
    for t in range(n - 2, -1, -1):
        to_up = filtered[t] * (1.0 - fall if states[t + 1] == 1 else fall)
        to_down = (1.0 - filtered[t]) * (rise if states[t + 1] == 1 else 1.0 - rise)
        states[t] = 1 if uniforms[t] * (to_up + to_down) < to_up else 0
