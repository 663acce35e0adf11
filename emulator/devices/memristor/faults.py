"""Cells that ignore programming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError


@dataclass(frozen=True)
class StuckCells:
    """Independent cells stuck at the bottom or at the top of the window.

    Parameters
    ----------
    low, high : float
        Share of cells stuck at ``g_min_S`` and at ``g_max_S`` [1]. The default is that of MNSIM 2.0;
        chips of HfO2 have been reported with about 0.1 in total.
        # Source: MNSIM 2.0, SimConfig.ini, device SAF 0.1 % and 0.1 %
    """

    low: float = 0.001
    high: float = 0.001

    def __post_init__(self):
        for name in ("low", "high"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} must be within 0 to 1, not {getattr(self, name)!r}")
        if self.low + self.high > 1:
            raise InputError(f"low + high must be at most 1, not {self.low + self.high!r}")

    def draw(self, shape, rng):
        """Return which cells are stuck low and which are stuck high; two bool arrays of that shape."""
        u = rng.random(shape)
        return u < self.low, (u >= self.low) & (u < self.low + self.high)


def no_faults(shape):
    """Return two bool arrays of that shape without a stuck cell."""
    return np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
