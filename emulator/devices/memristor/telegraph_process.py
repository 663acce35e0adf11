"""Random telegraph noise: a defect beside each filament that traps and releases one charge."""

from __future__ import annotations

import numpy as np

from ...spec.errors import InputError


class TelegraphProcess:
    r"""Two-state Markov process of each cell, stationary from the first moment, with mean zero.

    With p = tau_high / (tau_low + tau_high), the share of time in the high state, and
    1 / tau = 1 / tau_low + 1 / tau_high, the chance to be high a step later is exactly

    .. math:: P(\mathrm{high}, t + \Delta) = p + [s(t) - p]\, e^{-\Delta / \tau}, \qquad s \in \{0, 1\}

    and the relative deviation is step (s - p): variance step^2 p (1 - p), one-sided density
    4 step^2 p (1 - p) tau / (1 + (2 pi f tau)^2).

    Parameters
    ----------
    step : ndarray, any shape, float64
        Relative conductance between the two states of each cell [1]; 0 for a cell without a defect.
    tau_low_s, tau_high_s : float or ndarray of that shape
        Mean time in the low and in the high state [s].
    rng : numpy.random.Generator
        Source of all draws, kept.
    """

    def __init__(self, step, tau_low_s, tau_high_s, rng):
        self._step = np.array(step, dtype=np.float64)
        if not np.isfinite(self._step).all():
            raise InputError("Relative step must be finite in every cell, not infinite or NaN")
        low, high = (np.array(tau, dtype=np.float64) for tau in (tau_low_s, tau_high_s))
        for name, tau in (("tau_low_s", low), ("tau_high_s", high)):
            if not ((tau > 0) & (tau < np.inf)).all():
                raise InputError(f"{name} must be finite and above 0, not {tau.min():g}")
        self._share = np.broadcast_to(high / (low + high), self._step.shape)
        self._rate_Hz = np.broadcast_to(1 / low + 1 / high, self._step.shape)
        self._rng = rng
        self.is_high = rng.random(self._step.shape) < self._share

    @property
    def deviation(self):
        """Relative deviation of each cell, now; a new array [1]."""
        return self._step * (self.is_high - self._share)

    def advance(self, dt_s):
        """Move on by ``dt_s``, exactly."""
        chance = self._share + (self.is_high - self._share) * np.exp(-dt_s * self._rate_Hz)
        self.is_high = self._rng.random(self._step.shape) < chance
