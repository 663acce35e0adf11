"""Local energies of networks: H psi / psi for every state, by products of stable ratios."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ...emulator.stats.importance import shares_of
from .hamiltonian import TransverseIsing, spins_of_states
from .ratio_kernels import exchange_changes, exponentials, hidden_probabilities, log_ratio


def local_energies(model, rbm, spins):
    r"""Return the local energy of states, in units of ``model.unit`` (sigma.sigma for `Heisenberg`).

    A ratio of cosh is p a + q / a, with p, q the probabilities of the hidden unit being up and down and a the
    exponential of the change of its field: every term is positive, and no difference loses digits.

    Parameters
    ----------
    model : TransverseIsing or Heisenberg
        The Hamiltonian.
    rbm : SymmetricRbm
        Network that represents the state.
    spins : ndarray, shape (n_states, n), int8
        States -1/+1, one a row.

    Returns
    -------
    ndarray, shape (n_states,), float64
    """
    spins = np.ascontiguousarray(spins, dtype=np.int8)
    weights = rbm.weights()
    both = exponentials(weights)
    out = model.diagonal(spins) / model.unit
    theta = spins @ weights + rbm.hidden_biases()
    if isinstance(model, TransverseIsing):
        _flip_energies(both, theta, rbm.gamma, spins, model.field, out)
        return out
    for ends, coupling, sign in model.terms():
        _exchange_energies(both, theta, rbm.gamma, spins, ends, 2.0 * coupling * sign, out)
    return out


def exact_energy(model, rbm):
    """Return the energy per site of a network in the model's units by a sum over all states of a small lattice."""
    states = spins_of_states(model)
    shares = shares_of(2.0 * rbm.log_psi(states))
    return float(shares @ local_energies(model, rbm, states)) * model.unit / rbm.lattice.n_sites


@njit(cache=True)
def _flip_energies(both, theta, gamma, spins, field, out):
    """Take the transverse field times psi(flipped) / psi off every state's energy; ``both`` are `exponentials`."""
    grown, shrunk = both
    n, m = grown.shape
    up, down = np.empty(m), np.empty(m)
    for s in range(spins.shape[0]):
        hidden_probabilities(theta[s], up, down)
        for i in range(n):
            if spins[s, i] > 0:
                change = log_ratio(up, down, shrunk[i], grown[i])
            else:
                change = log_ratio(up, down, grown[i], shrunk[i])
            out[s] -= field * math.exp(gamma * change)


@njit(cache=True)
def _exchange_energies(both, theta, gamma, spins, ends, strength, out):
    """Add the strength times psi(exchanged) / psi for every bond of opposite spins; ``both`` are `exponentials`."""
    grown, shrunk = both
    m = grown.shape[1]
    up, down, factors, inverses = np.empty(m), np.empty(m), np.empty(m), np.empty(m)
    for s in range(spins.shape[0]):
        hidden_probabilities(theta[s], up, down)
        for b in range(ends.shape[0]):
            i, j = ends[b, 0], ends[b, 1]
            if spins[s, i] != spins[s, j]:
                exchange_changes(grown, shrunk, spins[s], i, j, factors, inverses)
                out[s] += strength * math.exp(gamma * log_ratio(up, down, factors, inverses))
