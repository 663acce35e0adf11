"""Drift of a junction's bias: ageing in logarithmic time, and a mean-reverting wander (Ornstein-Uhlenbeck)."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from ...spec.errors import InputError


@dataclass(frozen=True)
class BiasDrift:
    r"""Offset that adds to a junction's own: slope ln(1 + t / t0) and an Ornstein-Uhlenbeck process.

    .. math:: o(t) = a \ln(1 + t / t_0) + w(t), \qquad \langle w(0) w(t) \rangle = \sigma^2 e^{-|t| / \tau}

    A declared law, not a fitted one: published junctions drift, and a loop that tracks the bias undoes it
    (arXiv:2510.20735), but no table of the drift is public.

    Parameters
    ----------
    ageing : float
        a, mean over devices [drive unit]; of either sign.
    cv_ageing : float
        Standard deviation of a from device to device over its mean [1].
    onset_s : float
        Time t0 at which drift sets in [s].
    wander : float
        Sigma of the wander [drive unit].
    memory_s : float
        Tau of the wander [s].

    Raises
    ------
    InputError
        If a number breaks its rule.
    """

    ageing: float = 0.0
    cv_ageing: float = 0.0
    onset_s: float = 1.0
    wander: float = 0.0
    memory_s: float = 1.0

    def __post_init__(self):
        """Refuse numbers that make no drift."""
        if not isfinite(self.ageing):
            raise InputError(f"Drift ageing must be finite, not {self.ageing!r}")
        for label in ("onset_s", "memory_s"):
            value = getattr(self, label)
            if not (isfinite(value) and value > 0):
                raise InputError(f"Drift {label} must be above 0 s, not {value!r}")
        for label in ("cv_ageing", "wander"):
            value = getattr(self, label)
            if not (isfinite(value) and value >= 0):
                raise InputError(f"Drift {label} must be 0 or above, not {value!r}")

    def offsets(self, times_s, n_devices, rng):
        """Return the added offset of each device at given times, exact in distribution for any spacing.

        Parameters
        ----------
        times_s : array_like, shape (n_times,), float64
            Times from 0 on, not descending [s].
        n_devices : int
            Devices, each with its own ageing and wander.
        rng : numpy.random.Generator
            Source of the draws.

        Returns
        -------
        ndarray, shape (n_times, n_devices), float64
            To be subtracted from the drive of a card [drive unit].

        Raises
        ------
        InputError
            If times descend or begin before 0.
        """
        times_s = np.asarray(times_s, dtype=np.float64)
        spans_s = np.diff(times_s, prepend=0.0)
        if times_s.ndim != 1 or not (spans_s >= 0).all():
            raise InputError(f"Times must be a list that does not descend from 0 s, not {times_s.tolist()}")
        ageing = self.ageing * (1.0 + self.cv_ageing * rng.standard_normal(n_devices))
        kept = np.exp(-spans_s / self.memory_s)
        fresh = np.sqrt(-np.expm1(-2.0 * spans_s / self.memory_s))
        noise = self.wander * rng.standard_normal((times_s.size + 1, n_devices))
        wander, level = np.empty((times_s.size, n_devices)), noise[0]
        for k in range(times_s.size):
            level = kept[k] * level + fresh[k] * noise[k + 1]
            wander[k] = level
        return ageing * np.log1p(times_s / self.onset_s)[:, None] + wander
