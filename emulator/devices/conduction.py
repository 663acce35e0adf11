"""Conduction: the current through a device of known conductance, and its slope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError


@dataclass(frozen=True)
class Ohmic:
    """I = G V."""

    is_linear = True

    def current_A(self, conductance_S, voltage_V):
        """Return the current [A]; broadcasts."""
        return np.asarray(conductance_S) * voltage_V

    def slope_S(self, conductance_S, voltage_V):
        """Return dI/dV [S]; broadcasts."""
        return np.asarray(conductance_S) * np.ones_like(voltage_V, dtype=np.float64)


@dataclass(frozen=True)
class Sinh:
    """I = G V0 sinh(V / V0): hopping or tunnelling through a gap; G is the slope at zero voltage.

    Parameters
    ----------
    v0_V : float
        Voltage scale of the exponential [V]; 0.25 V in the Stanford/PKU compact model of HfOx.
        # Source: Guan et al., IEEE EDL 33, 1405 (2012)
    """

    v0_V: float = 0.25
    is_linear = False

    def __post_init__(self):
        if not self.v0_V > 0:
            raise InputError(f"v0_V must be above 0, not {self.v0_V!r}")

    def current_A(self, conductance_S, voltage_V):
        """Return the current [A]; broadcasts."""
        return np.asarray(conductance_S) * (self.v0_V * np.sinh(np.asarray(voltage_V) / self.v0_V))

    def slope_S(self, conductance_S, voltage_V):
        """Return dI/dV [S]; broadcasts."""
        return np.asarray(conductance_S) * np.cosh(np.asarray(voltage_V) / self.v0_V)
