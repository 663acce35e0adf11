"""Widths of the exact local field, from the formats of couplings and biases and the number of neighbours."""

from __future__ import annotations

from typing import NamedTuple

MAX_OFFSET_BITS = 31  # of an offset word; 32 for the field from sum to rounding
MAX_FIELD_BITS = 32


class Widths(NamedTuple):
    """Sizes of the sum of one p-bit.

    Parameters
    ----------
    frac : int
        Fraction bits of the sum.
    offset_bits : int
        Bits of an offset word behind its sign: wide enough for any bias minus any sum of magnitudes.
    sum_bits : int
        Width of the sum from any offset word and any couplings, the sign included.
    """

    frac: int
    offset_bits: int
    sum_bits: int


def widths(weight, bias, degree):
    """Return the `Widths` for formats ``weight`` and ``bias`` and at most ``degree`` neighbours."""
    frac = max(weight.n_frac, bias.n_frac)
    shift = frac - weight.n_frac
    lowest = (bias.min_word << (frac - bias.n_frac)) - degree * (weight.max_word << shift)
    offset_bits = (-lowest - 1).bit_length()
    highest = (1 << offset_bits) - 1 + degree * (weight.max_word << (1 + shift))
    return Widths(frac, offset_bits, max(highest.bit_length() + 1, 1 + offset_bits))
