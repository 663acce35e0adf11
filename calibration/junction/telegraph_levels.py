"""Hidden Markov chain of any few levels with one noise: whether a trace has a third level."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

MAX_STEPS = 80
DONE = 0.1  # nats that a step must win
LEAST_SHARE = 1e-9


@njit(cache=True)
def level_statistics(y, levels, noise, chain, forward):
    """Return the log-likelihood and expected sums of a chain with several levels (Baum, Welch 1970).

    Parameters
    ----------
    y : ndarray, shape (n,), float64
        Samples; NaN for one that was not read.
    levels : ndarray, shape (k,), float64
    noise : float
    chain : ndarray, shape (k, k), float64
        Probability of the second state after the first.
    forward : ndarray, shape (n, k), float64
        Scratch memory, overwritten.

    Returns
    -------
    log_likelihood : float
    sums : ndarray, shape (k, 3), float64
        Samples in each state, their sum, the sum of their squares.
    pairs : ndarray, shape (k, k), float64
        Steps from one state to another.
    """
    value = _forward(y, levels, noise, chain, forward)
    n, k = y.size, levels.size
    sums, pairs = np.zeros((k, 3)), np.zeros((k, k))
    after = forward[n - 1].copy()
    for t in range(n - 1, -1, -1):
        if t + 1 < n:
            after = _before(forward[t], chain, after, pairs)
        if y[t] == y[t]:
            for i in range(k):
                sums[i, 0] += after[i]
                sums[i, 1] += after[i] * y[t]
                sums[i, 2] += after[i] * y[t] * y[t]
    return value, sums, pairs


@njit(cache=True)
def _forward(y, levels, noise, chain, forward):
    """Write the probability of each state given the samples so far; returns the log-likelihood."""
    k = levels.size
    law, weight = np.full(k, 1.0 / k), np.empty(k)
    value, constant = 0.0, math.log(noise) + 0.5 * math.log(2.0 * math.pi)
    for t in range(y.size):
        if y[t] == y[t]:
            top = -1e300
            for i in range(k):
                weight[i] = -0.5 * ((y[t] - levels[i]) / noise) ** 2
                top = max(top, weight[i])
            for i in range(k):
                law[i] *= math.exp(weight[i] - top)
            value += top - constant
        total = law.sum()
        value += math.log(total)
        for i in range(k):
            forward[t, i] = law[i] / total
        for j in range(k):
            law[j] = 0.0
            for i in range(k):
                law[j] += forward[t, i] * chain[i, j]
    return value


@njit(cache=True)
def _before(filtered, chain, after, pairs):
    """Return the probability of each state given all samples, from that one later; adds the steps to ``pairs``."""
    k = after.size
    now = np.zeros(k)
    for j in range(k):
        reached = 0.0
        for i in range(k):
            reached += filtered[i] * chain[i, j]
        if reached > 0.0:
            for i in range(k):
                part = filtered[i] * chain[i, j] * after[j] / reached
                pairs[i, j] += part
                now[i] += part
    return now


def fit_levels(trace, levels, noise, stays):
    """Return log-likelihood and levels of the most likely chain near a start.

    Parameters
    ----------
    trace : Trace
        Sampled trace to fit.
    levels : ndarray, shape (k,), float64
        Levels at which the search begins.
    noise : float
        One for all levels.
    stays : float
        Mean dwell time at which the search begins, in samples.

    Returns
    -------
    (float, ndarray of shape (k,), float64, ndarray of shape (k,), float64)
        Log-likelihood, levels ascending, share of time in each.
    """
    k = levels.size
    leave = min(1.0 / max(stays, 2.0), 0.5)
    chain = np.full((k, k), leave / (k - 1))
    np.fill_diagonal(chain, 1.0 - leave)
    forward, value = np.empty((trace.values.size, k)), -np.inf
    sums = np.ones((k, 3))
    for _ in range(MAX_STEPS):
        now, sums, pairs = level_statistics(trace.values, levels, noise, chain, forward)
        if now < value + DONE:
            break
        value = now
        counts = np.maximum(sums[:, 0], LEAST_SHARE)
        levels = sums[:, 1] / counts
        noise = math.sqrt(max((sums[:, 2] - counts * levels**2).sum() / counts.sum(), (1e-6 * np.ptp(levels)) ** 2))
        chain = np.maximum(pairs, LEAST_SHARE)
        chain /= chain.sum(axis=1, keepdims=True)
    order = np.argsort(levels)
    return value, levels[order], (sums[:, 0] / sums[:, 0].sum())[order]
