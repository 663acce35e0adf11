"""Fully visible sigmoid belief networks: each spin is a p-bit that sees the spins before it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from ...emulator.spec.errors import InputError

MAX_ENUMERATED = 16


@dataclass(frozen=True, eq=False)
class Fvsbn:
    r"""A network q(s) = prod q(s_i | s_<i).

    .. math:: P(s_i = +1 \mid s_{<i}) = \sigma(a_i), \qquad a_i = \sum_{j<i} W_{ij} s_j

    Parameters
    ----------
    weights : ndarray, shape (n, n), float64
        W, strictly lower triangular.
    """

    weights: np.ndarray

    def __post_init__(self):
        object.__setattr__(self, "weights", np.array(self.weights, dtype=np.float64))
        n = len(self.weights)
        if self.weights.shape != (n, n) or n < 2 or np.any(np.triu(self.weights)):
            raise InputError(f"Weights must be strictly lower triangular, 2 spins or more, not {self.weights.shape}")

    @property
    def n_spins(self):
        """Number of spins."""
        return len(self.weights)

    @property
    def n_parameters(self):
        """Weights below the diagonal."""
        return self.n_spins * (self.n_spins - 1) // 2

    def fields(self, spins):
        """Return a of states; ndarray, shape (n_states, n), float64."""
        return np.asarray(spins, dtype=np.float64) @ self.weights.T

    def log_probabilities(self, spins):
        """Return ln q of states; ndarray, shape (n_states,), float64."""
        return -np.logaddexp(0.0, -np.asarray(spins) * self.fields(spins)).sum(axis=1)

    def sample(self, n_states, seed):
        """Draw independent states, spin by spin; ndarray, shape (n_states, n), int8."""
        draws = np.random.default_rng(seed).random((n_states, self.n_spins))
        spins = np.empty((n_states, self.n_spins), dtype=np.int8)
        ancestral(self.weights, draws, spins)
        return spins

    def enumerated(self):
        """Return all states and ln q of each; (2^n, n) int8 and (2^n,). At most 16 spins."""
        states = enumerated_states(self.n_spins)
        return states, self.log_probabilities(states)


def enumerated_states(n_spins):
    """Return all states, bit i of the index for spin i up; ndarray, shape (2^n, n), int8. At most 16 spins."""
    if n_spins > MAX_ENUMERATED:
        raise InputError(f"Spins must be at most {MAX_ENUMERATED} for enumeration, not {n_spins}")
    return (2 * ((np.arange(1 << n_spins)[:, None] >> np.arange(n_spins)) & 1) - 1).astype(np.int8)


@njit(cache=True)
def ancestral(weights, draws, spins):
    """Draw states spin by spin: +1 where the draw lies below the sigmoid of the field of the spins before.

    Parameters
    ----------
    weights : ndarray, shape (n, n), float64
        Weights, strictly lower triangular.
    draws : ndarray, shape (n_states, n), float64
        Uniform random numbers.
    spins : ndarray, shape (n_states, n), int8
        States, written here.
    """
    for s in range(spins.shape[0]):
        for i in range(spins.shape[1]):
            field = 0.0
            for j in range(i):
                field += weights[i, j] * spins[s, j]
            spins[s, i] = 1 if draws[s, i] * (1.0 + math.exp(-field)) < 1.0 else -1
