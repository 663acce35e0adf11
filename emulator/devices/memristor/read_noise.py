"""Read noise lumped into one standard deviation: what 1/f noise adds up to between programming and a read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError
from .state_functions import StateFunction


def octaves_of_noise(t_s, t_read_s):
    """Return ln((t + t_read) / (2 t_read)), the integral of 1/f over the band a read at ``t_s`` sees [1]."""
    return np.log((t_s + t_read_s) / (2 * t_read_s))


def _check_read_time(t_read_s):
    if not t_read_s > 0:
        raise InputError(f"t_read_s must be above 0, not {t_read_s!r}")


@dataclass(frozen=True)
class FlickerNoise:
    r"""1/f noise that is proportional to the conductance: S_G(f) = G^2 Q^2 / f.

    .. math:: \sigma(t) = G(t)\; Q(g) \sqrt{\ln\frac{t + t_\mathrm{read}}{2\, t_\mathrm{read}}}

    Parameters
    ----------
    strength : Polynomial, ClippedLog, CappedPower or Piecewise
        Q as a function of the programmed conductance over ``scale_S`` [1]. Publications print it over the target;
        the programmed state also holds for cells that are stuck or moved to a level, and IBM's code takes it too.
    scale_S : float
        Conductance at which the fitted g is 1 [S].
    t_read_s : float
        Duration of one read [s].
    """

    strength: StateFunction
    scale_S: float
    t_read_s: float

    def __post_init__(self):
        _check_read_time(self.t_read_s)
        if not self.scale_S > 0:
            raise InputError(f"scale_S must be above 0, not {self.scale_S!r}")

    def sigma_S(self, conductance_S, programmed_S, t_s):
        """Return the standard deviation of a read at ``t_s`` of cells that now have ``conductance_S`` [S]."""
        lumped = np.sqrt(octaves_of_noise(t_s, self.t_read_s))
        return conductance_S * self.strength(programmed_S / self.scale_S) * lumped


@dataclass(frozen=True)
class LogConductanceNoise:
    r"""1/f noise whose spread grows with the logarithm of the conductance.

    .. math:: \sigma(t) = k\, \log_{10}(G / 1\,\mu\mathrm{S}) \sqrt{\ln\frac{t + t_\mathrm{read}}{2\, t_\mathrm{read}}}

    Parameters
    ----------
    k_S : float
        Spread at 10 uS and unit band [S].
    t_read_s : float
        Duration of one read [s].
    """

    k_S: float
    t_read_s: float

    def __post_init__(self):
        _check_read_time(self.t_read_s)
        if not self.k_S >= 0:
            raise InputError(f"k_S must be at least 0, not {self.k_S!r}")

    def sigma_S(self, conductance_S, programmed_S, t_s):
        """Return the standard deviation of a read at ``t_s`` of cells that now have ``conductance_S`` [S]."""
        decades = np.log10(np.maximum(conductance_S / 1e-6, 1.0))  # below 1 uS the law has no meaning: no noise
        return self.k_S * decades * np.sqrt(octaves_of_noise(t_s, self.t_read_s))
