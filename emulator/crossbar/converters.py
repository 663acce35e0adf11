"""Converters at the edges of a tile: inputs to read pulses, column currents to codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError
from .read_kernels import to_levels, to_planes

DAC_KINDS = ("amplitude", "pwm", "bit_serial")
ADC_RANGES = ("max", "calibrated", "quantile", "step")


@dataclass(frozen=True)
class Dac:
    """How inputs become read pulses.

    Inputs are scaled by ``bound`` or, without one, each vector by its largest magnitude, and rounded to the levels
    -(2^(bits-1) - 1) ... 2^(bits-1) - 1. One bit is the two levels -1 and +1 of p-bits, and exact for them.

    Parameters
    ----------
    bits : int or None
        Bits with the sign; None keeps inputs exact [bit].
    kind : {"amplitude", "pwm", "bit_serial"}
        The level sets the voltage; or the length of a pulse at the read voltage; or a two's complement word is sent bit
        by bit, each bit a pulse at the read voltage that is converted on its own.
    bound : float or None
        Magnitude of the largest level, in units of the inputs; larger inputs are clipped and counted.
    """

    bits: int | None = None
    kind: str = "amplitude"
    bound: float | None = None

    def __post_init__(self):
        if self.kind not in DAC_KINDS:
            raise InputError(f"DAC must be one of {', '.join(DAC_KINDS)}, not {self.kind!r}")
        if self.bits is not None and self.bits not in range(1, 17):
            raise InputError(f"DAC bits must be 1..16 or None, not {self.bits!r}")
        if self.kind == "bit_serial" and (self.bits is None or self.bits < 2):
            raise InputError(f"Bit-serial inputs must have 2..16 bits, not {self.bits!r}")
        if self.bound is not None and not 0 < self.bound < np.inf:
            raise InputError(f"DAC bound must be above 0, not {self.bound!r}")

    @property
    def top(self):
        """Largest level; 1 for exact inputs."""
        return 1 if self.bits in (None, 1) else 2 ** (self.bits - 1) - 1

    def levels(self, inputs):
        """Return levels, the value of one level for each vector, and how many inputs were clipped.

        Parameters
        ----------
        inputs : ndarray, shape (n_batch, n_inputs), float32 or float64
            Row vectors.

        Returns
        -------
        levels : ndarray, same shape and dtype
            Whole numbers, but for exact inputs: then inputs over their scale, -1 ... 1.
        unit : ndarray, shape (n_batch, 1)
            What level 1 stands for.
        n_clipped : int
        """
        inputs = np.ascontiguousarray(inputs)
        levels, unit = np.empty_like(inputs), np.empty((len(inputs), 1))
        whole = 0 if self.bits is None else 1 if self.bits == 1 else 2
        n_clipped = to_levels(inputs, self.bound or 0.0, float(self.top), whole, levels, unit)
        return levels, unit, n_clipped

    def planes(self, levels):
        """Return what the rows carry at once, and what it is worth.

        Returns
        -------
        planes : ndarray, shape (n_planes, n_batch, n_inputs)
            Levels, or the bits of two's complement one after the other.
        weights : ndarray, shape (n_planes,), float64
        """
        if self.kind != "bit_serial":
            return levels[None], np.ones(1)
        planes = np.empty((self.bits, *levels.shape), dtype=levels.dtype)
        to_planes(levels, planes)
        weights = 2.0 ** np.arange(self.bits)
        weights[-1] *= -1
        return planes, weights


@dataclass(frozen=True)
class Adc:
    """How a column current becomes a code, and what range it covers.

    Parameters
    ----------
    bits : int or None
        Bits with the sign; None keeps currents exact [bit].
    range_kind : {"max", "calibrated", "quantile", "step"}
        Full scale is the largest current possible; the largest, or a quantile of all, of a calibration run; or such
        that one code is one step of weight times one input level, which loses nothing while it does not clip.
    quantile : float
        Share of calibration currents inside the range, for "quantile".
    enob : float or None
        Effective bits, at most ``bits``: Gaussian noise fills the difference [bit].
    columns_per_adc : int
        Columns that one converter serves in turn; sets time, not values.
    """

    bits: int | None = None
    range_kind: str = "calibrated"
    quantile: float = 0.9999
    enob: float | None = None
    columns_per_adc: int = 1

    def __post_init__(self):
        if self.bits is not None and self.bits not in range(2, 25):
            raise InputError(f"ADC bits must be 2..24 or None, not {self.bits!r}")
        if self.range_kind not in ADC_RANGES:
            raise InputError(f"ADC range must be one of {', '.join(ADC_RANGES)}, not {self.range_kind!r}")
        if not 0.5 <= self.quantile <= 1:
            raise InputError(f"ADC quantile must be 0.5..1, not {self.quantile!r}")
        if self.enob is not None and not (self.bits and 1 <= self.enob <= self.bits):
            raise InputError(f"Effective bits must be 1 to the ADC's bits, not {self.enob!r}")
        if self.columns_per_adc < 1:
            raise InputError(f"Columns per ADC must be 1 or more, not {self.columns_per_adc!r}")

    @property
    def top(self):
        """Largest code."""
        return 2 ** (self.bits - 1) - 1

    def noise_steps(self):
        """Return the standard deviation that makes ``enob`` of an ideal converter, in its steps.

        A step q adds a variance of q^2 / 12; 2^(bits - enob) times the step adds that of the effective bits.
        """
        if self.enob is None:
            return 0.0
        return float(np.sqrt((4.0 ** (self.bits - self.enob) - 1.0) / 12.0))
