"""Retention of an array that was measured as a spread around the target at a few times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError
from .state_functions import StateFunction


@dataclass(frozen=True)
class QuadratureGrowth:
    r"""Independent displacement after the first read, so large that the published spread is met at every time.

    .. math:: G(t) = G(t_0) + \sqrt{\max(0, \sigma^2(t) - \sigma^2(t_0))}\; \xi

    Between two published times sigma is interpolated linearly in ln t. The spread at the reference read belongs to the
    programming law of the card. One xi per cell: a cell moves on one path and is not drawn anew.

    Parameters
    ----------
    times_s : tuple of float
        Published times, rising [s].
    sigmas : tuple of state functions
        Standard deviation at those times in units of ``unit_S``, as a function of the target over ``scale_S``.
    scale_S, unit_S : float
        Conductance at which the fitted g is 1, and the unit of the fits [S].
    """

    times_s: tuple[float, ...]
    sigmas: tuple[StateFunction, ...]
    scale_S: float
    unit_S: float = 1e-6

    def __post_init__(self):
        if len(self.times_s) < 2 or list(self.times_s) != sorted(set(self.times_s)) or not self.times_s[0] > 0:
            raise InputError(f"times_s must be two or more rising numbers above 0, not {self.times_s!r}")
        if len(self.sigmas) != len(self.times_s):
            raise InputError(f"sigmas must be {len(self.times_s)}, one for each of times_s, not {len(self.sigmas)}")
        for name in ("scale_S", "unit_S"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} must be above 0, not {getattr(self, name)!r}")

    @property
    def window_s(self):
        """Earliest and latest published time [s]."""
        return self.times_s[0], self.times_s[-1]

    def sigma_S(self, target_S, t_s):
        """Return the standard deviation around the target at ``t_s`` [S]."""
        last = len(self.times_s) - 2
        k = min(max(int(np.searchsorted(self.times_s, t_s, side="right")) - 1, 0), last)
        before_s, after_s = self.times_s[k : k + 2]
        share = np.log(t_s / before_s) / np.log(after_s / before_s)
        g = target_S / self.scale_S
        return self.unit_S * ((1 - share) * self.sigmas[k](g) + share * self.sigmas[k + 1](g))

    def begin(self, target_S, written_S, rng, t0_s):
        """Return the conductance at the reference read [S], and target and direction of each cell."""
        return written_S, {"aim_S": target_S, "growth": rng.standard_normal(target_S.shape)}

    def at(self, cells, t_s, t0_s):
        """Return the conductance of each cell at ``t_s`` [S], before any clip at zero; a new array."""
        aim_S = cells.drawn["aim_S"]
        gained = self.sigma_S(aim_S, t_s) ** 2 - self.sigma_S(aim_S, t0_s) ** 2
        return cells.programmed_S + np.sqrt(np.maximum(gained, 0.0)) * cells.drawn["growth"]
