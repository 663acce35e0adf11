"""Satisfiability as an Ising model: penalties for violated clauses, an ancilla for each clause of three literals."""

from __future__ import annotations

import numpy as np

from ..spec.model_size import check_size
from .edge_list import EdgeList


def penalty_model(n_variables, clauses, weights=None, products=None):
    r"""Return the model whose energy counts violated clauses, or adds up their weights.

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
    weights : ndarray, shape (m,), float64, optional
        Weight of each clause, above 0; 1 by default.
    products : tuple of ndarrays, optional
        Products of literals and the clauses that they serve, see `long_clauses.shortened`; their variables are the
        ancillas that come first.

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
    weights = np.ones(numbers.max(initial=-1) + 1) if weights is None else weights
    pairs, owners = (np.empty((0, 3), dtype=np.int64), np.empty(0, dtype=np.int64)) if products is None else products
    long = np.flatnonzero(clauses[:, 2] != 0)
    n_named = n_variables + len(pairs)
    check_size(n_named + len(long), 6 * len(clauses) + 6 * len(pairs))
    polynomial = _Polynomial()
    for length in (1, 2):
        chosen = (clauses[:, length - 1] != 0) & (clauses[:, length] == 0)
        factors = [_false(clauses[chosen, column]) for column in range(length)]
        polynomial.add(weights[numbers[chosen]], *factors)
    z1, z2, z3 = (_false(clauses[long, column]) for column in range(3))
    ancilla = (n_named + np.arange(len(long)), np.ones(len(long)))  # w = (1 + s) / 2
    cost = weights[numbers[long]]
    polynomial.add(cost, ancilla, z3)
    polynomial.add_product(cost, z1, z2, ancilla)
    polynomial.add_product(weights[owners], *(_false(pairs[:, column]) for column in range(3)))
    notes = {
        "n_variables": n_variables,
        "ancillas": [*owners.tolist(), *numbers[long].tolist()],
        "offset": polynomial.offset,
        "satisfied_energy": -polynomial.offset,
    }
    return polynomial.edge_list(n_named + len(long), notes)


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

    def add_product(self, factor, first, second, product):
        """Add what a factor costs that is not the product of two others: 0 if it is, else ``factor`` or more."""
        self.add(factor, first, second)
        self.add(-2.0 * factor, product, first)
        self.add(-2.0 * factor, product, second)
        self.add(3.0 * factor, product)

    def add(self, factor, first, second=None):
        """Add ``factor``, an ndarray, times the product of the factors; each is (spins, signs), of its length."""
        spins, signs = first
        if second is None:
            self.offset += float(factor.sum()) / 2
            self._add_biases(spins, -factor / 2 * signs)
            return
        others, other_signs = second
        self.offset += float(factor.sum()) / 4
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
