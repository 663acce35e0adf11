"""Local energies of networks: H psi / psi for every state, by products of stable ratios."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from .hamiltonian import TransverseIsing

BLOCK = 64  # hidden units between two logarithms: factors lie between e^-16 and e^16 for weights up to 8


def local_energies(model, rbm, spins):
    r"""Return the local energy of states, in units of ``model.unit`` (sigma.sigma for `Heisenberg`).

    A ratio of cosh is p a + q / a, with p, q the probabilities of the hidden unit being up and down and a the
    exponential of the change of its field: every term is positive, and no difference loses digits.

    Parameters
    ----------
    model : TransverseIsing or Heisenberg
        The Hamiltonian.
    rbm : SymmetricRbm
        The state.
    spins : ndarray, shape (n_states, n), int8
        States.

    Returns
    -------
    ndarray, shape (n_states,), float64
    """
    spins = np.ascontiguousarray(spins, dtype=np.int8)
    weights = rbm.weights()
    grown = np.exp(np.clip(2.0 * weights, -600.0, 600.0))
    out = model.diagonal(spins) / model.unit
    theta = spins @ weights + rbm.hidden_biases()
    if isinstance(model, TransverseIsing):
        _flip_energies(grown, theta, rbm.gamma, spins, model.field, out)
        return out
    for ends, coupling, sign in model.terms():
        _exchange_energies(grown, theta, rbm.gamma, spins, ends, 2.0 * coupling * sign, out)
    return out


@njit(cache=True)
def _probabilities(theta, up, down):
    """Write the probabilities of hidden units being up and down."""
    for h in range(theta.size):
        small = math.exp(-2.0 * abs(theta[h]))
        large = 1.0 / (1.0 + small)
        up[h] = large if theta[h] >= 0.0 else small * large
        down[h] = small * large if theta[h] >= 0.0 else large


@njit(cache=True)
def _flip_energies(grown, theta, gamma, spins, field, out):
    """Take the transverse field times psi(flipped) / psi off every state's energy."""
    n, m = grown.shape
    up, down = np.empty(m), np.empty(m)
    for s in range(spins.shape[0]):
        _probabilities(theta[s], up, down)
        for i in range(n):
            logs, product = 0.0, 1.0
            for h in range(m):
                factor = 1.0 / grown[i, h] if spins[s, i] > 0 else grown[i, h]
                product *= up[h] * factor + down[h] / factor
                if h % BLOCK == BLOCK - 1:
                    logs += math.log(product)
                    product = 1.0
            out[s] -= field * math.exp(gamma * (logs + math.log(product)))


@njit(cache=True)
def _exchange_energies(grown, theta, gamma, spins, ends, strength, out):
    """Add the strength times psi(exchanged) / psi for every bond of opposite spins."""
    m = grown.shape[1]
    up, down = np.empty(m), np.empty(m)
    for s in range(spins.shape[0]):
        _probabilities(theta[s], up, down)
        for b in range(ends.shape[0]):
            i, j = ends[b, 0], ends[b, 1]
            if spins[s, i] == spins[s, j]:
                continue
            if spins[s, i] < 0:
                i, j = j, i  # i is up and goes down
            logs, product = 0.0, 1.0
            for h in range(m):
                factor = grown[j, h] / grown[i, h]
                product *= up[h] * factor + down[h] / factor
                if h % BLOCK == BLOCK - 1:
                    logs += math.log(product)
                    product = 1.0
            out[s] += strength * math.exp(gamma * (logs + math.log(product)))
