"""Couplings from states by pseudolikelihood: each spin regressed on the others, errors from batches of draws."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError
from .logistic import Batches, errors_of, fit_logistic
from .states import seen_spins


def pseudolikelihood(spins, edges=None, l2=0.0, colors=None, n_batches=200):
    r"""Fit every row of couplings by maximal pseudolikelihood.

    .. math:: P(s_i = +1 | s) = \sigma(2 h_i + 2 \sum_j J_{ij} s_j)

    Rows are fitted apart, so J_ij and J_ji are two estimates: of one number in a machine that samples a Boltzmann
    distribution, and of two in one whose p-bits have gains of their own.

    Parameters
    ----------
    spins : ndarray, shape (n_chains, n_draws, n), int8
        States -1/+1.
    edges : array_like, shape (m, 2), int, optional
        Pairs that may be coupled; all by default.
    l2 : float
        Penalty (l2 / 2) J^2 of every coupling of a row, per draw; biases are free.
    colors : ndarray, shape (n,), int, optional
        Colour of each spin if draws are consecutive sweeps: a spin is then regressed on what it saw when it was
        updated, which holds for couplings that are not symmetric too. Otherwise on the state that it is in.
    n_batches : int
        Number of batches of draws, from which errors are estimated.

    Returns
    -------
    couplings : ndarray, shape (n, n), float64
        beta J by rows: what spin i feels from j is [i, j].
    biases : ndarray, shape (n,), float64
        Biases times inverse temperature, beta h.
    influence : ndarray, shape (n_batches, n, n + 1), float64
        What each batch moves them by; the last column is of the biases.

    Raises
    ------
    InputError
        If a spin never turned, the draws do not determine a coupling, or chains are too short for their memory.

    References
    ----------
    Besag, J. R. Stat. Soc. D 24, 179 (1975); Ravikumar, Wainwright and Lafferty, Ann. Stat. 38, 1287 (2010).
    """
    n = spins.shape[2]
    near = _neighbours(n, edges)
    drawn = spins if colors is None else spins[:, 1:]
    batches = Batches.of_shape(*drawn.shape[:2], n_batches)
    found, influence, tau = np.zeros((n, n + 1)), np.zeros((len(batches.starts), n, n + 1)), 1.0
    for i in range(n):
        bits = drawn[:, :, i].reshape(-1)
        check_turns(bits, i)
        columns = np.append(near[i], n)
        rows = np.ones((bits.size, len(columns)), dtype=np.int8)
        rows[:, :-1] = seen_spins(spins, i, near[i], colors).reshape(bits.size, -1)
        names = [f"beta_J_{i}_{j}" for j in near[i]] + [f"beta_h_{i}"]
        penalty = np.where(columns < n, float(l2), 0.0)
        fit = fit_logistic(rows, bits, batches, names, penalty)
        if colors is None:
            u = rows @ fit.values
            residual = bits - np.tanh(u)
            tau = max(tau, batches.tau(residual), batches.tau(residual * u))
        found[i, columns], influence[:, i, columns] = fit.values, fit.influence
    return found[:, :n], found[:, n], np.add.reduceat(influence, batches.groups(tau), axis=0)


def symmetrised(couplings, influence):
    """Return the mean of both estimates of every coupling, with standard errors.

    Parameters
    ----------
    couplings : ndarray, shape (n, n), float64
        Couplings, row i as spin i sees them.
    influence : ndarray, shape (n_batches, n, n + 1), float64
        Result of `pseudolikelihood`.

    Returns
    -------
    couplings, errors : ndarray, shape (n, n), float64
        Both estimates come from the same states, and the errors know it.
    """
    part = influence[:, :, :-1]
    return 0.5 * (couplings + couplings.T), errors_of(0.5 * (part + part.transpose(0, 2, 1)))


def check_turns(bits, i):
    """Refuse a spin that never turned: no finite bias explains it."""
    if np.ptp(bits) == 0:
        raise InputError(f"Spin {i} must be seen in both states, not only in {int(bits[0]):+d}")


def _neighbours(n, edges):
    """Return the spins with which each may be coupled; list of ndarray."""
    near = ~np.eye(n, dtype=bool)
    if edges is not None:
        edges = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
        if edges.size and not (edges.min() >= 0 and edges.max() < n and (edges[:, 0] != edges[:, 1]).all()):
            raise InputError(f"Edges must join two spins out of 0..{n - 1}, not others")
        near = np.zeros((n, n), dtype=bool)
        near[edges[:, 0], edges[:, 1]] = near[edges[:, 1], edges[:, 0]] = True
    return [np.flatnonzero(row) for row in near]
