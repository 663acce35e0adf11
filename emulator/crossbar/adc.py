"""From column currents to codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError

RANGES = ("max", "calibrated", "quantile", "step")


@dataclass(frozen=True)
class Adc:
    """How a column current becomes a code, code = round(current / step), half to even, and what range the codes cover.

    Codes are two's complement, -2^(b-1) ... 2^(b-1) - 1; what lies beyond is clipped and counted.

    Parameters
    ----------
    bits : int or None
        Bits with the sign, 2 to 24; None keeps currents exact [bit].
    range_kind : {"max", "calibrated", "quantile", "step"}
        The largest code is the largest current possible; or the largest, or a quantile of all, of a calibration run of
        each array; or one code is one step of the weight times one level, which loses nothing unless it clips.
    quantile : float
        Share of calibration currents inside the range, for "quantile".
    enob : float or None
        Effective bits, at most ``bits``: Gaussian noise makes up the difference [bit].
    columns_per_adc : int
        Columns that one converter serves in turn; sets time and not values.
    """

    bits: int | None = None
    range_kind: str = "calibrated"
    quantile: float = 0.9999
    enob: float | None = None
    columns_per_adc: int = 1

    def __post_init__(self):
        if self.bits is not None and self.bits not in range(2, 25):
            raise InputError(f"ADC bits must be 2..24 or None, not {self.bits!r}")
        if self.range_kind not in RANGES:
            raise InputError(f"ADC range must be one of {', '.join(RANGES)}, not {self.range_kind!r}")
        if not 0.5 <= self.quantile <= 1:
            raise InputError(f"ADC quantile must be 0.5..1, not {self.quantile!r}")
        if self.enob is not None and not (self.bits and 1 <= self.enob <= self.bits):
            raise InputError(f"Effective bits must be 1 to the ADC's bits, not {self.enob!r}")
        if not self.columns_per_adc >= 1:
            raise InputError(f"Columns per ADC must be 1 or more, not {self.columns_per_adc!r}")

    @property
    def code_range(self):
        """Lowest and largest code; (int, int)."""
        return -(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1

    def step(self, largest, currents):
        """Return the current of one code.

        Parameters
        ----------
        largest : float
            Largest current possible, in digit steps of the weight times levels.
        currents : function of no argument
            Gives the magnitudes of a calibration run, in the same unit.
        """
        if self.range_kind == "step":
            return 1.0
        full = 0.0
        if self.range_kind != "max":
            share = self.quantile if self.range_kind == "quantile" else 1.0
            full = float(np.quantile(currents(), share))
        return (full or largest) / self.code_range[1]

    def noise_variance(self, step):
        """Return the variance that makes ``enob`` bits of a converter with that step, in current squared.

        Rounding leaves step^2 / 12; with 2^(bits - enob) times the step it leaves that of the effective bits.
        """
        if self.enob is None:
            return 0.0
        return step**2 * (4.0 ** (self.bits - self.enob) - 1.0) / 12.0
