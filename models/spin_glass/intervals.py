"""Intervals of a mean over instances and runs."""

from __future__ import annotations

import numpy as np

PUBLISHED_INSTANCES = 300  # Source: arXiv:2503.10302: the instances that a published interval is a mean over
FEW = 5  # instances below which their own spread says too little about that of the ensemble


def bootstrap_interval(samples, rng, n_resamples=2000):
    """Return the 95 % interval of a mean over instances, runs being drawn again inside each.

    Parameters
    ----------
    samples : list of ndarray, shapes (n_runs,)
        One array for each instance.
    rng : numpy.random.Generator
        Generator of the random numbers.
    n_resamples : int
        Number of resamples.

    Returns
    -------
    low, high : float
    """
    means = np.empty((len(samples), n_resamples))
    for row, values in zip(means, samples, strict=True):
        row[:] = values[rng.integers(len(values), size=(n_resamples, len(values)))].mean(axis=1)
    chosen = rng.integers(len(samples), size=(n_resamples, len(samples)))
    totals = np.take_along_axis(means.T, chosen, axis=1).mean(axis=1)
    low, high = np.quantile(totals, (0.025, 0.975))
    return float(low), float(high)


def joint_half_width(own, published_half_width, n_instances):
    """Return the half width of the 95 % interval of (ours - published).

    A published half width w is that of a mean over 300 instances, so the spread of single ones is about sqrt(300) w.
    A few shipped instances differ from the ensemble by that over the root of their number, whatever their own runs
    say; with `FEW` or more, their own bootstrap has seen it.

    Parameters
    ----------
    own : float
        Our half width.
    published_half_width : float
        Published half width w.
    n_instances : int
        Number of our instances.
    """
    ensemble = 0.0 if n_instances >= FEW else published_half_width * np.sqrt(PUBLISHED_INSTANCES / n_instances)
    return float(np.sqrt(own**2 + published_half_width**2 + ensemble**2))
