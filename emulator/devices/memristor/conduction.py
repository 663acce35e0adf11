"""Conduction: the current through a device of known conductance, and its slope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError


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


@dataclass(frozen=True)
class Cubic:
    r"""Third-order polynomial whose coefficients depend on the conductance.

    .. math:: I = G V + n_2(\log_{10} G)\, V^2 + n_3(\log_{10} G)\, V^3, \qquad G \text{ in S}

    Beyond ``g_low_S`` to ``g_high_S``, where a cell may end by its programming error, the shape of the nearest fitted
    curve is kept: n2 / G and n3 / G stay what they are at that end.

    Parameters
    ----------
    second, third : tuple of float
        Polynomials n2 [S/V] and n3 [S/V^2] in log10(G / 1 S), from the constant upwards.
    g_low_S, g_high_S : float
        Fitted range [S].
    """

    second: tuple[float, ...]
    third: tuple[float, ...]
    g_low_S: float
    g_high_S: float
    is_linear = False

    def __post_init__(self):
        if not 0 < self.g_low_S < self.g_high_S:
            raise InputError(f"g_low_S must be above 0 and below g_high_S = {self.g_high_S!r}, not {self.g_low_S!r}")

    def _relative(self, conductance_S):
        fitted_S = np.clip(conductance_S, self.g_low_S, self.g_high_S)
        x = np.log10(fitted_S)
        polyval = np.polynomial.polynomial.polyval
        return polyval(x, self.second) / fitted_S, polyval(x, self.third) / fitted_S

    def current_A(self, conductance_S, voltage_V):
        """Return the current [A]; broadcasts."""
        second, third = self._relative(conductance_S)
        v = np.asarray(voltage_V)
        return np.asarray(conductance_S) * v * (1 + v * (second + v * third))

    def slope_S(self, conductance_S, voltage_V):
        """Return dI/dV [S]; broadcasts."""
        second, third = self._relative(conductance_S)
        v = np.asarray(voltage_V)
        return np.asarray(conductance_S) * (1 + v * (2 * second + 3 * v * third))
