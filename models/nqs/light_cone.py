"""Correlations after a change of the exchange along x: linear spin-wave theory on large squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from . import runge_kutta

SPIN = 0.5
RIPPLE = 0.3  # of the largest change: smaller maxima are ripples before the front
ZERO_MODE = 1e-6  # of the band's square: modes softer than this are the two of the broken symmetry, left at rest


@dataclass(frozen=True, eq=False)
class AnisotropicSquare:
    """A periodic square of side^2 sites with exchange 1 + excess along x and 1 along y.

    Parameters
    ----------
    side : int
        Sites along an edge, even, 4 or more.
    excess : float
        How far the anisotropy lies above -1.
    """

    side: int
    excess: float = 0.0

    def __post_init__(self):
        if self.side < 4 or self.side % 2:
            raise InputError(f"Side must be even and 4 or more, not {self.side!r}")
        if not self.excess > -1.0:
            raise InputError(f"Excess of the exchange must be above -1, not {self.excess!r}")

    @property
    def exchange(self):
        """J along x and y."""
        return 1.0 + self.excess, 1.0

    @property
    def cosines(self):
        """Cos k_x and cos k_y of every momentum; two of shape (side, side)."""
        k = 2.0 * np.pi * np.arange(self.side) / self.side
        return np.broadcast_to(np.cos(k)[:, None], (self.side,) * 2), np.broadcast_to(np.cos(k), (self.side,) * 2)


class SpinWaves(AnisotropicSquare):
    r"""Pairs of magnons of opposite momentum, both sublattices.

    .. math:: H = \sum_k A (a_k^\dagger a_k + b_k^\dagger b_k) + B_k (a_k b_{-k} + \mathrm{h.c.}), \qquad
              A = S \sum_\delta J_\delta, \quad B_k = S \sum_\delta J_\delta \cos k \cdot \delta
    """

    @property
    def diagonal(self):
        """A."""
        return 2.0 * SPIN * sum(self.exchange)

    @property
    def pairing(self):
        """B of each momentum; ndarray, shape (side, side), float64."""
        return 2.0 * SPIN * sum(j * cosine for j, cosine in zip(self.exchange, self.cosines, strict=True))

    @property
    def frequencies(self):
        """Magnon energies; ndarray, shape (side, side), float64."""
        return np.sqrt(np.maximum(self.diagonal**2 - self.pairing**2, 0.0))

    @property
    def moves(self):
        """Momenta whose magnons are no zero modes; ndarray, shape (side, side), bool."""
        return self.diagonal**2 - self.pairing**2 > ZERO_MODE * self.diagonal**2

    def ground(self):
        """Return occupation n and pair amplitude m of each momentum; two of shape (side, side)."""
        omega = np.where(self.moves, self.frequencies, 1.0)
        occupation = np.where(self.moves, 0.5 * (self.diagonal / omega - 1.0), 0.0)
        return occupation, np.where(self.moves, -0.5 * self.pairing / omega, 0.0).astype(np.complex128)

    def velocities(self):
        """Return the magnon velocities along x and y at long wavelength, the highest of the band; float, float.

        From A^2 - B^2 = 4 S^2 (J_x + J_y) (J_x k_x^2 + J_y k_y^2) near k = 0.
        """
        return tuple(2.0 * SPIN * float(np.sqrt(sum(self.exchange) * j)) for j in self.exchange)


def correlations(occupation, pairs):
    """Return <S_0 . S_R> for R on the other sublattice (odd distances); ndarray, shape (side, side), float64."""
    return -(SPIN**2) + 2.0 * SPIN * (occupation.mean() + np.fft.ifft2(pairs).real)


def evolve_pairs(before, after, step, n_steps):
    """Return occupation and pair amplitude at t = 0, step, ... of ``before``'s ground state under ``after``.

    The equations dn/dt = -2 B Im m and dm/dt = -i (2 A m + B (2 n + 1)), by fourth-order steps.
    """
    a, b, moves = after.diagonal, np.where(after.moves, after.pairing, 0.0), after.moves

    def rate(state):
        occupation, pairs = state
        return -2.0 * b * pairs.imag, np.where(moves, -1j * (2.0 * a * pairs + b * (2.0 * occupation + 1.0)), 0.0)

    return runge_kutta.steps(rate, before.ground(), step, n_steps)


@dataclass(frozen=True, eq=False)
class LightCone:
    """When the change of the correlation of two sites along an axis first peaks.

    Parameters
    ----------
    distances : ndarray, shape (n,), int64
        Odd distances.
    arrivals : ndarray, shape (n,), float64
        Times of the first large maximum of the change, in units of 1 / J.
    """

    distances: np.ndarray
    arrivals: np.ndarray

    @property
    def speed(self):
        """Slope of distance against arrival time, in lattice constants times J."""
        return float(np.polyfit(self.arrivals, self.distances, 1)[0])


def light_cones(side=96, excess=0.01, farthest=27, step=0.02):
    """Return the cones along x and y after the exchange along x grows by ``excess`` at once; two of `LightCone`."""
    before, after = SpinWaves(side), SpinWaves(side, excess)
    n_steps = steps_until(side, farthest, after.velocities(), step)
    return cones_of([correlations(*state) for state in evolve_pairs(before, after, step, n_steps)], farthest, step)


def steps_until(side, farthest, velocities, step):
    """Return the steps in which pairs of magnons pass the farthest distance, with a third of the way to spare."""
    if not 3 <= farthest < side // 2:
        raise InputError(f"Farthest distance must be 3..{side // 2 - 1}, not {farthest!r}")
    return round(1.3 * farthest / (2.0 * min(velocities)) / step)


def cones_of(maps, farthest, step):
    """Return the cones along x and y of correlations in time; two of `LightCone`.

    The change of the farthest pair, which no magnon has reached, is taken off: it is equal for all distances.

    Parameters
    ----------
    maps : list of ndarray, shape (side, side), float64
        Correlations at t = 0, step, ...
    farthest : int
        Largest distance that is looked at.
    step : float
        Time step.
    """
    side = len(maps[0])
    odd = side // 2 - 1 if (side // 2) % 2 == 0 else side // 2
    series = np.array([(one[:odd, 0] - one[odd, 0], one[0, :odd] - one[0, odd]) for one in maps])
    change = np.abs(series - series[0])
    distances = np.arange(3, farthest + 1, 2)
    arrivals = [[step * _first_maximum(change[:, axis, r]) for r in distances] for axis in (0, 1)]
    return tuple(LightCone(distances, np.array(one)) for one in arrivals)


def _first_maximum(series):
    """Return where a series first turns down, small ripples left aside."""
    turns = (series[1:-1] > series[:-2]) & (series[1:-1] >= series[2:]) & (series[1:-1] > RIPPLE * series.max())
    return int(np.flatnonzero(turns)[0]) + 1
