"""Pulse update that depends on the weight and on the direction: linear, exponential and soft-bounds steps.

A law gives the size of a step at a weight; `pulse` applies it with cycle-to-cycle noise and clips to the bounds of
each device. Constants: IBM aihwkit, presets of devices, fits to Gong et al., Nat. Commun. 9, 2102 (2018) (ReRamES),
Nandakumar et al., Front. Neurosci. 14, 406 (2020) (PCM) and Gong, Rasch et al., IEDM 2022 (both arrays).

Left out: the write noise of all but PCM, which is added to what is read and not to what is stored, the noise of
the PCM pulse that grows with its weight, and the subtraction of the symmetry point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError
from .pulse_spread import PulseSpread


@dataclass(frozen=True)
class LinearStep:
    r"""Step that shrinks linearly towards the bound: y = 1 - gamma w / w_bound, with the mean bound.

    Parameters
    ----------
    spread : PulseSpread
        What devices are drawn from.
    gamma_up, gamma_down : float
        Share of the step at weight 0 that is lost at the mean bound [1]; 0 for a constant step.
    """

    spread: PulseSpread
    gamma_up: float = 0.0
    gamma_down: float = 0.0

    def __post_init__(self):
        for name in ("gamma_up", "gamma_down"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} must be at least 0, not {getattr(self, name)!r}")

    def size(self, weights, devices, up):
        """Return the step relative to that at weight 0 [1]."""
        if up:
            return np.maximum(1 - self.gamma_up * weights / self.spread.w_max, 0.0)
        bound = self.spread.w_min or -self.spread.w_max  # a device without a negative side: mirrored
        return np.maximum(1 - self.gamma_down * weights / bound, 0.0)


@dataclass(frozen=True)
class SoftBounds:
    """Step that vanishes at the device's own bound: y = 1 - w / w_bound.

    Parameters
    ----------
    spread : PulseSpread
        What devices are drawn from.
    """

    spread: PulseSpread

    def size(self, weights, devices, up):
        """Return the step relative to that at weight 0 [1]."""
        bound = devices.w_max if up else devices.w_min
        left = np.divide(weights, bound, out=np.ones_like(weights), where=bound != 0)
        return np.maximum(1 - left, 0.0)


@dataclass(frozen=True)
class ExpStep:
    r"""Step that depends exponentially on the weight.

    .. math:: y = \max(0,\; 1 - A_\pm e^{\pm\gamma_\pm z}), \qquad z = \frac{2 a w}{w_\max - w_\min} + b

    Parameters
    ----------
    spread : PulseSpread
        What devices are drawn from.
    a_up, a_down, gamma_up, gamma_down, a, b : float
        A, gamma, a and b of the formula [1].
    """

    spread: PulseSpread
    a_up: float
    a_down: float
    gamma_up: float
    gamma_down: float
    a: float
    b: float

    def size(self, weights, devices, up):
        """Return the step relative to ``dw_min`` [1]."""
        width = devices.w_max - devices.w_min
        z = 2 * self.a * np.divide(weights, width, out=np.zeros_like(weights), where=width > 0) + self.b
        exponent = self.gamma_up * z if up else -self.gamma_down * z
        return np.maximum(1 - (self.a_up if up else self.a_down) * np.exp(exponent), 0.0)


def pulse(law, weights, devices, directions, rng):
    """Apply one pulse to each device and return the new weights.

    Parameters
    ----------
    law : LinearStep, SoftBounds or ExpStep
        Size of a step at a weight.
    weights : ndarray, float64
        Weights before the pulse [1]; left untouched.
    devices : PulsedDevices
        What `PulseSpread.draw` gave, of the same shape.
    directions : ndarray of int, broadcast to that shape
        +1 up, -1 down, 0 no pulse.
    rng : numpy.random.Generator
        Source of the cycle-to-cycle noise, one number a device whether it is pulsed or not.

    Returns
    -------
    ndarray, float64
        A new array, within each device's bounds.

    Raises
    ------
    InputError
        If a direction is none of the three.
    """
    directions = np.broadcast_to(directions, weights.shape)
    if not np.isin(directions, (-1, 0, 1)).all():
        raise InputError("Directions must be -1, 0 or +1 in every device, not anything else")
    size = np.where(directions > 0, law.size(weights, devices, up=True), law.size(weights, devices, up=False))
    noise = law.spread.dw_min_std * rng.standard_normal(weights.shape)
    size = size + noise if law.spread.added_noise else size * (1 + noise)
    signed = np.where(directions > 0, devices.step_up, -devices.step_down)
    moved = np.clip(weights + signed * size, devices.w_min, devices.w_max)
    return np.where(directions == 0, weights, moved)


def conductance_S(law, weights, g_min_S, g_max_S):
    """Return weights as conductances: the mean bounds of the law are the ends of the window, beyond which it goes on.

    Nothing falls below zero.
    """
    share = (weights - law.spread.w_min) / (law.spread.w_max - law.spread.w_min)
    return np.maximum(g_min_S + share * (g_max_S - g_min_S), 0.0)


# Source: aihwkit, ReRamESPresetDevice
RERAM_ES = ExpStep(
    spread=PulseSpread(
        dw_min=0.00135,
        up_down=0.259359,
        up_down_dtod=0.05,
        dw_min_dtod=0.2,
        dw_min_std=5.0,
        w_min_dtod=0.3,
        w_max_dtod=0.3,
    ),
    a_up=-1.18445,
    a_down=-0.081404,
    gamma_up=5.0,
    gamma_down=5.0,
    a=-0.5,
    b=-0.5,
)
# Source: aihwkit, PCMPresetDevice; used one-sided, in pairs, with a reset
PCM = ExpStep(
    spread=PulseSpread(
        dw_min=0.01, up_down_dtod=0.05, dw_min_dtod=0.2, dw_min_std=0.6, w_min=0.0, w_max=2.0, w_max_dtod=0.1
    ),
    a_up=-27.235,
    a_down=-2.235,
    gamma_up=2.5,
    gamma_down=2.5,
    a=-1.0,
    b=0.0,
)
# Source: aihwkit, ReRamArrayHfO2PresetDevice; 9.77 % of the measured array did not move
HFO2_ARRAY = SoftBounds(
    PulseSpread(
        dw_min=0.4622,
        up_down_dtod=0.01,
        dw_min_dtod=0.7125,
        dw_min_std=0.2174,
        w_min_dtod=0.5990,
        w_max_dtod=0.4295,
        added_noise=True,
        lognormal=True,
        corrupt=0.0977,
    )
)
# Source: aihwkit, ReRamArrayOMPresetDevice; 13.48 % of the measured array did not move
OPTIMISED_ARRAY = SoftBounds(
    PulseSpread(
        dw_min=0.0949,
        up_down_dtod=0.01,
        dw_min_dtod=0.7829,
        dw_min_std=0.4158,
        w_min_dtod=0.5695,
        w_max_dtod=0.3499,
        added_noise=True,
        lognormal=True,
        corrupt=0.1348,
    )
)
