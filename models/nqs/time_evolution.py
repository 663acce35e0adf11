"""Time-dependent variational principle of a complex translation-symmetric network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from . import runge_kutta
from .hamiltonian import spins_of_states
from .lattice import Lattice


@dataclass(frozen=True, eq=False)
class ComplexNetwork:
    r"""ln psi = sum over f and s of ln cosh(b_f + sum_i w_f(r_i + r_s) v_i), with complex parameters.

    Parameters
    ----------
    lattice : Lattice
        The lattice of sites.
    biases : ndarray, shape (alpha,), complex128
        Hidden biases b.
    filters : ndarray, shape (alpha, n), complex128
        Filters w, shared by translations.
    """

    lattice: Lattice
    biases: np.ndarray
    filters: np.ndarray

    @property
    def parameters(self):
        """All parameters, biases first; ndarray, complex128."""
        return np.concatenate([self.biases, self.filters.ravel()])

    def weights(self):
        """Return the couplings of sites and hidden units f n + s; ndarray, shape (n, alpha n), complex128."""
        return np.concatenate([one[self.lattice.sums] for one in self.filters], axis=1)

    def with_parameters(self, values):
        """Return the network with other parameters."""
        alpha = self.biases.size
        return ComplexNetwork(self.lattice, values[:alpha], values[alpha:].reshape(alpha, -1))

    def log_psi_and_derivatives(self, spins):
        """Return ln psi, (n_states,), and its derivatives by the parameters, (n_states, n_parameters); complex128."""
        n, alpha = self.lattice.n_sites, self.biases.size
        source = np.argsort(self.lattice.sums, axis=0)  # source[r, s]: the site i with r_i + r_s = r
        moved = spins[:, source].astype(np.float64)
        theta = np.einsum("krs,fr->kfs", moved, self.filters) + self.biases[:, None]
        away = np.where(theta.real < 0, -1.0, 1.0) * theta
        decay = np.exp(-2.0 * away)
        log_psi = (away + np.log1p(decay) - np.log(2.0)).sum(axis=(1, 2))
        turned = np.where(theta.real < 0, -1.0, 1.0) * (1.0 - decay) / (1.0 + decay)
        by_filter = np.einsum("krs,kfs->kfr", moved, turned).reshape(len(spins), alpha * n)
        return log_psi, np.concatenate([turned.sum(axis=2), by_filter], axis=1)


class Moving(ABC):
    """What moves a network in real or imaginary time, given its velocity."""

    @abstractmethod
    def velocity(self, network, factor, cutoff=None):
        """Return the derivative of the parameters by time, ``factor`` times S^-1 F; ndarray, complex128.

        Parameters
        ----------
        network : ComplexNetwork
            Network at which it is taken.
        factor : complex
            -1j for real time, -1 for imaginary time.
        cutoff : float, optional
            Eigenvalues of S below this part of the largest are left out.
        """

    def relax(self, network, n_steps, step, cutoff=1e-3):
        """Return the network after ``n_steps`` of imaginary time, towards the ground state."""
        for _ in range(n_steps):
            network = network.with_parameters(network.parameters + step * self.velocity(network, -1.0, cutoff))
        return network

    def evolve(self, network, n_steps, step):
        """Yield the network at t = 0, step, 2 step ... by the fourth-order rule of Runge and Kutta."""
        if not step > 0 or n_steps < 1:
            raise InputError(f"Steps must be 1 or more and of a length above 0, not {n_steps} of {step!r}")

        def rate(state):
            return (self.velocity(network.with_parameters(state[0]), -1j),)

        for (parameters,) in runge_kutta.steps(rate, (network.parameters,), step, n_steps):
            yield network.with_parameters(parameters)


class Variational(Moving):
    """A model and a network's state on it, by exact sums over all states.

    Parameters
    ----------
    model : TransverseIsing or Heisenberg
        H, of at most 20 sites.
    cutoff : float
        Eigenvalues of the covariance below this part of the largest are left out.
    """

    def __init__(self, model, cutoff=1e-6):
        self.matrix, self.spins, self.cutoff = model.matrix(), spins_of_states(model), cutoff

    def state(self, network):
        """Return the normalised amplitudes; ndarray, shape (n_states,), complex128."""
        return self._amplitudes(network.log_psi_and_derivatives(self.spins)[0])

    def energy(self, network):
        """Return the mean energy of a network."""
        psi = self.state(network)
        return float(np.vdot(psi, self.matrix @ psi).real)

    def velocity(self, network, factor, cutoff=None):
        """Return the derivative of the parameters, see `Moving`."""
        log_psi, derivatives = network.log_psi_and_derivatives(self.spins)
        psi = self._amplitudes(log_psi)
        weight = np.abs(psi) ** 2
        energies = np.where(weight > 0, (self.matrix @ psi) / np.where(weight > 0, psi, 1.0), 0.0)
        return factor * natural_gradient(weight, derivatives, energies, self.cutoff if cutoff is None else cutoff)

    @staticmethod
    def _amplitudes(log_psi):
        psi = np.exp(log_psi - log_psi.real.max())
        return psi / np.linalg.norm(psi)


def natural_gradient(weight, derivatives, energies, cutoff):
    """Return S^-1 F by the pseudo-inverse; ndarray, shape (n_parameters,), complex128.

    Parameters
    ----------
    weight : ndarray, shape (n_states,), float64
        Probabilities, of sum 1.
    derivatives : ndarray, shape (n_states, n_parameters), complex128
        Derivatives of ln psi by the parameters.
    energies : ndarray, shape (n_states,), complex128
        Local energies.
    cutoff : float
        Eigenvalues of S below this part of the largest are left out.
    """
    centred = derivatives - weight @ derivatives
    weighted = centred.conj() * weight[:, None]
    force = weighted.T @ (energies - weight @ energies)
    values, vectors = np.linalg.eigh(weighted.T @ centred)
    kept = values > cutoff * values[-1]
    inverse = np.where(kept, 1.0 / np.where(kept, values, 1.0), 0.0)
    return vectors @ (inverse * (vectors.conj().T @ force))


def random_complex(lattice, alpha, seed, scale=0.05):
    """Return a network with small normal complex weights."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return scale * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))

    return ComplexNetwork(lattice, draw(alpha), draw(alpha, lattice.n_sites))
