"""Parameters of the stages between junctions and the entropy port, shared by their twins."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError


@dataclass(frozen=True)
class TrackerSpec:
    """A loop that keeps the share of ones of a junction at one half.

    Parameters
    ----------
    window_bits : int
        Bits counted before each correction: 2^window_bits, 2 to 16.
    code_bits : int
        Width of the signed code that drives the junction, 4 to 16; it saturates at its ends.
    shift : int
        The code moves by (half a window - ones) / 2^shift, rounded towards minus infinity; 0 to ``window_bits``.
    """

    window_bits: int = 8
    code_bits: int = 10
    shift: int = 3

    def __post_init__(self):
        for label, value, low, high in (
            ("Window bits", self.window_bits, 2, 16),
            ("Code bits", self.code_bits, 4, 16),
            ("Shift", self.shift, 0, self.window_bits),
        ):
            if int(value) != value or not low <= value <= high:
                raise InputError(f"{label} of a tracker must be {low} to {high}, not {value!r}")

    @property
    def code_range(self):
        """Least and largest code."""
        half = 1 << (self.code_bits - 1)
        return -half, half - 1
