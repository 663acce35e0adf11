"""Correlations after a change of the exchange along x: linear spin-wave theory on large squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError

SPIN = 0.5
ZERO_MODE = 1e-6  # of the band's square: modes softer than this are the two of the broken symmetry, left at rest


@dataclass(frozen=True, eq=False)
class SpinWaves:
    r"""Pairs of magnons of opposite momentum on a periodic square of N = side^2 sites, both sublattices.

    .. math:: H = \sum_k A (a_k^\dagger a_k + b_k^\dagger b_k) + B_k (a_k b_{-k} + \mathrm{h.c.}), \qquad
              A = S \sum_\delta J_\delta, \quad B_k = S \sum_\delta J_\delta \cos k \cdot \delta

    Parameters
    ----------
    side : int
        Sites along an edge, even.
    excess : float
        Exchange along x is 1 + excess, along y 1.
    """

    side: int
    excess: float = 0.0

    def __post_init__(self):
        if self.side < 4 or self.side % 2:
            raise InputError(f"Side must be even and 4 or more, not {self.side!r}")
        if not self.excess > -1.0:
            raise InputError(f"Excess of the exchange must be above -1, not {self.excess!r}")

    @property
    def diagonal(self):
        """A."""
        return SPIN * (2.0 * (1.0 + self.excess) + 2.0)

    @property
    def pairing(self):
        """B of each momentum; ndarray, shape (side, side), float64."""
        k = 2.0 * np.pi * np.arange(self.side) / self.side
        return SPIN * (2.0 * (1.0 + self.excess) * np.cos(k)[:, None] + 2.0 * np.cos(k)[None])

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
        j_x, j_y = 1.0 + self.excess, 1.0
        return tuple(2.0 * SPIN * float(np.sqrt((j_x + j_y) * j)) for j in (j_x, j_y))


def correlations(occupation, pairs):
    """Return <S_0 . S_R> for R on the other sublattice (odd distances); ndarray, shape (side, side), float64."""
    return -(SPIN**2) + 2.0 * SPIN * (occupation.mean() + np.fft.ifft2(pairs).real)


def evolve_pairs(before, after, step, n_steps):
    """Yield occupation and pair amplitude at t = 0, step, ... when ``before``'s ground state moves under ``after``.

    The equations dn/dt = -2 B Im m and dm/dt = -i (2 A m + B (2 n + 1)), by fourth-order steps.
    """
    a, b, moves = after.diagonal, np.where(after.moves, after.pairing, 0.0), after.moves

    def rate(state):
        occupation, pairs = state
        return -2.0 * b * pairs.imag, np.where(moves, -1j * (2.0 * a * pairs + b * (2.0 * occupation + 1.0)), 0.0)

    state = before.ground()
    yield state
    for _ in range(n_steps):
        rates = [rate(state)]
        for part in (0.5, 0.5, 1.0):
            moved = tuple(one + part * step * change for one, change in zip(state, rates[-1], strict=True))
            rates.append(rate(moved))
        state = tuple(
            one + step / 6.0 * (r1 + 2.0 * r2 + 2.0 * r3 + r4)
            for one, r1, r2, r3, r4 in zip(state, *rates, strict=True)
        )
        yield state


@dataclass(frozen=True, eq=False)
class LightCone:
    """When the correlation of two sites along an axis changes most.

    Parameters
    ----------
    distances : ndarray, shape (n,), int64
        Odd distances.
    arrivals : ndarray, shape (n,), float64
        Times of the largest change, in units of 1 / J.
    """

    distances: np.ndarray
    arrivals: np.ndarray

    @property
    def speed(self):
        """Slope of distance against arrival time, in lattice constants times J."""
        return float(np.polyfit(self.arrivals, self.distances, 1)[0])


def light_cones(side=96, excess=0.01, farthest=27, step=0.02):
    """Return the cones along x and y after the exchange along x grows by ``excess`` at once; two of `LightCone`.

    The change of the farthest pair, which no magnon has reached, is taken off: it is that of the occupation, equal for
    all distances.
    """
    if not 3 <= farthest < side // 2:
        raise InputError(f"Farthest distance must be 3..{side // 2 - 1}, not {farthest!r}")
    before, after = SpinWaves(side), SpinWaves(side, excess)
    duration = 1.3 * farthest / (2.0 * min(after.velocities()))
    odd = side // 2 - 1 if (side // 2) % 2 == 0 else side // 2
    rows = [correlations(*state) for state in evolve_pairs(before, after, step, round(duration / step))]
    series = np.array([(row[:odd, 0] - row[odd, 0], row[0, :odd] - row[0, odd]) for row in rows])
    change = np.abs(series - series[0])
    distances = np.arange(3, farthest + 1, 2)
    times = step * np.arange(len(rows))
    return tuple(LightCone(distances, times[change[:, axis, distances].argmax(axis=0)]) for axis in (0, 1))
