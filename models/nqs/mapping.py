"""|psi|^2 as the marginal of an Ising instance: what p-bits sample so that their visible part follows the state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ...emulator.spec.errors import InputError
from ...emulator.spec.instance import IsingInstance
from .rbm import STANDARD


@dataclass(frozen=True, eq=False)
class BoltzmannMachine:
    """A restricted Boltzmann machine: two layers of spins, coupled only between them.

    Parameters
    ----------
    weights : ndarray, shape (n_visible, n_hidden), float64
        Couplings.
    hidden_biases : ndarray, shape (n_hidden,), float64
        Fields of the hidden spins.
    visible_biases : ndarray, shape (n_visible,), float64, optional
        Fields of the visible spins, 0 if absent.
    """

    weights: np.ndarray
    hidden_biases: np.ndarray
    visible_biases: np.ndarray | None = None

    def __post_init__(self):
        weights = np.asarray(self.weights, dtype=np.float64)
        visible = np.zeros(len(weights)) if self.visible_biases is None else self.visible_biases
        for name, value in (("weights", weights), ("hidden_biases", self.hidden_biases), ("visible_biases", visible)):
            object.__setattr__(self, name, np.asarray(value, dtype=np.float64))
        shape = (self.visible_biases.size, self.hidden_biases.size)
        if self.weights.shape != shape:
            raise InputError(f"Weights must be of shape {shape}, the sizes of the layers, not {self.weights.shape}")

    @property
    def n_visible(self):
        """Visible spins."""
        return self.visible_biases.size

    def log_marginal(self, spins):
        """Return log of the unnormalised probability of visible states; ndarray, shape (n_states,), float64."""
        theta = np.abs(spins @ self.weights + self.hidden_biases)
        return (theta + np.log1p(np.exp(-2.0 * theta))).sum(axis=1) + spins @ self.visible_biases

    def instance(self, name):
        """Return both layers as an Ising instance, visible spins first."""
        block = sparse.csr_array(self.weights)
        couplings = sparse.csr_array(sparse.block_array([[None, block], [block.T, None]]))
        return IsingInstance(couplings, np.concatenate([self.visible_biases, self.hidden_biases]), name=name)


def machine_of(rbm):
    """Return the Boltzmann machine whose visible spins follow |psi|^2.

    Of a modified network the couplings are its weights; of a standard one the hidden layer stands there twice, since
    cosh^2 is the sum over two independent copies.

    Parameters
    ----------
    rbm : SymmetricRbm
        Network that represents the state.
    """
    copies = 2 if rbm.gamma == STANDARD else 1
    return BoltzmannMachine(np.tile(rbm.weights(), copies), np.tile(rbm.hidden_biases(), copies))


def ising_of(rbm):
    """Return the instance of `machine_of`, which follows |psi|^2 at beta = 1. Sites come first, then hidden units.

    Parameters
    ----------
    rbm : SymmetricRbm
        Network that represents the state.

    Returns
    -------
    IsingInstance
        n (1 + alpha) spins, or n (1 + 2 alpha).
    """
    return machine_of(rbm).instance(f"network of {rbm.lattice.n_sites} sites, alpha {rbm.alpha}")


def enumerated_marginal(instance, n_visible):
    """Return the distribution of the visible spins, hidden ones summed in closed form; ndarray, shape (2^n_visible,).

    Parameters
    ----------
    instance : IsingInstance
        Couplings between visible and hidden spins only.
    n_visible : int
        Sites, at most 20; bit i of an index is site i up.
    """
    spins = 2.0 * ((np.arange(1 << n_visible)[:, None] >> np.arange(n_visible)) & 1) - 1.0
    weights = instance.couplings[:n_visible, n_visible:].toarray()
    machine = BoltzmannMachine(weights, instance.biases[n_visible:], instance.biases[:n_visible])
    logs = machine.log_marginal(spins)
    law = np.exp(logs - logs.max())
    return law / law.sum()
