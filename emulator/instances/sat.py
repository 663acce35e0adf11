"""Satisfiability as an Ising model: penalties for violated clauses, one ancilla for each clause of three literals."""

from __future__ import annotations

import numpy as np

from .edge_list import EdgeList, check_size


def penalty_model(n_variables, clauses):
    r"""Return the model whose energy counts violated clauses.

    With z = 1 where a literal is false, a clause costs z1, z1 z2 or z1 z2 z3. The cubic term is made quadratic by an
    ancilla w that stands for z1 z2,

    .. math:: z_1 z_2 z_3 = \min_w \left[ w z_3 + z_1 z_2 - 2 w (z_1 + z_2) + 3 w \right]

    so that, over the best ancillas, E + offset is the number of violated clauses; the ancillas of a satisfying
    assignment are unique, so that ground states and satisfying assignments correspond one to one.

    Parameters
    ----------
    n_variables : int
        Variables; variable v is spin v - 1, true if the spin is +1.
    clauses : ndarray, shape (m, 3), int64
        Literals +-v, shorter clauses padded with zeros at the end.

    Returns
    -------
    EdgeList
        Ancillas come after the variables. Notes: ``n_variables``, ``ancillas`` (number of the clause, from 0, that
        each ancilla serves), ``offset`` and ``satisfied_energy`` = -offset, the energy of a satisfying assignment.

    References
    ----------
    Rosenberg, Cahiers du CERO 17, 71 (1975), for the ancilla.
    """
    clauses, numbers = _simplified(clauses)
    long = np.flatnonzero(clauses[:, 2] != 0)
    check_size(n_variables + len(long), 6 * len(clauses))
    polynomial = _Polynomial()
    lone = clauses[clauses[:, 1] == 0]
    polynomial.add(1.0, _false(lone[:, 0]))
    double = clauses[(clauses[:, 1] != 0) & (clauses[:, 2] == 0)]
    polynomial.add(1.0, _false(double[:, 0]), _false(double[:, 1]))
    z1, z2, z3 = (_false(clauses[long, column]) for column in range(3))
    ancilla = (n_variables + np.arange(len(long)), np.ones(len(long)))  # w = (1 + s) / 2
    polynomial.add(1.0, ancilla, z3)
    polynomial.add(1.0, z1, z2)
    polynomial.add(-2.0, ancilla, z1)
    polynomial.add(-2.0, ancilla, z2)
    polynomial.add(3.0, ancilla)
    notes = {
        "n_variables": n_variables,
        "ancillas": numbers[long].tolist(),
        "offset": polynomial.offset,
        "satisfied_energy": -polynomial.offset,
    }
    return polynomial.edge_list(n_variables + len(long), notes)


def _false(literals):
    """Return (spin, sign) with z = (1 + sign s) / 2 = 1 where the literal is false."""
    return np.abs(literals) - 1, -np.sign(literals).astype(np.float64)


def _simplified(clauses):
    """Return clauses without repeated literals and without those that always hold, and their numbers."""
    clauses = clauses.copy()
    for first, second in ((0, 1), (0, 2), (1, 2)):
        repeated = (clauses[:, first] == clauses[:, second]) & (clauses[:, second] != 0)
        clauses[repeated, second] = 0
    gap = (clauses[:, 1] == 0) & (clauses[:, 2] != 0)
    clauses[gap, 1], clauses[gap, 2] = clauses[gap, 2], 0
    opposite = np.zeros(len(clauses), dtype=bool)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        opposite |= (clauses[:, first] == -clauses[:, second]) & (clauses[:, second] != 0)
    kept = np.flatnonzero(~opposite)
    return clauses[kept], kept


class _Polynomial:
    """A sum of products of up to two factors (1 + sign s) / 2, collected as -J s s - h s + offset."""

    def __init__(self):
        self.offset = 0.0
        self._edges, self._couplings, self._spins, self._biases = [], [], [], []

    def add(self, factor, first, second=None):
        """Add ``factor`` times the product of the factors; each is (spins, signs), ndarrays of one length."""
        spins, signs = first
        if second is None:
            self.offset += factor / 2 * len(spins)
            self._add_biases(spins, -factor / 2 * signs)
            return
        others, other_signs = second
        self.offset += factor / 4 * len(spins)
        self._add_biases(spins, -factor / 4 * signs)
        self._add_biases(others, -factor / 4 * other_signs)
        self._edges.append(np.sort(np.stack([spins, others], axis=1), axis=1))
        self._couplings.append(-factor / 4 * signs * other_signs)

    def _add_biases(self, spins, biases):
        self._spins.append(spins)
        self._biases.append(biases)

    def edge_list(self, n_spins, notes):
        """Return what was added."""
        biases = np.bincount(np.concatenate(self._spins), np.concatenate(self._biases), minlength=n_spins)
        return EdgeList.from_sums(n_spins, np.concatenate(self._edges), np.concatenate(self._couplings), biases, notes)
