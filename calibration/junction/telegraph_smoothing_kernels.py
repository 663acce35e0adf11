"""Forward pass over a two-level trace whose levels, not its noise, went through a low-pass: distribution on a grid."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

ROOT_HALF = math.sqrt(0.5)
LOG_ROOT_TAU = 0.5 * math.log(2.0 * math.pi)
SMALLEST = 1e-280


@njit(cache=True)
def smoothed_law(y, levels, steps, decay, n_nodes, found):
    """Write the distribution of each sample at the sample, as `predictive` of a plain trace; NaN where not read.

    The filter's state lies between 0 and 1: after a sample of state x it is ``decay`` times itself plus 1 - decay
    times x. Its probability is kept on equal nodes, split linearly between neighbours, so that its mean is exact.

    Parameters
    ----------
    y : ndarray, shape (n,), float64
        Samples; NaN for one that was not read.
    levels : ndarray, shape (3,), float64
        Low and high level, noise.
    steps : ndarray, shape (2,), float64
        Probabilities of a change up, down, from one sample to the next.
    decay : float
        Share of the filter's state that remains after a sample, 0 to 1.
    n_nodes : int
        Number of nodes of the grid, at least 2.
    found : ndarray, shape (3, n), float64
        Gets distribution, log density, surprise about the state.
    """
    law, moved, density = np.zeros((2, n_nodes)), np.zeros((2, n_nodes)), np.empty(n_nodes)
    share = steps[0] / (steps[0] + steps[1])
    law[0, 0], law[1, n_nodes - 1] = 1.0 - share, share
    for _ in range(int(8.0 / max(1.0 - decay, 0.02))):  # to where the filter has forgotten its begin
        _step(law, steps, decay, moved)
        law, moved = moved, law
    gap, noise = levels[1] - levels[0], levels[2]
    for t in range(y.size):
        _step(law, steps, decay, moved)
        law, moved = moved, law
        if y[t] != y[t]:
            found[:, t] = np.nan
            continue
        before = law[1].sum()
        below = 0.0
        for k in range(n_nodes):
            z = (y[t] - levels[0] - gap * k / (n_nodes - 1)) / noise
            below += (law[0, k] + law[1, k]) * 0.5 * math.erfc(-z * ROOT_HALF)
            density[k] = -0.5 * z * z
        top = density.max()
        total = 0.0
        for k in range(n_nodes):
            weight = math.exp(density[k] - top)
            law[0, k] *= weight
            law[1, k] *= weight
            total += law[0, k] + law[1, k]
        total = max(total, SMALLEST)
        law /= total
        found[0, t] = below
        found[1, t] = top + math.log(total) - math.log(noise) - LOG_ROOT_TAU
        found[2, t] = law[1].sum() - before


@njit(cache=True)
def smoothed_likelihood(y, levels, steps, decay, n_nodes):
    """Return the log-likelihood of a trace; arguments as `smoothed_law`.

    Densities at equal nodes follow from each other by two products, so one sample takes three exponentials.
    """
    law, moved = np.zeros((2, n_nodes)), np.zeros((2, n_nodes))
    share = steps[0] / (steps[0] + steps[1])
    law[0, 0], law[1, n_nodes - 1] = 1.0 - share, share
    for _ in range(int(8.0 / max(1.0 - decay, 0.02))):
        _step(law, steps, decay, moved)
        law, moved = moved, law
    spacing = (levels[1] - levels[0]) / (n_nodes - 1) / levels[2]
    constant = math.log(levels[2]) + LOG_ROOT_TAU
    bend = math.exp(-spacing * spacing)
    value = 0.0
    for t in range(y.size):
        _step(law, steps, decay, moved)
        law, moved = moved, law
        if y[t] != y[t]:
            continue
        start = (y[t] - levels[0]) / levels[2]
        nearest = min(max(int(start / spacing + 0.5), 0), n_nodes - 1)
        z = start - nearest * spacing
        total = law[0, nearest] + law[1, nearest]
        for direction in (1, -1):
            weight = 1.0
            ratio = math.exp(direction * z * spacing - 0.5 * spacing * spacing)
            k = nearest + direction
            while 0 <= k < n_nodes:
                weight *= ratio
                ratio *= bend
                law[0, k] *= weight
                law[1, k] *= weight
                total += law[0, k] + law[1, k]
                k += direction
        total = max(total, SMALLEST)
        scale = 1.0 / total
        for k in range(n_nodes):
            law[0, k] *= scale
            law[1, k] *= scale
        value += math.log(total) - 0.5 * z * z - constant
    return value


@njit(cache=True)
def _step(law, steps, decay, moved):
    """Write the distribution one sample later: the state changes, then the filter moves towards it."""
    n_nodes = law.shape[1]
    rise, fall = steps[0], steps[1]
    for k in range(n_nodes):
        moved[0, k] = 0.0
        moved[1, k] = 0.0
    top = (n_nodes - 1) * (1.0 - decay)
    for k in range(n_nodes):
        down = law[0, k] * (1.0 - rise) + law[1, k] * fall
        up = law[0, k] * rise + law[1, k] * (1.0 - fall)
        low = decay * k
        i = min(int(low), n_nodes - 2)
        part = low - i
        moved[0, i] += down * (1.0 - part)
        moved[0, i + 1] += down * part
        high = low + top
        i = min(int(high), n_nodes - 2)
        part = high - i
        moved[1, i] += up * (1.0 - part)
        moved[1, i + 1] += up * part
