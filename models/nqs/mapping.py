"""|psi|^2 as the marginal of an Ising instance: what p-bits sample so that their visible part follows the state."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ...emulator.spec.instance import IsingInstance
from .rbm import STANDARD


def ising_of(rbm):
    """Return the instance whose visible spins follow |psi|^2 at beta = 1.

    Sites come first, then the hidden units. Of a modified network the couplings are its weights; of a standard one the
    hidden layer stands there twice, since cosh^2 is the sum over two independent copies.

    Parameters
    ----------
    rbm : SymmetricRbm
        The state.

    Returns
    -------
    IsingInstance
        n (1 + alpha) spins, or n (1 + 2 alpha).
    """
    copies = 2 if rbm.gamma == STANDARD else 1
    weights, biases = np.tile(rbm.weights(), copies), np.tile(rbm.hidden_biases(), copies)
    return bipartite(weights, biases, f"network of {rbm.lattice.n_sites} sites, alpha {rbm.alpha}")


def bipartite(weights, hidden_biases, name):
    """Return the instance of visible and hidden spins with couplings ``weights``, shape (n_visible, n_hidden)."""
    n_visible = len(weights)
    block = sparse.csr_array(weights)
    couplings = sparse.csr_array(sparse.block_array([[None, block], [block.T, None]]))
    return IsingInstance(couplings, np.concatenate([np.zeros(n_visible), hidden_biases]), name=name)


def enumerated_marginal(instance, n_visible):
    """Return the law of the visible spins, all hidden ones summed over in closed form; ndarray, shape (2^n_visible,).

    Parameters
    ----------
    instance : IsingInstance
        Couplings between visible and hidden spins only.
    n_visible : int
        Sites, at most 20; bit i of an index is site i up.
    """
    spins = 2.0 * ((np.arange(1 << n_visible)[:, None] >> np.arange(n_visible)) & 1) - 1.0
    weights = instance.couplings[:n_visible, n_visible:]
    theta = np.abs(spins @ weights + instance.biases[n_visible:])
    logs = (theta + np.log1p(np.exp(-2.0 * theta))).sum(axis=1) + spins @ instance.biases[:n_visible]
    law = np.exp(logs - logs.max())
    return law / law.sum()
