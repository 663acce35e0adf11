"""Integer twins of the stages between junctions and the entropy port."""

from __future__ import annotations

import numpy as np


def xor_groups(bits, n_together):
    """Return the XOR of each group of lines.

    Parameters
    ----------
    bits : ndarray, shape (..., n_lines * n_together), uint8
        Line k takes inputs ``k * n_together`` ... ``(k + 1) * n_together - 1``.
    n_together : int
        Inputs of a line.

    Returns
    -------
    ndarray, shape (..., n_lines), uint8
    """
    bits = np.asarray(bits, dtype=np.uint8)
    return np.bitwise_xor.reduce(bits.reshape(*bits.shape[:-1], -1, n_together), axis=-1)


class VonNeumann:
    """Twin of `spinchip.rtl.entropy.entropy_von_neumann.VonNeumann`: a pair 01 gives 0, 10 gives 1, others nothing.

    Outputs are registered: `tick` returns what the clock before made.
    """

    def __init__(self):
        self.half, self.first, self.bit, self.valid = 0, 0, 0, 0

    def tick(self, line):
        """Advance one clock with a bit of the line; return (bit, valid) as seen in this clock."""
        seen = (self.bit, self.valid)
        self.valid = int(self.half and line != self.first)
        if self.valid:
            self.bit = self.first
        if not self.half:
            self.first = int(line)
        self.half ^= 1
        return seen


class BiasTracker:
    """Twin of `spinchip.rtl.entropy.entropy_tracker.BiasTracker`.

    Parameters
    ----------
    spec : TrackerSpec
        Word widths.
    """

    def __init__(self, spec):
        self.spec, self.count, self.ones, self.code = spec, 0, 0, 0

    def tick(self, line):
        """Advance one clock with a bit of the line; return the code as seen in this clock."""
        seen, spec = self.code, self.spec
        ones = self.ones + int(line)
        if self.count == (1 << spec.window_bits) - 1:
            low, high = spec.code_range
            self.code = min(max(self.code + (((1 << (spec.window_bits - 1)) - ones) >> spec.shift), low), high)
            self.count, self.ones = 0, 0
        else:
            self.count, self.ones = self.count + 1, ones
        return seen


def extracted(bits):
    """Return what `VonNeumann` makes of whole streams, one array a line.

    Parameters
    ----------
    bits : ndarray, shape (n_cycles, n_lines), uint8

    Returns
    -------
    list of ndarray, uint8
        Bits from each line, as many as it gives.
    """
    pairs = np.asarray(bits)[: len(bits) // 2 * 2].reshape(-1, 2, bits.shape[1])
    return [pair[pair[:, 0] != pair[:, 1], 0] for pair in np.moveaxis(pairs, 2, 0)]


def words_of(bits):
    """Return the words at the entropy port, line 0 in the lowest bit; list of int, one a row of ``bits``."""
    packed = np.packbits(np.asarray(bits, dtype=np.uint8), axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]
