r"""Exact diffusion of an axially symmetric macrospin: equilibrium, slowest rate, dwell times; no simulation.

With u the component along the easy axis, x the reduced field and D = alpha gamma kT / ((1 + alpha^2) Ms V):

.. math:: \partial_t P = D\, \partial_u (1 - u^2) \left( \partial_u - 2 \Delta (u + x) \right) P

A collinear spin-transfer torque a acts as the field a / alpha. References: Brown, Phys. Rev. 130, 1677 (1963), Eq. 3.4;
Butler et al., IEEE Trans. Magn. 48, 4684 (2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError

# Finite volumes; the rate errs by a few 1e-6 at Delta = 0 ... 40 (tests/unit/emulator/devices/test_smtj_macrospin.py)
CELLS = 4000
POWER_STEPS = 200  # inverse iterations at most
CONVERGED = 1e-12


@dataclass(frozen=True)
class Diffusion:
    """Equilibrium and slowest mode of one magnet under one drive.

    Parameters
    ----------
    rate_Hz : float
        Decay rate of the slowest mode, rate up + rate down of the telegraph [1/s].
    share_up : float
        Probability of the well beyond the saddle at u = -x [1].
    mean : float
        Mean of u [1].
    """

    rate_Hz: float
    share_up: float
    mean: float

    @property
    def dwell_s(self):
        """Mean time spent up and down, 1 / (rate share_down) and 1 / (rate share_up) [s]."""
        return 1.0 / (self.rate_Hz * (1.0 - self.share_up)), 1.0 / (self.rate_Hz * self.share_up)


def solve(magnet, x=0.0):
    """Solve the diffusion of an axial magnet under reduced drive ``x``.

    Parameters
    ----------
    magnet : Magnet
        With two equal hard axes, or no anisotropy.
    x : float
        Field along the easy axis over its anisotropy field [1], between -1 and 1.

    Returns
    -------
    Diffusion

    Raises
    ------
    InputError
        If the magnet is not axial or x is outside.
    """
    if not magnet.is_axial:
        raise InputError(f"Magnet must be axial for an exact diffusion, not {magnet.anisotropy_T}; simulate it")
    if not -1 < x < 1:
        raise InputError(f"Reduced drive must be between -1 and 1, where both wells exist, not {x!r}")
    edges = np.linspace(-1.0, 1.0, CELLS + 1)
    u = (edges[1:] + edges[:-1]) / 2.0
    exponent = magnet.barrier_kT * ((u + x) ** 2)
    weight = np.exp(exponent - exponent.max())
    inner = edges[1:-1]
    conductance = (1.0 - inner**2) * np.exp(magnet.barrier_kT * (inner + x) ** 2 - exponent.max()) / (u[1] - u[0]) ** 2
    weight /= weight.sum()
    conductance /= np.exp(exponent - exponent.max()).sum()
    unit = 1.0 / (2.0 * magnet.relaxation_s)
    up = np.clip((edges[1:] + x) / (u[1] - u[0]), 0.0, 1.0)  # part of each cell beyond the saddle
    return Diffusion(unit * _slowest(weight, conductance), float((weight * up).sum()), float((weight * u).sum()))


def _slowest(weight, conductance):
    """Return the smallest positive eigenvalue of a chain of cells by inverse iteration.

    The inverse is two running sums of terms, so that a rate of e^-40 keeps all its digits.
    """
    mode = np.sign(np.arange(weight.size) - weight.size / 2 + 0.5)
    previous = np.inf
    for _ in range(POWER_STEPS):
        mode = mode - (weight * mode).sum()
        flow = np.cumsum(weight * mode)[:-1]
        image = np.concatenate([[0.0], np.cumsum(-flow / conductance)])
        image -= (weight * image).sum()
        rate = (weight * mode * mode).sum() / (weight * mode * image).sum()
        if abs(rate - previous) <= CONVERGED * rate:
            break
        previous, mode = rate, image / np.abs(image).max()
    return float(rate)
