"""A potential in coordinates of mean 0 and deviation 1, where flows of many dimensions learn faster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Whitened:
    """A potential seen through x = mean + scale u, its energy less ln of the volume, so that Z stays what it was.

    Parameters
    ----------
    system : Potential
        The potential, in coordinates x.
    mean, scale : ndarray, shape (d,), float64
        Mean and scale of the data.
    """

    system: object
    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, system, data):
        """Return the potential seen through the mean and the deviation of data, shape (n, d)."""
        return cls(system, data.mean(axis=0), data.std(axis=0))

    def to_u(self, x):
        """Return coordinates u of points x."""
        return (x - self.mean) / self.scale

    def to_x(self, u):
        """Return points x of coordinates u."""
        return self.mean + self.scale * u

    def energy(self, u, xp=np):
        """Return U(x) - sum of ln scale, at temperature 1; shape (n,)."""
        return self.system.energy(self.to_x(u), xp) - np.log(self.scale).sum()

    def coordinate(self, u, xp=np):
        """Return the coordinate that tells the states apart; shape (n,)."""
        return self.system.coordinate(self.to_x(u), xp)

    def is_far(self, u):
        """Return whether points lie in the state whose free energy is counted."""
        return self.system.is_far(self.to_x(u))
