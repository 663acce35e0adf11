"""Weights as conductances: which arrays are programmed, and how their currents are put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError

ENCODINGS = ("pair", "two_sided_pair", "offset")


@dataclass(frozen=True)
class Encoding:
    """How a weight is kept in devices.

    Parameters
    ----------
    kind : {"pair", "two_sided_pair", "offset"}
        A pair of devices of which the positive one holds w > 0 and the negative one w < 0; a pair that moves in
        opposite directions from the middle; or one device around the middle, against a column of middle devices.
    n_pairs : int
        Devices in parallel for each one, whose currents add up.
    slices : int
        Arrays that hold digits of the weight, most significant first, put together by shift and add.
    bits : int or None
        Bits of the weight's magnitude; None leaves it analog. Needed for slices, which share them evenly [bit].
    """

    kind: str = "pair"
    n_pairs: int = 1
    slices: int = 1
    bits: int | None = None

    def __post_init__(self):
        if self.kind not in ENCODINGS:
            raise InputError(f"Encoding must be one of {', '.join(ENCODINGS)}, not {self.kind!r}")
        if self.n_pairs < 1 or self.slices < 1:
            raise InputError(f"Pairs and slices must be 1 or more, not {self.n_pairs} and {self.slices}")
        if self.bits is not None and self.bits not in range(1, 17):
            raise InputError(f"Weight bits must be 1..16 or None, not {self.bits!r}")
        if self.slices > 1 and (self.bits is None or self.bits % self.slices or self.kind == "offset"):
            rule = "divide the weight bits evenly, of a pair"
            raise InputError(f"Slices must {rule}, not {self.slices} of {self.bits} bits ({self.kind})")

    @property
    def top(self):
        """Largest digit of one slice in steps; 1 for analog weights."""
        return 1 if self.bits is None else 2 ** (self.bits // self.slices) - 1

    def digits(self, weights, scale):
        """Return the digits of each slice, -1 ... 1 of the window, and what full scale of each is worth.

        Parameters
        ----------
        weights : ndarray, shape (n_inputs, n_outputs), float64
            W.
        scale : float
            Weight of full scale, above 0.

        Returns
        -------
        list of (ndarray, float)
            Share of the window in -1 ... 1, and weight of share 1.
        """
        if self.bits is None:
            return [(weights / scale, scale)]
        whole = 2**self.bits - 1
        steps = np.rint(np.abs(weights) * (whole / scale)).astype(np.int64)
        step, base, found = scale / whole, self.top + 1, []
        for k in reversed(range(self.slices)):
            digit = steps // base**k % base
            found.append((np.sign(weights) * digit / self.top, step * base**k * self.top))
        return found

    def targets(self, shares, device):
        """Return target conductances of the positive and negative array for shares of the window.

        Returns
        -------
        plus_S, minus_S : ndarray, shape of ``shares``
            Targets [S]; the negative array of "offset" is one column, shape (n_inputs, 1).
        window_S : float
            Difference of conductance that share 1 stands for [S].
        """
        low, high = device.g_min_S, device.g_max_S
        if self.kind == "pair":
            window = high - low
            return low + window * np.maximum(shares, 0), low + window * np.maximum(-shares, 0), window
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        if self.kind == "two_sided_pair":
            return middle + half * shares, middle - half * shares, 2 * half
        return middle + half * shares, np.full((len(shares), 1), middle), half
