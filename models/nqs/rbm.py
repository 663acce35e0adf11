"""Restricted Boltzmann machines as wave functions, with or without translation symmetry; positive amplitudes."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from scipy import fft

from ...emulator.spec.errors import InputError
from .lattice import Lattice

MODIFIED, STANDARD = 0.5, 1.0
PUBLISHED = files("spinchip") / "examples" / "nqs"


@dataclass(frozen=True, eq=False)
class SymmetricRbm:
    r"""A network whose filters are moved over the lattice.

    .. math:: \ln\psi(v) = \gamma \sum_{f,s} \ln 2\cosh\theta_{fs}, \qquad
              \theta_{fs} = b_f + \sum_i w_f(r_i + r_s)\, v_i

    Parameters
    ----------
    lattice : Lattice
        The lattice of sites.
    biases : ndarray, shape (alpha,), float64
        Hidden biases b.
    filters : ndarray, shape (alpha, n), float64
        Filters w, shared by translations.
    gamma : float
        1/2 is the modified network, whose square is a Boltzmann machine's marginal; 1 the standard one.
    support : ndarray, shape (n,), bool, optional
        Where filters may differ from 0, see `near_origin`; everywhere if absent. Only these weights are parameters.
    """

    lattice: Lattice
    biases: np.ndarray
    filters: np.ndarray
    gamma: float = MODIFIED
    support: np.ndarray | None = None

    def __post_init__(self):
        for name in ("biases", "filters"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.float64))
        if self.filters.shape != (self.biases.size, self.lattice.n_sites):
            rule = f"({self.biases.size}, {self.lattice.n_sites})"
            raise InputError(f"Filters must be of shape {rule}, not {self.filters.shape}")
        support = (
            np.ones(self.lattice.n_sites, dtype=bool) if self.support is None else np.array(self.support, dtype=bool)
        )
        if support.shape != (self.lattice.n_sites,):
            raise InputError(f"Support must be of shape ({self.lattice.n_sites},), not {support.shape}")
        if self.filters[:, ~support].any():
            raise InputError("Filters must be 0 outside their support, not elsewhere too")
        object.__setattr__(self, "support", support)
        if self.gamma not in (MODIFIED, STANDARD):
            raise InputError(f"Gamma must be 0.5 (modified) or 1 (standard), not {self.gamma!r}")
        if not (np.isfinite(self.biases).all() and np.isfinite(self.filters).all()):
            raise InputError("Weights must be finite, not NaN or infinite: the training has failed")

    @property
    def alpha(self):
        """Hidden units a site."""
        return self.biases.size

    @property
    def parameters(self):
        """All parameters, biases first; ndarray, shape (alpha (1 + n_support),), float64."""
        return np.concatenate([self.biases, self.filters[:, self.support].ravel()])

    def with_parameters(self, values):
        """Return the network with other parameters."""
        filters = np.zeros_like(self.filters)
        filters[:, self.support] = values[self.alpha :].reshape(self.alpha, -1)
        return SymmetricRbm(self.lattice, values[: self.alpha], filters, self.gamma, self.support)

    def weights(self):
        """Return the couplings of sites and hidden units f n + s; ndarray, shape (n, alpha n), float64."""
        return np.concatenate([one[self.lattice.sums] for one in self.filters], axis=1)

    def hidden_biases(self):
        """Return the bias of each hidden unit; ndarray, shape (alpha n,), float64."""
        return np.repeat(self.biases, self.lattice.n_sites)

    def log_psi(self, spins):
        """Return ln psi of states; ndarray, shape (n_states,), float64."""
        theta = np.abs(spins @ self.weights() + self.hidden_biases())
        return self.gamma * (theta + np.log1p(np.exp(-2.0 * theta))).sum(axis=1)

    def log_derivatives(self, spins):
        """Return the derivatives of ln psi by the parameters; ndarray, (n_states, alpha (1 + n_support)), float64.

        Those by a filter are a convolution of tanh theta with the state over the lattice.
        """
        n_states, shape = len(spins), self.lattice.shape
        theta = spins @ self.weights() + self.hidden_biases()
        turned = np.tanh(theta).reshape(n_states, self.alpha, *shape)
        axes = tuple(range(2, 2 + len(shape)))
        moved = fft.rfftn(turned, axes=axes)
        states = fft.rfftn(np.asarray(spins, dtype=np.float64).reshape(n_states, 1, *shape), axes=axes)
        by_filter = fft.irfftn(moved * states, s=shape, axes=axes).reshape(n_states, self.alpha, -1)[..., self.support]
        by_bias = turned.reshape(n_states, self.alpha, -1).sum(axis=2)
        return self.gamma * np.concatenate([by_bias, by_filter.reshape(n_states, -1)], axis=1)


def random_rbm(lattice, alpha, seed, scale=0.05, gamma=MODIFIED, support=None):
    """Return a network with small normal weights, on the support of its filters."""
    rng = np.random.default_rng(seed)
    biases, filters = scale * rng.standard_normal(alpha), scale * rng.standard_normal((alpha, lattice.n_sites))
    return SymmetricRbm(lattice, biases, filters if support is None else filters * support, gamma, support)


def near_origin(lattice, radius):
    """Return the sites within so many steps of site 0; ndarray, shape (n,), bool.

    As the support of filters it leaves each hidden unit couplings to the sites around its own: a sparse network, whose
    p-bits have as many neighbours whatever the size of the lattice.

    >>> int(near_origin(Lattice((6, 6)), 2).sum())
    13
    """
    sides = np.array(lattice.shape)
    away = np.minimum(lattice.coordinates, sides - lattice.coordinates).sum(axis=1)
    return away <= radius


def published_rbm(n_sites, alpha):
    """Return a published network of the square lattice; see `read_rbm`.

    Parameters
    ----------
    n_sites : int
        16, 36, 64, 100 or 484.
    alpha : int
        Hidden units a site, 2 or 4.
    """
    side = int(round(np.sqrt(n_sites)))
    path = PUBLISHED / f"modified_rbm_{n_sites}_{alpha}.txt"
    if not path.is_file():
        have = sorted(one.name for one in PUBLISHED.iterdir() if one.name.startswith("modified"))
        raise InputError(f"Published network must be one of {', '.join(have)}, not of {n_sites} sites, alpha {alpha}")
    return read_rbm(path, Lattice((side, side)), alpha)


def read_rbm(path, lattice, alpha):
    """Read a modified network: alpha biases, then alpha filters, one number a line.

    Source of the format: arXiv:2504.18359, repository of the authors (CC BY 4.0).
    """
    values = np.loadtxt(path, dtype=np.float64)
    if values.size != alpha * (1 + lattice.n_sites):
        raise InputError(f"{path}: file must hold {alpha * (1 + lattice.n_sites)} numbers, not {values.size}")
    return SymmetricRbm(lattice, values[:alpha], values[alpha:].reshape(alpha, lattice.n_sites))
