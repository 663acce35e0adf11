"""Weights as conductances: which arrays are programmed, and how their currents are put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError

KINDS = ("pair", "two_sided_pair", "offset_column", "offset_digital")


@dataclass(frozen=True)
class Encoding:
    """How a weight is kept in devices.

    Parameters
    ----------
    kind : {"pair", "two_sided_pair", "offset_column", "offset_digital"}
        A pair of devices of which the positive one holds w > 0 and the negative one w < 0, the other at the bottom of
        its window; a pair that moves in opposite directions from the middle; or one device around the middle, from
        whose code is subtracted that of one more column of middle devices, or a number computed from the inputs.
        Currents of a pair are subtracted before they are converted.
    n_pairs : int
        Devices in parallel for each one, whose currents add up.
    slices : int
        Arrays that hold digits of the weight's magnitude, each with its sign, put together by shift and add.
    bits : int or None
        Bits of the weight's magnitude, 1 to 16; None leaves it analog. Slices share them evenly [bit].
    bound : float or None
        Weight of full scale; None takes the largest magnitude, see ``TileSpec.scaling``.
    """

    kind: str = "pair"
    n_pairs: int = 1
    slices: int = 1
    bits: int | None = None
    bound: float | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise InputError(f"Encoding must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.n_pairs < 1 or self.slices < 1:
            raise InputError(f"Pairs and slices must be 1 or more, not {self.n_pairs} and {self.slices}")
        if self.bits is not None and self.bits not in range(1, 17):
            raise InputError(f"Weight bits must be 1..16 or None, not {self.bits!r}")
        if self.slices > 1 and (self.bits is None or self.bits % self.slices):
            raise InputError(f"Slices must divide the weight bits evenly, not {self.slices} of {self.bits} bits")
        if self.bound is not None and not 0 < self.bound < np.inf:
            raise InputError(f"Bound of the weights must be above 0 and finite, not {self.bound!r}")

    @property
    def is_pair(self):
        """Whether a weight is a difference of two devices."""
        return self.kind in ("pair", "two_sided_pair")

    @property
    def n_extra_columns(self):
        """Columns beside those of the matrix."""
        return int(self.kind == "offset_column")

    @property
    def top(self):
        """Largest digit of one slice in steps; 1 for analog weights."""
        return 1 if self.bits is None else 2 ** (self.bits // self.slices) - 1

    def digits(self, weights, scale):
        """Return the signed digits of each slice and what one step of each is worth.

        Parameters
        ----------
        weights : ndarray, shape (n_inputs, n_outputs), float64
            Matrix W of y = x W.
        scale : float or ndarray, shape (1, n_outputs)
            Weight of full scale, above 0.

        Returns
        -------
        list of (ndarray, float or ndarray)
            Digits, -top ... top, least significant first, and the weight of one step.
        """
        if self.bits is None:
            return [(weights / scale, scale)]
        whole = 2**self.bits - 1
        steps = np.rint(np.abs(weights) * (whole / scale)).astype(np.int64)
        base, found = self.top + 1, []
        for k in range(self.slices):
            digit = np.where(weights < 0, -1.0, 1.0) * (steps // base**k % base)
            found.append((digit, scale / whole * float(base**k)))
        return found

    def targets(self, digits, device):
        """Return the target conductances of the arrays that hold some digits, the positive one first [S].

        Returns
        -------
        list of ndarray
            Two arrays of the digits' shape, or one with `n_extra_columns` more columns.
        """
        low, high, shares = device.g_min_S, device.g_max_S, digits / self.top
        if self.kind == "pair":
            return [low + (high - low) * np.maximum(shares, 0), low + (high - low) * np.maximum(-shares, 0)]
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        if self.kind == "two_sided_pair":
            return [middle + half * shares, middle - half * shares]
        extra = np.zeros((len(shares), self.n_extra_columns))
        return [middle + half * np.hstack([shares, extra])]

    def nominal(self, device, voltage_V):
        """Return what one step, and what the middle of the window, is as a conductance read at a voltage.

        A device without any error then gives the exact product, whatever its I-V curve, at that voltage.

        Returns
        -------
        step_S : float
            Difference of conductance of one step [S].
        middle_steps : float
            Conductance of a middle device in steps, which an offset removes; 0 for pairs.
        """
        low, high, middle = (
            float(device.current_A(g, voltage_V)) / voltage_V
            for g in (device.g_min_S, device.g_max_S, 0.5 * (device.g_min_S + device.g_max_S))
        )
        if self.is_pair:
            return (high - low) / self.top, 0.0
        step_S = 0.5 * (high - low) / self.top
        return step_S, middle / step_S
