"""Functions of the state of a device: a number that depends on its conductance relative to a scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError

# Below this relative conductance a logarithm or a power is evaluated here, as published users of these fits do.
# Source: aihwkit, noise/pcm.py, _ZERO_CLIP
SMALLEST_STATE = 1e-7


@dataclass(frozen=True)
class Polynomial:
    """Sum of ``coefficients[k] * g**k``, at least ``low``.

    Parameters
    ----------
    coefficients : tuple of float
        Coefficients, from the constant upwards.
    low : float
        Floor of the value.
    """

    coefficients: tuple[float, ...]
    low: float = 0.0

    def __post_init__(self):
        if not self.coefficients:
            raise InputError("coefficients must hold at least one number, not ()")

    def __call__(self, g):
        """Return the value at relative conductance ``g``, an ndarray of float64."""
        return np.maximum(np.polynomial.polynomial.polyval(g, self.coefficients), self.low)


@dataclass(frozen=True)
class ClippedLog:
    """``slope * ln(g) + offset``, held within ``low`` and ``high``."""

    slope: float
    offset: float
    low: float
    high: float

    def __post_init__(self):
        if not self.low <= self.high:
            raise InputError(f"low must be at most high = {self.high!r}, not {self.low!r}")

    def __call__(self, g):
        """Return the value at relative conductance ``g``, an ndarray of float64."""
        return np.clip(self.slope * np.log(np.maximum(g, SMALLEST_STATE)) + self.offset, self.low, self.high)


@dataclass(frozen=True)
class CappedPower:
    """``scale * g**exponent``, at most ``high``."""

    scale: float
    exponent: float
    high: float

    def __call__(self, g):
        """Return the value at relative conductance ``g``, an ndarray of float64."""
        return np.minimum(self.scale * np.maximum(g, SMALLEST_STATE) ** self.exponent, self.high)


@dataclass(frozen=True)
class Piecewise:
    """``below`` for g < ``split`` and ``above`` from there on.

    Parameters
    ----------
    split : float
        Relative conductance at which the fits change over.
    below, above : Polynomial, ClippedLog or CappedPower
        Fits below and above the point where they meet.
    """

    split: float
    below: Polynomial | ClippedLog | CappedPower
    above: Polynomial | ClippedLog | CappedPower

    def __call__(self, g):
        """Return the value at relative conductance ``g``, an ndarray of float64."""
        return np.where(np.asarray(g) < self.split, self.below(g), self.above(g))


StateFunction = Polynomial | ClippedLog | CappedPower | Piecewise
