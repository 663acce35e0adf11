"""From inputs to levels on the rows, and the planes in which they are sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError
from .read_kernels import to_levels, to_plane
from .scratch import scratch

KINDS = ("amplitude", "pwm", "bit_serial")
CODES = ("twos_complement", "sign_magnitude")


@dataclass(frozen=True)
class Dac:
    """How inputs become read pulses.

    Inputs are scaled by ``bound`` or, without one, each vector by its own largest magnitude (noise management), and
    rounded to whole levels, half to even. One bit is the two levels -1 and +1 of p-bits, and exact for them.

    Parameters
    ----------
    bits : int or None
        Bits with the sign, 1 to 16; None keeps inputs exact [bit].
    kind : {"amplitude", "pwm", "bit_serial"}
        The level sets the row's voltage; or the length of a pulse at the read voltage, whose polarity is the sign; or
        a word is sent bit by bit, each bit a pulse at the read voltage whose currents are converted on their own.
    bound : float or None
        Input of the largest level; larger ones are clipped and counted.
    code : {"twos_complement", "sign_magnitude"}
        Words of "bit_serial": b planes of 0 and 1 for -2^(b-1) ... 2^(b-1) - 1, or b - 1 planes of -1, 0 and 1 for
        -(2^(b-1) - 1) ... 2^(b-1) - 1. The other kinds are sign and magnitude by nature.
    """

    bits: int | None = None
    kind: str = "amplitude"
    bound: float | None = None
    code: str = "twos_complement"

    def __post_init__(self):
        if self.kind not in KINDS:
            raise InputError(f"DAC must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.code not in CODES:
            raise InputError(f"Code of the DAC must be one of {', '.join(CODES)}, not {self.code!r}")
        if self.bits is not None and self.bits not in range(1, 17):
            raise InputError(f"DAC bits must be 1..16 or None, not {self.bits!r}")
        if self.kind == "bit_serial" and (self.bits is None or self.bits < 2):
            raise InputError(f"Bit-serial inputs must have 2..16 bits, not {self.bits!r}")
        if self.bound is not None and not 0 < self.bound < np.inf:
            raise InputError(f"DAC bound must be above 0 and finite, not {self.bound!r}")

    @property
    def top(self):
        """Largest level; 1 for exact inputs."""
        return 1 if self.bits in (None, 1) else 2 ** (self.bits - 1) - 1

    @property
    def lowest(self):
        """Lowest level."""
        return -self.top - (self.kind == "bit_serial" and self.code == "twos_complement")

    @property
    def plane_top(self):
        """Largest magnitude that a row carries at once."""
        return 1 if self.kind == "bit_serial" else self.top

    @property
    def reads_at_one_voltage(self):
        """Whether rows are at 0 V or +- the read voltage and nothing else, so that no I-V curve bends the product."""
        return self.kind != "amplitude" or self.bits == 1

    @property
    def plane_weights(self):
        """What a unit of each plane is worth, in levels; tuple of float."""
        if self.kind != "bit_serial":
            return (1.0,)
        if self.code == "sign_magnitude":
            return tuple(2.0**p for p in range(self.bits - 1))
        return (*(2.0**p for p in range(self.bits - 1)), -(2.0 ** (self.bits - 1)))

    def levels(self, inputs, dtype=np.float64):
        """Return levels, the value of one level for each vector, and how many inputs were clipped.

        Parameters
        ----------
        inputs : ndarray, shape (n_batch, n_inputs), float64
            Input vectors, one a row.
        dtype : type
            Type of the levels, float32 or float64.

        Returns
        -------
        levels : ndarray, shape (n_batch, n_inputs)
            Whole numbers; for exact inputs their share of the scale, -1 ... 1. Valid until the next call.
        unit : ndarray, shape (n_batch,), float64
            What level 1 stands for.
        n_clipped : int
        """
        levels, unit = scratch("levels", inputs.shape, dtype), np.empty(len(inputs))
        whole = 0 if self.bits is None else min(self.bits, 2)
        window = (float(self.lowest), float(self.top))
        n_clipped = to_levels(np.ascontiguousarray(inputs), float(self.bound or 0.0), window, whole, (levels, unit))
        return levels, unit, n_clipped

    def planes(self, levels):
        """Yield what the rows carry, plane by plane; ndarray of the levels' shape, valid until the next one."""
        if self.kind != "bit_serial":
            yield levels
            return
        plane = scratch("plane", levels.shape, levels.dtype.type)
        for place in range(len(self.plane_weights)):
            to_plane(levels, place, self.code == "sign_magnitude", plane)
            yield plane
