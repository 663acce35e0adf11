"""One hidden layer per site, evaluated without JAX: spins drawn one after the other, each with two rows of weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from ...emulator.spec.errors import InputError
from .fvsbn import enumerated_states


@dataclass(frozen=True, eq=False)
class HiddenNetwork:
    r"""q(s) = prod q(s_i | s_<i) with h hidden units a site.

    .. math:: a = V\, \mathrm{PReLU}(W s + b) + c, \qquad P(s_i = +1 \mid s_{<i}) = \sigma(a_i)

    Hidden unit i h + k sees the spins before i, and a_i the hidden units up to those of site i.

    Parameters
    ----------
    first : ndarray, shape (n h, n), float32
        Matrix W of y = x W.
    hidden_biases, slopes : ndarray, shape (n h,), float32
        b, and the slopes of PReLU below 0.
    second : ndarray, shape (n, n h), float32
        Matrix V of the formula.
    biases : ndarray, shape (n,), float32
        Biases c of the formula.
    """

    first: np.ndarray
    hidden_biases: np.ndarray
    slopes: np.ndarray
    second: np.ndarray
    biases: np.ndarray

    def __post_init__(self):
        for name in ("first", "hidden_biases", "slopes", "second", "biases"):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=np.float32))
        n, units = self.second.shape
        if units % n or self.first.shape != (units, n):
            raise InputError(f"Weights must be of shapes (n h, n) and (n, n h), not {self.first.shape}, {(n, units)}")
        sites = np.repeat(np.arange(n), units // n)
        if self.first[sites[:, None] <= np.arange(n)].any() or self.second[np.arange(n)[:, None] < sites].any():
            raise InputError("Weights must be 0 where a unit would see its own spin or a later one")

    @property
    def n_spins(self):
        """Number of spins."""
        return len(self.biases)

    @property
    def n_parameters(self):
        """Weights that masks leave, without biases and slopes."""
        n, per_site = self.n_spins, len(self.slopes) // self.n_spins
        return per_site * (n * (n - 1) // 2 + n * (n + 1) // 2)

    def fields(self, spins):
        """Return a of states; ndarray, shape (n_states, n), float64."""
        hidden = np.asarray(spins, dtype=np.float32) @ self.first.T + self.hidden_biases
        hidden = np.where(hidden > 0, hidden, self.slopes * hidden)
        return (hidden @ self.second.T + self.biases).astype(np.float64)

    def log_probabilities(self, spins):
        """Return ln q of states; ndarray, shape (n_states,), float64."""
        return -np.logaddexp(0.0, -np.asarray(spins) * self.fields(spins)).sum(axis=1)

    def sample(self, n_states, seed):
        """Draw independent states, spin by spin; ndarray, shape (n_states, n), int8."""
        draws = np.random.default_rng(seed).random((n_states, self.n_spins))
        spins = np.empty((n_states, self.n_spins), dtype=np.int8)
        network = (np.ascontiguousarray(self.first.T), self.hidden_biases, self.slopes, self.second, self.biases)
        ancestral_hidden(network, draws, spins)
        return spins

    def enumerated(self):
        """Return all states and ln q of each; (2^n, n) int8 and (2^n,). At most 16 spins."""
        states = enumerated_states(self.n_spins)
        return states, self.log_probabilities(states)


@njit(cache=True, fastmath={"contract", "reassoc"})
def ancestral_hidden(network, draws, spins):
    """Draw states spin by spin; every drawn spin is added to the hidden fields of later sites at once.

    Parameters
    ----------
    network : tuple of ndarray
        W transposed (n, n h), b, slopes, V (n, n h) and c, float32.
    draws : ndarray, shape (n_states, n), float64
        Uniform random numbers.
    spins : ndarray, shape (n_states, n), int8
        States, written here.
    """
    first, hidden_biases, slopes, second, biases = network
    n, units = first.shape
    per_site = units // n
    hidden = np.empty(units, dtype=np.float32)
    for s in range(spins.shape[0]):
        hidden[:] = hidden_biases
        for i in range(n):
            for k in range(i * per_site, (i + 1) * per_site):
                if hidden[k] < 0.0:
                    hidden[k] *= slopes[k]
            field = biases[i]
            for k in range((i + 1) * per_site):
                field += second[i, k] * hidden[k]
            is_up = draws[s, i] * (1.0 + math.exp(-field)) < 1.0
            spins[s, i] = 1 if is_up else -1
            sign = np.float32(1.0) if is_up else np.float32(-1.0)
            for k in range((i + 1) * per_site, units):
                hidden[k] += sign * first[i, k]
