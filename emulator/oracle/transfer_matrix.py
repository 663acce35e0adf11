"""Transfer matrices: exact answers for chains, rings and strips of any length, couplings and biases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, softmax

from ..spec.errors import InputError
from .law_moments import product_means
from .states import energies_of_states

MAX_OPEN_WIDTH = 16
MAX_PERIODIC_WIDTH = 12  # one vector for each of the 2^width states of the first column
STORED_VALUES = 1 << 23  # float64 values kept for the backward pass: 64 MiB


@dataclass(frozen=True, eq=False)
class StripAnswer:
    """Exact thermodynamics of one strip at one inverse temperature.

    Parameters
    ----------
    log_z : float
        Logarithm of the partition function, ln Z.
    mean_energy : float
        <E>, from the derivative of the same product of matrices.
    spin_means : ndarray, shape (n,), float64
        Mean of each spin.
    """

    log_z: float
    mean_energy: float
    spin_means: np.ndarray


def strip_answer(instance, width, beta):
    """Return ln Z, mean energy and spin means of a strip.

    Spin ``column * width + row`` sits in that column. Within a column any pair may be coupled (open, periodic, or
    more); between neighbouring columns only spins of equal row. A coupling between the first and the last of three
    or more columns makes the strip periodic in its long direction. Width 1 is a chain or a ring.

    Parameters
    ----------
    instance : IsingInstance
        The strip; n must be a multiple of ``width``.
    width : int
        Spins of a column: at most 16, or 12 for a periodic strip.
    beta : float
        Inverse temperature, 0 or more.

    Returns
    -------
    StripAnswer

    Raises
    ------
    InputError
        If the width does not fit, or a coupling reaches where none may.
    """
    if not (np.isfinite(beta) and beta >= 0):
        raise InputError(f"Inverse temperature must be finite and 0 or more, not {beta!r}")
    strip = _Strip.of(instance, width)
    limit = MAX_PERIODIC_WIDTH if strip.is_periodic else MAX_OPEN_WIDTH
    if width > limit:
        raise InputError(f"Width of this strip must be at most {limit}, not {width}")
    n_states = 1 << width
    n_starts = n_states if strip.is_periodic else 1
    batch = int(np.clip(STORED_VALUES // (strip.length * n_states), 1, n_starts))
    parts = [strip.sum_over(beta, range(s, min(s + batch, n_starts))) for s in range(0, n_starts, batch)]
    log_zs, energies, spin_means = zip(*parts, strict=True)
    shares = softmax(log_zs)
    log_z = float(logsumexp(log_zs)) - (beta * instance.offset if instance.offset else 0.0)
    return StripAnswer(log_z, float(instance.with_offset(shares @ energies)), shares @ np.array(spin_means))


@dataclass(frozen=True, eq=False)
class _Strip:
    """Couplings of a strip sorted by place.

    Parameters
    ----------
    columns : ndarray, shape (length, width, width), float64
        Couplings inside each column.
    rungs : ndarray, shape (length, width), float64
        Coupling from each spin to the same row of the next column.
    biases : ndarray, shape (length, width), float64
        Biases.
    is_periodic : bool
        Whether the last column meets the first.
    """

    columns: np.ndarray
    rungs: np.ndarray
    biases: np.ndarray
    is_periodic: bool

    @property
    def length(self):
        """Number of columns."""
        return len(self.rungs)

    @classmethod
    def of(cls, instance, width):
        """Sort the couplings of an instance; refuse any that is out of place."""
        if not 1 <= width <= instance.n_spins or instance.n_spins % width:
            raise InputError(f"Width must divide the number of spins, {instance.n_spins}, not {width}")
        length = instance.n_spins // width
        columns, rungs = np.zeros((length, width, width)), np.zeros((length, width))
        for (i, j), value in zip(instance.edges.tolist(), instance.edge_values, strict=True):
            (column, row), (other, other_row) = divmod(i, width), divmod(j, width)
            if column == other:
                columns[column, row, other_row] = columns[column, other_row, row] = value
            elif row == other_row and other == column + 1:
                rungs[column, row] += value
            elif row == other_row and (column, other) == (0, length - 1):
                rungs[other, row] += value
            else:
                raise InputError(f"Coupling must stay in its column or row of a strip of width {width}, not {i} to {j}")
        return cls(columns, rungs, instance.biases.reshape(length, width), bool(rungs[-1].any()))

    def sum_over(self, beta, starts):
        """Sum over all states whose first column is one of ``starts`` (all of them for an open strip).

        Returns
        -------
        log_z, mean_energy : float
        spin_means : ndarray, shape (n,), float64
        """
        n_states = 1 << self.rungs.shape[1]
        energies = [energies_of_states(self.columns[c], self.biases[c])[:, None] for c in range(self.length)]
        ground = [column.min() for column in energies]
        weights = [np.exp(-beta * (column - low)) for column, low in zip(energies, ground, strict=True)]
        first = np.eye(n_states)[:, list(starts)] if self.is_periodic else np.ones((n_states, 1))
        # Values and their derivatives by beta go side by side; common factors leave their ratio alone.
        value, slope = first * weights[0], -first * (energies[0] - ground[0]) * weights[0]
        stored, log_scale = [value], 0.0
        for c in range(1, self.length):
            value, slope = self._cross(beta, c - 1, value, slope)
            slope = weights[c] * (slope - (energies[c] - ground[c]) * value)
            value = weights[c] * value
            scale = value.max()
            value, slope, log_scale = value / scale, slope / scale, log_scale + np.log(scale)
            stored.append(value)
        if self.is_periodic:
            value, slope = self._cross(beta, self.length - 1, value, slope)
        total = (first * value).sum()
        offset = sum(ground) - np.abs(self.rungs).sum()
        means = self._spin_means(beta, weights, stored, first)
        return np.log(total) + log_scale - beta * offset, offset - (first * slope).sum() / total, means

    def _cross(self, beta, column, value, slope=None):
        """Apply the rungs behind a column, each divided by exp(beta |J|), to values and slopes (2**width, batch)."""
        slope = np.zeros_like(value) if slope is None else slope
        for row, coupling in enumerate(self.rungs[column]):
            equal, differ = abs(coupling) - coupling, abs(coupling) + coupling  # energies above the rung's ground state
            same, other = np.exp(-beta * equal), np.exp(-beta * differ)
            shape = (-1, 2, 1 << row, value.shape[1])
            v, d = value.reshape(shape), slope.reshape(shape)
            slope = (same * (d - equal * v) + other * (d - differ * v)[:, ::-1]).reshape(value.shape)
            value = (same * v + other * v[:, ::-1]).reshape(value.shape)
        return value, slope

    def _spin_means(self, beta, weights, stored, first):
        """Return the spin means from the stored forward values and one backward pass."""
        behind = self._cross(beta, self.length - 1, first)[0] if self.is_periodic else first
        means = np.empty(self.rungs.shape)
        for c in range(self.length - 1, -1, -1):
            marginal = (stored[c] * behind).sum(axis=1)
            products = product_means(marginal / marginal.sum())
            means[c] = products[1 << np.arange(self.rungs.shape[1])]
            if c > 0:
                behind = self._cross(beta, c - 1, weights[c] * behind)[0]
                behind = behind / behind.max()
        return means.ravel()
