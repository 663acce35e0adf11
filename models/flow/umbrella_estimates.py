"""Free energies of umbrella runs, twice: by weighting all windows, and by integrating their mean forces."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from .dimer import MIDDLE
from .umbrella import STIFFNESS

BIN = 0.005  # of the bond's length; a window is nine times as wide
N_BLOCKS = 5


def weighted_profile(run, records=slice(None)):
    """Return bins' middles and -ln of their probability by weighted histograms of all windows.

    The window's free energies make the likelihood largest, which is a convex problem (MBAR on bins). Source:
    Shirts and Chodera, J. Chem. Phys. 129, 124105 (2008).
    """
    lengths = run.lengths[:, records]
    edges = np.arange(lengths.min() - BIN, lengths.max() + 2 * BIN, BIN)
    counts, _ = np.histogram(lengths, edges)
    middles, seen = 0.5 * (edges[1:] + edges[:-1]), counts > 0
    bias, n_each = run.bias(middles[seen]), lengths.shape[1]
    hits = counts[seen] / n_each

    def cost(f):
        logs = f[:, None] - bias
        total = logsumexp(logs, axis=0)
        return hits @ total - f.sum(), (np.exp(logs - total) * hits).sum(axis=1) - 1.0

    found = minimize(cost, bias.min(axis=1), jac=True, method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-15})
    energy = logsumexp(found.x[:, None] - bias, axis=0) - np.log(hits)
    return middles[seen], energy - energy.min()


def integrated_profile(run, records=slice(None)):
    """Return the same by umbrella integration: windows' mean forces, averaged by their densities, are integrated.

    Source: Kaestner and Thiel, J. Chem. Phys. 123, 144104 (2005).
    """
    lengths = run.lengths[:, records]
    means, variances = lengths.mean(axis=1)[:, None], lengths.var(axis=1)[:, None]
    places = np.arange(means.min() - 0.1, means.max() + 0.1, BIN)
    density = np.exp(-0.5 * (places - means) ** 2 / variances) / np.sqrt(variances)
    forces = (places - means) / variances - STIFFNESS * (places - run.centres[:, None])
    force = (density * forces).sum(axis=0) / density.sum(axis=0)
    energy = np.concatenate([[0.0], np.cumsum(0.5 * (force[1:] + force[:-1])) * BIN])
    return places, energy - energy.min()


def closed_less_open(profile):
    """Return the free energy of the closed dimer less that of the open one, over T, from a profile."""
    places, energy = profile
    closed = places < MIDDLE
    return float(logsumexp(-energy[~closed]) - logsumexp(-energy[closed]))


def difference(run, estimator=weighted_profile):
    """Return `closed_less_open` of a whole run and its standard error from blocks of records; float, float."""
    n_block = run.lengths.shape[1] // N_BLOCKS
    parts = [closed_less_open(estimator(run, slice(k * n_block, (k + 1) * n_block))) for k in range(N_BLOCKS)]
    return closed_less_open(estimator(run)), float(np.std(parts, ddof=1) / np.sqrt(N_BLOCKS))


def states_of(run, n_states, seed):
    """Return kept points drawn by their weights without bias: as many of the closed state as of the open one.

    Parameters
    ----------
    run : UmbrellaRun
        Run with the states of all windows.
    n_states : int
        Number of draws of each state.
    seed : int
        Seed of the draw.

    Returns
    -------
    (ndarray, ndarray)
        Points of the closed and of the open state, each (n_states, d), drawn with return.
    """
    rng = np.random.default_rng([seed, 18])
    places, energy = weighted_profile(run)
    lengths = run.lengths[:, :: run.kept_every].ravel()
    hits, edges = np.histogram(lengths, np.append(places - BIN / 2, places[-1] + BIN / 2))
    which = np.clip(np.searchsorted(edges, lengths, side="right") - 1, 0, len(hits) - 1)
    weight = np.exp(-energy)[which] / np.maximum(hits[which], 1)
    states, closed = run.states.reshape(-1, run.states.shape[-1]), lengths < MIDDLE
    drawn = []
    for mask in (closed, ~closed):
        share = weight * mask
        drawn.append(states[rng.choice(len(states), n_states, p=share / share.sum())])
    return tuple(drawn)
