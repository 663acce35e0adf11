"""Records of likelihood fits: trials by redrawn batch scores, and a score test of what the model leaves out."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import metadata

import numpy as np
from scipy import stats

from ...emulator.spec.errors import InputError
from .bootstrap import LEAST_TRIALS, N_TRIALS
from .record import Calibration

PROTOCOL = "maximal (pseudo-)likelihood, scores of batches redrawn from normals, one Newton step each"
SMALLEST_SHARE = 1e-9  # of a direction's variance, below which the fitted parameters hold it already
SMALLEST_EIGENVALUE = 1e-6  # of the correlations of directions, below which they repeat each other


def record_of_influence(fit, influence, misfit, seed, provenance, n_trials=N_TRIALS):
    """Return the `Calibration` of parameters that are sums over batches, to first order.

    Trials are what the least-squares engine does with synthetic data: scores of all batches are drawn anew from
    normals with the variance that they have, and each trial is refitted, by one Newton step.

    Parameters
    ----------
    fit : tuple of (str, sequence of str, ndarray)
        Name of the model, names of the parameters, their estimates, shape (d,).
    influence : ndarray, shape (n_batches, d), float64
        What each batch moves the estimates by.
    misfit : sequence of (float, int)
        chi2 and degrees of freedom of what the model leaves out, from `score_test`; they are added up.
    seed : int
        Seed of the trials.
    provenance : dict
        Result of `provenance_of_states`.
    n_trials : int
        Number of synthetic data sets behind the intervals, at least 20.

    Returns
    -------
    Calibration
    """
    model, names, values = fit
    if n_trials < LEAST_TRIALS:
        raise InputError(f"Number of trials must be at least {LEAST_TRIALS} for an interval, not {n_trials}")
    n_batches = len(influence)
    drawn = np.random.default_rng(seed).standard_normal((n_trials, n_batches)) * np.sqrt(n_batches / (n_batches - 1))
    chi2 = tuple(sum(part) for part in zip(*misfit, strict=True)) if misfit else (0.0, 0)
    estimates = dict(zip(names, np.asarray(values).tolist(), strict=True))
    return Calibration.of_trials(model, estimates, values + drawn @ influence, chi2, seed, provenance)


def score_test(extra, cross, influence):
    """Test whether directions that the model lacks would improve it.

    Rao's test: the scores of the lacking directions, less what the fitted parameters took up, have mean 0 if the model
    is right. Their variance is that of the batches, so draws may remember each other. Hotelling's distribution takes
    account of the number of batches.

    Parameters
    ----------
    extra : ndarray, shape (n_batches, k), float64
        Scores of the directions, summed over each batch; not centred.
    cross : ndarray, shape (d, k), float64
        Curvature between fitted parameters and directions.
    influence : ndarray, shape (n_batches, d), float64
        Influence of each batch on each fitted parameter.

    Returns
    -------
    chi2 : float
        Equivalent chi-square.
    dof : int
        Directions that are neither fitted nor repeated.

    References
    ----------
    Boos, Am. Stat. 46, 327 (1992).
    """
    n_batches, left = len(extra), extra - influence @ cross
    own = np.square(left - left.mean(axis=0)).sum(axis=0)
    kept = own > SMALLEST_SHARE * np.square(extra - extra.mean(axis=0)).sum(axis=0)
    if not kept.any():
        return 0.0, 0
    left = left[:, kept] / np.sqrt(own[kept])
    spread = left - left.mean(axis=0)
    levels, vectors = np.linalg.eigh(spread.T @ spread)
    fine = levels > SMALLEST_EIGENVALUE
    scores = (left.sum(axis=0) @ vectors[:, fine]) / np.sqrt(levels[fine] * n_batches / (n_batches - 1))
    dof = int(fine.sum())
    p_value = stats.f.sf(scores @ scores * (n_batches - dof) / (dof * (n_batches - 1)), dof, n_batches - dof)
    return float(stats.chi2.isf(max(p_value, 1e-300), dof)), dof


def together(sums, groups):
    """Return sums over groups of batches, shape (n_groups, ...); ``groups`` from `Batches.groups`."""
    return np.add.reduceat(sums, groups, axis=0)


def provenance_of_states(spins, instance=None, beta=None, colors=None):
    """Return where a calibration of a machine comes from: protocol, hash of the states, versions; dict."""
    found = {"protocol": PROTOCOL, "data_sha256": hashlib.sha256(spins.tobytes()).hexdigest()}
    found |= {"n_chains": spins.shape[0], "n_draws": spins.shape[1], "n_spins": spins.shape[2]}
    found["regressed_on"] = "states" if colors is None else "what each update saw"
    if instance is not None:
        found["instance"] = instance.name
    if beta is not None:
        found["beta"] = float(beta)
    return found | {"versions": dict(_versions())}


@lru_cache(maxsize=1)
def _versions():
    return tuple((name, metadata.version(name)) for name in ("spinchip", "numpy", "scipy"))  # reads files: 10 ms
