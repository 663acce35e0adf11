"""Devices that are written by single pulses: step, asymmetry and bounds of each, drawn once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError


@dataclass(frozen=True)
class PulsedDevices:
    """Constants of an array of pulsed devices; weights are relative, 1 being the mean upper bound of most fits.

    Parameters
    ----------
    step_up, step_down : ndarray, float64
        Weight change of one pulse at weight 0, without cycle-to-cycle noise [1].
    w_min, w_max : ndarray, float64
        Bounds of each device [1]; equal for a device that does not move.
    """

    step_up: np.ndarray
    step_down: np.ndarray
    w_min: np.ndarray
    w_max: np.ndarray


@dataclass(frozen=True)
class PulseSpread:
    """Means and device-to-device spreads from which an array is drawn.

    With gain lambda = 1 + dtod xi (or exp(dtod xi) if ``lognormal``) and r = up_down_dtod xi',
    step_up = dw_min |lambda + min(up_down, 0) + r| and step_down = dw_min |lambda - max(up_down, 0) - r|.
    The bounds are w_max |1 + w_max_dtod xi| and w_min |1 + w_min_dtod xi|, all xi independent and normal.

    Parameters
    ----------
    dw_min : float
        Mean step at weight 0 [1].
    up_down, up_down_dtod : float
        Asymmetry of the directions and its spread, relative to ``dw_min`` [1].
    dw_min_dtod, dw_min_std : float
        Spread of the step from device to device, and of a pulse from cycle to cycle, relative [1].
    w_min, w_max, w_min_dtod, w_max_dtod : float
        Mean bounds, which enclose 0, and their relative spreads [1].
    added_noise : bool
        Whether ``dw_min_std`` is added to the relative step instead of multiplying it.
    lognormal : bool
        Whether steps spread log-normally, with ``dw_min`` as their median.
    corrupt, corrupt_range : float
        Share of devices stuck at a weight that is uniform within plus or minus the range [1].
    """

    dw_min: float
    up_down: float = 0.0
    up_down_dtod: float = 0.0
    dw_min_dtod: float = 0.0
    dw_min_std: float = 0.0
    w_min: float = -1.0
    w_max: float = 1.0
    w_min_dtod: float = 0.0
    w_max_dtod: float = 0.0
    added_noise: bool = False
    lognormal: bool = False
    corrupt: float = 0.0
    corrupt_range: float = 0.01

    def __post_init__(self):
        if not self.dw_min > 0:
            raise InputError(f"dw_min must be above 0, not {self.dw_min!r}")
        for name in ("up_down_dtod", "dw_min_dtod", "dw_min_std", "w_min_dtod", "w_max_dtod", "corrupt_range"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} must be at least 0, not {getattr(self, name)!r}")
        if not self.w_min <= 0 < self.w_max:
            raise InputError(f"w_min must be at most 0 and w_max above 0, not {self.w_min!r} and {self.w_max!r}")
        if not 0 <= self.corrupt <= 1:
            raise InputError(f"corrupt must be within 0 to 1, not {self.corrupt!r}")

    def draw(self, shape, rng):
        """Return `PulsedDevices` of that shape."""
        xi = rng.standard_normal((4, *shape))
        gain = np.exp(self.dw_min_dtod * xi[0]) if self.lognormal else 1 + self.dw_min_dtod * xi[0]
        bias = self.up_down_dtod * xi[1]
        step_up = self.dw_min * np.abs(gain + min(self.up_down, 0.0) + bias)
        step_down = self.dw_min * np.abs(gain - max(self.up_down, 0.0) - bias)
        w_min = self.w_min * np.abs(1 + self.w_min_dtod * xi[2])
        w_max = self.w_max * np.abs(1 + self.w_max_dtod * xi[3])
        stuck = rng.random(shape) < self.corrupt
        low, high = np.maximum(w_min, -self.corrupt_range), np.minimum(w_max, self.corrupt_range)
        held = low + (high - low) * rng.random(shape)
        return PulsedDevices(
            step_up=np.where(stuck, 0.0, step_up),
            step_down=np.where(stuck, 0.0, step_down),
            w_min=np.where(stuck, held, w_min),
            w_max=np.where(stuck, held, w_max),
        )
