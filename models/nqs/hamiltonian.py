"""Spin models: transverse-field Ising, Heisenberg antiferromagnet and J1-J2, with exact diagonalisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigsh

from ...emulator.spec.errors import InputError
from .lattice import Lattice

MAX_EXACT_SITES = 20


@dataclass(frozen=True)
class TransverseIsing:
    r"""H = -sum over bonds of sigma^z sigma^z - h sum sigma^x; its ground state is positive.

    Parameters
    ----------
    lattice : Lattice
        Sites and bonds.
    field : float
        Transverse field h, above 0.
    """

    lattice: Lattice
    field: float

    def __post_init__(self):
        if not self.field > 0:
            raise InputError(f"Transverse field must be above 0, not {self.field!r}")

    conserves_magnetisation = False
    unit = 1.0  # energies of local_energies over energies of the model

    def diagonal(self, spins):
        """Return the diagonal elements of states; ndarray, shape (n_states,), float64."""
        ends = self.lattice.bonds
        return -(spins[:, ends[:, 0]].astype(np.int64) * spins[:, ends[:, 1]]).sum(axis=1).astype(np.float64)

    def matrix(self):
        """Return H in the basis of all states, bit i for site i up; csr_array, shape (2^n, 2^n)."""
        n = _checked_size(self.lattice)
        diagonal = self.diagonal(_spins_of(np.arange(1 << n), n))
        return sparse.csr_array(-self.field * flip_matrix(n) + sparse.diags_array(diagonal))


@dataclass(frozen=True)
class Heisenberg:
    r"""H = sum over bonds of S.S + J2 sum over diagonals of S.S, Marshall-rotated on one sublattice.

    Without J2 all off-diagonal elements are -1/2, so the ground state is positive. With J2 those of the diagonals are
    +1/2: the sign problem that a positive ansatz cannot follow.

    Parameters
    ----------
    lattice : Lattice
        Sides must be even.
    j2 : float
        Coupling of next-nearest neighbours.
    """

    lattice: Lattice
    j2: float = 0.0

    def __post_init__(self):
        _ = self.lattice.sublattice

    conserves_magnetisation = True
    unit = 0.25  # local energies come in sigma.sigma, four times S.S

    def terms(self):
        """Yield ends of bonds, their coupling and the sign of their exchange in the rotated basis."""
        yield self.lattice.bonds, 1.0, -1.0
        if self.j2:
            yield self.lattice.diagonals, self.j2, 1.0

    def diagonal(self, spins):
        """Return the diagonal elements of states; ndarray, shape (n_states,), float64."""
        return _exchange_diagonal(spins, self.terms())

    def states(self):
        """Return the indices of all states without magnetisation, ascending; ndarray, int64."""
        n = _checked_size(self.lattice)
        every = np.arange(1 << n)
        return every[np.bitwise_count(every) == n // 2]

    def matrix(self):
        """Return H among the states without magnetisation, in the order of `states`; csr_array."""
        return _exchange_matrix(self, tuple(self.terms()))


def bond_matrix(model, bonds):
    """Return the sum of S.S over some bonds between the sublattices, in the basis of `Heisenberg.matrix`; csr_array.

    Parameters
    ----------
    model : Heisenberg
        Gives lattice and basis.
    bonds : ndarray, shape (n_bonds, 2), int64
        Spins at the ends of each bond.
    """
    return _exchange_matrix(model, [(bonds, 1.0, -1.0)])


def flip_matrix(n_sites):
    """Return the sum of sigma^x in the basis of all states; csr_array, shape (2^n, 2^n)."""
    states = np.arange(1 << n_sites)
    rows = np.tile(states, n_sites)
    columns = (states[None] ^ (1 << np.arange(n_sites))[:, None]).ravel()
    return sparse.csr_array(sparse.coo_array((np.ones(rows.size), (rows, columns)), shape=(1 << n_sites,) * 2))


def _exchange_diagonal(spins, terms):
    found = np.zeros(len(spins))
    for ends, coupling, _ in terms:
        products = spins[:, ends[:, 0]].astype(np.int64) * spins[:, ends[:, 1]]
        found += 0.25 * coupling * products.sum(axis=1)
    return found


def _exchange_matrix(model, terms):
    states = model.states()
    spins = _spins_of(states, model.lattice.n_sites)
    rows, columns, values = [], [], []
    for ends, coupling, sign in terms:
        for i, j in ends:
            opposite = np.flatnonzero(spins[:, i] != spins[:, j])
            rows.append(opposite)
            columns.append(np.searchsorted(states, states[opposite] ^ ((1 << int(i)) | (1 << int(j)))))
            values.append(np.full(opposite.size, 0.5 * coupling * sign))
    data, row, column = (np.concatenate(part) for part in (values, rows, columns))
    off = sparse.coo_array((data, (row, column)), shape=(states.size, states.size)).tocsr()
    return sparse.csr_array(off + sparse.diags_array(_exchange_diagonal(spins, terms)))


def exact_ground_state(model):
    """Return the lowest energy and its state, positive in the sum, by Lanczos; float, ndarray."""
    values, vectors = eigsh(model.matrix(), k=1, which="SA")
    vector = vectors[:, 0]
    return float(values[0]), vector * np.sign(vector.sum())


def spins_of_states(model):
    """Return the states of `matrix` as spins -1/+1; ndarray, shape (n_states, n), int8."""
    n = model.lattice.n_sites
    states = model.states() if model.conserves_magnetisation else np.arange(1 << n)
    return _spins_of(states, n)


def _spins_of(states, n):
    return (2 * ((states[:, None] >> np.arange(n)) & 1) - 1).astype(np.int8)


def _checked_size(lattice):
    if lattice.n_sites > MAX_EXACT_SITES:
        raise InputError(f"Sites must be at most {MAX_EXACT_SITES} for exact diagonalisation, not {lattice.n_sites}")
    return lattice.n_sites
