"""Finite levels: a cell that can be programmed to a few conductances only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError


@dataclass(frozen=True)
class UniformLevels:
    """Levels that are uniform in conductance, the ends of the window included.

    Parameters
    ----------
    n_levels : int
        2 for a binary cell, 4 to 64 for the 2 to 6 bits of published multilevel cells.
    """

    n_levels: int

    def __post_init__(self):
        if not (isinstance(self.n_levels, int) and self.n_levels >= 2):
            raise InputError(f"n_levels must be an integer of at least 2, not {self.n_levels!r}")

    def nearest_S(self, target_S, g_min_S, g_max_S):
        """Return the level nearest to each target [S]; a new array."""
        step_S = (g_max_S - g_min_S) / (self.n_levels - 1)
        return g_min_S + np.rint((target_S - g_min_S) / step_S) * step_S
