r"""Schwinger bosons in mean field on a periodic square: renormalised magnons, and correlations in time.

.. math:: H = \sum_k \lambda\, a_k^\dagger a_k - \tfrac12 (Q_k^* a_k a_{-k} + \mathrm{h.c.}), \qquad
          Q_k = \sum_\delta J_\delta D_\delta \cos k_\delta, \quad
          D_\delta = \frac{2}{N} \sum_k \cos k_\delta \langle a_k a_{-k} \rangle

for each of two flavours, with half a boson of either kind a site. The fields D move with the bosons, so magnons feel
each other, which those of linear spin waves do not. References: Arovas and Auerbach, Phys. Rev. B 38, 316 (1988); as
dynamics arXiv:2306.16382.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from ...emulator.spec.errors import InputError
from . import runge_kutta
from .light_cone import AnisotropicSquare, cones_of, steps_until

FILLING = 2.0  # 2 S + 1, the mean of lambda / omega


class SchwingerBosons(AnisotropicSquare):
    """Mean-field bosons of both flavours."""

    def pairing(self, fields):
        """Return Q of each momentum for fields D along x and y; ndarray, shape (side, side)."""
        return sum(j * d * cosine for j, d, cosine in zip(self.exchange, fields, self.cosines, strict=True))

    def fields(self, pairs):
        """Return D along x and y from the pair amplitudes."""
        return tuple(2.0 * (cosine * pairs).mean() for cosine in self.cosines)

    def ground(self, tolerance=1e-11):
        """Return occupation, pair amplitudes and lambda of the ground state; found by iteration of the fields.

        On a finite square the two soft modes keep a gap of the order of 1 / N, whose bosons are the ordered moment.
        """
        fields = (1.0, 1.0)
        for _ in range(10_000):
            pairing = self.pairing(fields)
            top = np.abs(pairing).max()

            below = (top - np.abs(pairing)) * (top + np.abs(pairing))  # of omega^2, without the gap's share

            def excess_filling(gap, top=top, below=below):
                return ((top + gap) / np.sqrt(below + gap * (2.0 * top + gap))).mean() - FILLING

            gap = brentq(excess_filling, 1e-16, 10.0 * top, xtol=1e-20, rtol=1e-14)
            level, omega = top + gap, np.sqrt(below + gap * (2.0 * top + gap))
            pairs = pairing / (2.0 * omega)
            moved = self.fields(pairs)
            if max(abs(a - b) for a, b in zip(moved, fields, strict=True)) < tolerance:
                return 0.5 * (level / omega - 1.0), pairs.astype(np.complex128), level
            fields = moved
        raise InputError(f"Fields must settle within 10000 iterations, not drift on, for side {self.side}")

    def velocities(self):
        """Return the magnon velocities along x and y at long wavelength: sqrt(Q_0 J_a D_a) from lambda = Q_0."""
        _, pairs, _ = self.ground()
        parts = [j * d for j, d in zip(self.exchange, self.fields(pairs), strict=True)]
        return tuple(float(np.sqrt(sum(parts).real * one.real)) for one in parts)


def correlations(pairs):
    """Return <S_0 . S_R> for R on the other sublattice (odd distances); ndarray, shape (side, side), float64.

    The mean constraint counts fluctuations 3 / 2 times over (Arovas and Auerbach): that factor is divided out.
    """
    return -(np.abs(np.fft.ifft2(pairs)) ** 2)


def evolve_bosons(before, after, step, n_steps):
    """Return occupation and pair amplitudes at t = 0, step, ... of ``before``'s ground state under ``after``.

    The equations dn/dt = 2 Im Q* m and dm/dt = -i (2 lambda m - Q (2 n + 1)) with Q from the fields of the moment, by
    fourth-order steps. The number of bosons is conserved because D is self-consistent; lambda only turns phases.
    """
    occupation, pairs, level = before.ground()

    def rate(state):
        n, m = state
        q = after.pairing(after.fields(m))
        return 2.0 * (np.conj(q) * m).imag, -1j * (2.0 * level * m - q * (2.0 * n + 1.0))

    return runge_kutta.steps(rate, (occupation, pairs), step, n_steps)


def boson_cones(side=96, excess=0.01, farthest=27, step=0.02):
    """Return the cones along x and y after the exchange along x grows by ``excess`` at once; two of `LightCone`."""
    before, after = SchwingerBosons(side), SchwingerBosons(side, excess)
    n_steps = steps_until(side, farthest, after.velocities(), step)
    maps = [correlations(pairs) for _, pairs in evolve_bosons(before, after, step, n_steps)]
    return cones_of(maps, farthest, step)
