"""Drift of phase-change memory: a power law in time, with an exponent of each cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError
from .state_functions import StateFunction


@dataclass(frozen=True)
class PowerLawDrift:
    r"""Structural relaxation of the amorphous phase.

    .. math:: G(t) = G(t_0)\,(t/t_0)^{-\nu}, \qquad \nu = |\mu(g) + s(g)\,\xi|

    Parameters
    ----------
    mean, spread : Polynomial, ClippedLog, CappedPower or Piecewise
        mu and s as functions of the target over ``scale_S`` [1].
    scale_S : float
        Conductance at which the fitted g is 1 [S].
    """

    mean: StateFunction
    spread: StateFunction
    scale_S: float

    def __post_init__(self):
        if not self.scale_S > 0:
            raise InputError(f"scale_S must be above 0, not {self.scale_S!r}")

    @property
    def window_s(self):
        """Earliest and latest time that the law can answer; the card narrows it [s]."""
        return 0.0, np.inf

    def begin(self, target_S, written_S, rng, t0_s):
        """Return the conductance at the reference read [S] and the exponent ``nu`` of each cell."""
        g = target_S / self.scale_S
        return written_S, {"nu": np.abs(self.mean(g) + self.spread(g) * rng.standard_normal(g.shape))}

    def at(self, cells, t_s, t0_s):
        """Return the conductance of each cell at ``t_s`` [S]; a new array."""
        return cells.programmed_S * (t_s / t0_s) ** -cells.drawn["nu"]
