"""Periodic chains and square lattices: bonds, translations, sublattices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...emulator.spec.errors import InputError


@dataclass(frozen=True)
class Lattice:
    """A periodic lattice with one site a cell.

    Parameters
    ----------
    shape : tuple of int
        (L,) for a chain, (L, L) for a square; sides of 3 or more.
    """

    shape: tuple[int, ...]

    def __post_init__(self):
        object.__setattr__(self, "shape", tuple(int(side) for side in self.shape))
        if len(self.shape) not in (1, 2) or min(self.shape) < 3:
            raise InputError(f"Lattice must be a chain or a rectangle with sides of 3 or more, not {self.shape}")

    @property
    def n_sites(self):
        """Number of sites."""
        return int(np.prod(self.shape))

    @cached_property
    def coordinates(self):
        """Coordinates of each site, the last axis fastest; ndarray, shape (n, n_dims), int64."""
        return np.stack(np.unravel_index(np.arange(self.n_sites), self.shape), axis=1)

    @cached_property
    def sums(self):
        """Site r_i + r_j on the torus; ndarray, shape (n, n), int64."""
        total = (self.coordinates[:, None] + self.coordinates[None]) % np.array(self.shape)
        return np.ravel_multi_index(tuple(np.moveaxis(total, -1, 0)), self.shape)

    @cached_property
    def bonds(self):
        """Nearest neighbours, each pair once; ndarray, shape (n n_dims, 2), int64."""
        return self.pairs([tuple(int(axis == k) for k in range(len(self.shape))) for axis in range(len(self.shape))])

    @cached_property
    def diagonals(self):
        """Next-nearest neighbours of a square lattice; ndarray, shape (2 n, 2), int64."""
        if len(self.shape) != 2:
            raise InputError(f"Diagonals must be of a square lattice, not of {self.shape}")
        return self.pairs([(1, 1), (1, -1)])

    def pairs(self, steps):
        """Return each site with the one a step away, for several steps; ndarray, shape (n_steps n, 2), int64."""
        found = []
        for step in steps:
            moved = (self.coordinates + np.array(step)) % np.array(self.shape)
            others = np.ravel_multi_index(tuple(moved.T), self.shape)
            found.append(np.stack([np.arange(self.n_sites), others], axis=1))
        return np.concatenate(found)

    @cached_property
    def sublattice(self):
        """+1 and -1 on the two sublattices; ndarray, shape (n,), int8. Sides must be even."""
        if any(side % 2 for side in self.shape):
            raise InputError(f"Sides must be even for two sublattices, not {self.shape}")
        return (1 - 2 * (self.coordinates.sum(axis=1) % 2)).astype(np.int8)
