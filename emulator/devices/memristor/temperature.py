"""Thermally activated conduction: conductance against temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError

BOLTZMANN_EV_K = 8.617333262e-5  # Source: CODATA 2018, exact in the SI


@dataclass(frozen=True)
class Arrhenius:
    r"""Conductance that is activated with an energy of its state.

    .. math:: G(T) = G(T_0)\, \exp\left(-\frac{E_a(g)}{k}\left(\frac1T - \frac1{T_0}\right)\right)

    Parameters
    ----------
    low_eV, high_eV : float
        Activation energy of a cell without conductance and of one at ``scale_S`` [eV]; linear in between.
    scale_S : float
        Conductance that belongs to ``high_eV`` [S].
    reference_K : float
        T0, the temperature at which the conductances of the card hold [K].
    """

    low_eV: float
    high_eV: float
    scale_S: float
    reference_K: float = 300.0

    def __post_init__(self):
        for name in ("scale_S", "reference_K"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} must be above 0, not {getattr(self, name)!r}")
        for name in ("low_eV", "high_eV"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} must be at least 0, not {getattr(self, name)!r}")

    def factor(self, programmed_S, temperature_K):
        """Return G(T) / G(T0) of each cell [1]."""
        g = np.clip(programmed_S / self.scale_S, 0.0, 1.0)
        energy_eV = self.low_eV + (self.high_eV - self.low_eV) * g
        return np.exp(-energy_eV / BOLTZMANN_EV_K * (1 / temperature_K - 1 / self.reference_K))
