"""Read noise correlated in time: the relative conductance of every cell at successive times."""

from __future__ import annotations

import numpy as np

from ...spec.errors import InputError


class NoiseTrace:
    """Sum of independent noise processes, read as a factor on the conductance.

    Parameters
    ----------
    *processes : FlickerProcess or TelegraphProcess
        Each has ``deviation``, an ndarray of the cells' relative deviations [1], and ``advance(dt_s)``. They are
        moved by this trace from here on and belong to no other.

    Attributes
    ----------
    time_s : float
        Time since the trace began [s].
    """

    def __init__(self, *processes):
        if not processes:
            raise InputError("Processes must be at least one, not none")
        self._processes = processes
        self.time_s = 0.0

    @property
    def relative(self):
        """Conductance over its noiseless value, now; a new float64 array of the cells' shape, never below 0 [1]."""
        return np.maximum(1.0 + sum(process.deviation for process in self._processes), 0.0)

    def advance(self, dt_s):
        """Move on by ``dt_s`` and return `relative`; the law does not depend on how a time is cut into steps.

        Raises
        ------
        InputError
            If the step is negative or not finite.
        """
        if not 0 <= dt_s < np.inf:
            raise InputError(f"Time step must be finite and at least 0 s, not {dt_s!r} s")
        for process in self._processes:
            process.advance(dt_s)
        self.time_s += dt_s
        return self.relative

    def at(self, times_s):
        """Yield `relative` at each of some rising times since the trace began [s].

        Raises
        ------
        InputError
            If a time lies in the past of the trace.
        """
        for t_s in times_s:
            if t_s < self.time_s:
                raise InputError(f"Time must be at least {self.time_s!r} s, where the trace stands, not {t_s!r} s")
            yield self.advance(t_s - self.time_s)
