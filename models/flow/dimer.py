"""A dimer among soft discs: a bond with two lengths in a dense solvent, in 76 dimensions as published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from ...emulator.spec.errors import InputError

RADIUS, BOX, WALL = 1.1, 3.0, 200.0
BOND = (25.0, 10.0)  # of the double well in d0 = 2 (d - 1.5)
MIDDLE = 1.5  # between closed and open
PIN = 20.0
NEAREST = 0.1  # squared distances below its square count as it: flows begin with discs on top of each other


@dataclass(frozen=True)
class SolvatedDimer:
    """Two bound discs, pinned to the x axis, among soft discs in a box of side 6. Energies in kT at temperature 1.

    U = sum of (1.1 / r)^12 over all pairs but the bond + c d0 - 25 d0^2 + 10 d0^4 with d0 = 2 (d - 1.5)
    + 20 (x1 + x2)^2 + 20 y1^2 + 20 y2^2 + 200 times the squared excess of every |coordinate| over 3.
    Source: Noe et al., Science 365, eaaw1147 (2019); its public code counts the box twice where flows are trained,
    which this does not.

    Parameters
    ----------
    n_solvent : int
        Discs besides the dimer; published 36.
    slope : float
        c; published 2 in the figures (and -0.5 as the code's default).
    """

    n_solvent: int = 36
    slope: float = 2.0
    name: str = "dimer"

    def __post_init__(self):
        if self.n_solvent < 1:
            raise InputError(f"Solvent discs must be 1 or more, not {self.n_solvent!r}")

    @property
    def n_dims(self):
        """Coordinates: x and y of both ends of the dimer, then of every disc."""
        return 2 * (self.n_solvent + 2)

    def energy(self, x, xp=np):
        """Return U of points, shape (n, d), in numpy or, as ``xp``, jax.numpy; shape (n,)."""
        places = x.reshape(len(x), -1, 2)
        first, second = np.triu_indices(self.n_solvent + 2, 1)
        first, second = first[1:], second[1:]  # the first pair is the bond
        squares = ((places[:, first] - places[:, second]) ** 2).sum(axis=2)
        repulsion = ((RADIUS**2 / xp.maximum(squares, NEAREST**2)) ** 6).sum(axis=1)
        excess = xp.maximum(xp.abs(x) - BOX, 0.0)
        pinned = PIN * ((places[:, 0, 0] + places[:, 1, 0]) ** 2 + places[:, 0, 1] ** 2 + places[:, 1, 1] ** 2)
        return repulsion + self.bond(self.coordinate(x, xp)) + pinned + WALL * (excess**2).sum(axis=1)

    def bond(self, length):
        """Return the energy of the bond; array like ``length``."""
        d0 = 2.0 * (length - MIDDLE)
        return self.slope * d0 - BOND[0] * d0**2 + BOND[1] * d0**4

    def coordinate(self, x, xp=np):
        """Return the length of the bond; shape (n,)."""
        return xp.sqrt((x[:, 0] - x[:, 2]) ** 2 + (x[:, 1] - x[:, 3]) ** 2 + 1e-12)

    def is_far(self, x):
        """Return whether the dimer is closed: its free energy is counted against the open one's, as published."""
        return self.coordinate(x) < MIDDLE

    def start(self, length):
        """Return a point with a bond of this length and discs on a lattice, those nearest to the dimer left out."""
        side = int(np.ceil(np.sqrt(self.n_solvent + 4)))
        marks = np.linspace(-BOX + 0.3, BOX - 0.3, side)
        lattice = np.stack(np.meshgrid(marks, marks, indexing="ij"), axis=-1).reshape(-1, 2)
        ends = np.array([[-length / 2, 0.0], [length / 2, 0.0]])
        gap = np.min(np.linalg.norm(lattice[:, None] - ends, axis=2), axis=1)
        kept = lattice[np.argsort(-gap, kind="stable")[: self.n_solvent]]
        return np.concatenate([ends, kept[np.lexsort(kept.T)]]).ravel()

    def relabelled(self, x, anchor):
        """Return points with discs named anew, so that the sum of squared distances to those of ``anchor`` is least.

        The left end of the dimer comes first. Every point has n! 2 equal copies; this keeps one of them.
        """
        places = np.array(x, dtype=np.float64).reshape(len(x), -1, 2)
        marks = np.asarray(anchor).reshape(-1, 2)[2:]
        swapped = places[:, 0, 0] > places[:, 1, 0]
        places[swapped, :2] = places[swapped, 1::-1]
        for one in places:
            cost = ((one[2:, None] - marks) ** 2).sum(axis=2)
            rows, columns = linear_sum_assignment(cost)
            one[2 + columns] = one[2 + rows]
        return places.reshape(len(x), -1)

    def is_named_right(self, x, anchor):
        """Return whether points are their own copy under `relabelled`; ndarray, shape (n,), bool."""
        return (np.abs(self.relabelled(x, anchor) - x) < 1e-9).all(axis=1)
