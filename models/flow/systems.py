"""Two-dimensional potentials with exact references by quadrature: the double well and Mueller and Brown's surface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from ...emulator.spec.errors import InputError

N_CELLS = 1200  # of each coordinate, of each side of the split


@dataclass(frozen=True)
class Exact:
    """Reference of a potential at one temperature.

    Parameters
    ----------
    log_z : float
        ln of the integral of exp(-U / T).
    difference : float
        Free energy of the far state less that of the near one, over T.
    energy : float
        Mean of the potential energy U.
    """

    log_z: float
    difference: float
    energy: float


class Potential(ABC):
    """A potential of two coordinates with two states that one coordinate tells apart."""

    name: str
    box: tuple[tuple[float, float], tuple[float, float]]
    axis: int
    split: float

    @abstractmethod
    def energy(self, x, xp=np):
        """Return U of points, shape (n, 2), in numpy or, as ``xp``, jax.numpy; shape (n,)."""

    def coordinate(self, x, xp=np):
        """Return the coordinate that tells the states apart; shape (n,)."""
        del xp
        return x[:, self.axis]

    @abstractmethod
    def is_far(self, x):
        """Return whether points lie in the state whose free energy is counted; ndarray, shape (n,), bool."""

    @abstractmethod
    def starts(self):
        """Return a point in each state; ndarray, shape (2, 2), the near state first."""

    def exact(self, temperature=1.0):
        """Return the reference by quadrature on a grid that leaves no weight outside."""
        if not temperature > 0:
            raise InputError(f"Temperature must be above 0, not {temperature!r}")
        axes, widths = zip(*(self._midpoints(k) for k in (0, 1)), strict=True)
        points = np.stack([one.ravel() for one in np.meshgrid(*axes, indexing="ij")], axis=1)
        energies = self.energy(points)
        logs = -energies / temperature + np.log(np.outer(*widths).ravel())
        far = self.is_far(points)
        weight = np.exp(logs - logs.max())
        difference = logsumexp(logs[~far]) - logsumexp(logs[far])
        return Exact(float(logsumexp(logs)), float(difference), float(weight @ energies / weight.sum()))

    def _midpoints(self, k):
        """Return midpoints of cells along one coordinate and their widths; the split is the edge of two cells."""
        ends = (self.box[k][0], self.split, self.box[k][1]) if k == self.axis else self.box[k]
        edges = np.concatenate([np.linspace(a, b, N_CELLS + 1)[:-1] for a, b in zip(ends, ends[1:], strict=False)])
        edges = np.append(edges, ends[-1])
        return 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)


class DoubleWell(Potential):
    """U = x^4 - 6 x^2 + x + y^2 / 2. Source: Noe et al., Science 365, eaaw1147 (2019)."""

    name, box, axis, split = "double well", ((-3.6, 3.6), (-14.0, 14.0)), 0, 0.083527

    def energy(self, x, xp=np):
        """Return U, see `Potential`."""
        del xp
        return x[:, 0] ** 4 - 6.0 * x[:, 0] ** 2 + x[:, 0] + 0.5 * x[:, 1] ** 2

    def is_far(self, x):
        """Return whether points lie in the right, shallower well."""
        return x[:, 0] > self.split

    def starts(self):
        """Return both minima."""
        return np.array([[-1.772303, 0.0], [1.688776, 0.0]])


class MuellerBrown(Potential):
    """A tenth of Mueller and Brown's surface, four Gaussian terms. Source: Theor. Chim. Acta 53, 75 (1979)."""

    name, box, axis, split = "Mueller-Brown", ((-3.2, 2.4), (-1.8, 3.6)), 1, 0.8
    TERMS = (
        (-20.0, -1.0, 0.0, -10.0, 1.0, 0.0),
        (-10.0, -1.0, 0.0, -10.0, 0.0, 0.5),
        (-17.0, -6.5, 11.0, -6.5, -0.5, 1.5),
        (1.5, 0.7, 0.6, 0.7, -1.0, 1.0),
    )

    def energy(self, x, xp=np):
        """Return U, see `Potential`."""
        total = 0.0
        for size, a, b, c, x0, y0 in self.TERMS:
            dx, dy = x[:, 0] - x0, x[:, 1] - y0
            total = total + size * xp.exp(xp.minimum(a * dx**2 + b * dx * dy + c * dy**2, 60.0))
        return total

    def is_far(self, x):
        """Return whether points lie in the lower, shallower basin."""
        return x[:, 1] < self.split

    def starts(self):
        """Return the deepest minimum of each basin."""
        return np.array([[-0.55822, 1.44173], [0.62350, 0.02804]])


SYSTEMS = {"double-well": DoubleWell(), "mueller-brown": MuellerBrown()}


def metropolis_states(system, n_states, seed, temperature=1.0, n_steps=400, width=0.1):
    """Return states near each minimum, as walkers that have not crossed; ndarray, shape (2 n_states, 2).

    Parameters
    ----------
    system : Potential
        The potential.
    n_states : int
        Walkers of each state.
    seed : int
        Seed of the walk.
    temperature : float
        Temperature of the walk.
    n_steps : int
        Moves of each walker.
    width : float
        Standard deviation of a move.
    """
    rng = np.random.default_rng(seed)
    x = np.repeat(system.starts(), n_states, axis=0)
    energy = system.energy(x)
    for _ in range(n_steps):
        moved = x + width * rng.standard_normal(x.shape)
        there = system.energy(moved)
        accepted = np.log(rng.random(len(x))) < (energy - there) / temperature
        x, energy = np.where(accepted[:, None], moved, x), np.where(accepted, there, energy)
    return x
