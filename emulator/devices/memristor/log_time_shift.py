"""Retention as a shift and a widening that grow with the logarithm of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError


@dataclass(frozen=True)
class LogTimeShift:
    r"""Displacement of each cell from what verification left, whatever its conductance; t in seconds.

    .. math:: G(t) = G_\mathrm{verified} + a \ln t + (b \ln t + c)\, \xi, \qquad t \ge 1\,\mathrm{s}

    Parameters
    ----------
    shift_S, widening_S : float
        a and b, per unit of ln t [S].
    spread_S : float
        c, the spread at one second [S].
    """

    shift_S: float
    widening_S: float
    spread_S: float

    def __post_init__(self):
        for name in ("widening_S", "spread_S"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} must be at least 0, not {getattr(self, name)!r}")

    @property
    def window_s(self):
        """Earliest and latest time that the law can answer; the card narrows it [s]."""
        return 1.0, np.inf

    def displacement_S(self, xi, t_s):
        """Return the displacement at ``t_s`` of cells with normal numbers ``xi`` [S]."""
        return self.shift_S * np.log(t_s) + (self.widening_S * np.log(t_s) + self.spread_S) * xi

    def begin(self, target_S, written_S, rng, t0_s):
        """Return the conductance ``t0_s`` after verification [S] and the number ``xi`` of each cell."""
        xi = rng.standard_normal(target_S.shape)
        return written_S + self.displacement_S(xi, t0_s), {"xi": xi}

    def at(self, cells, t_s, t0_s):
        """Return the conductance of each cell at ``t_s`` [S], before any clip at zero; a new array."""
        xi = cells.drawn["xi"]
        return cells.programmed_S + self.displacement_S(xi, t_s) - self.displacement_S(xi, t0_s)
