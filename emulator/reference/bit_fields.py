"""Local fields of 512 chains at once: a network of full adders on rows of bits, and what the decision needs of them."""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..kernels.lanes import load, splat, store

GROUP_WORDS = 8
GROUP_CHAINS = 64 * GROUP_WORDS
ALL_ONES = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


class BitGraph(NamedTuple):
    """What the bit kernels read; `bit_layout` makes it.

    Parameters
    ----------
    pointers : ndarray, shape (n_free * n_bits + 1,), int64
        Where the inputs of each row and column of its sum begin.
    inputs : ndarray, shape (2 * n_inputs,), uint64
        Row of the neighbour, then all ones if it is turned over (k < 0), for each input.
    starts : ndarray, shape (n_free,), int64
        Where the constants of each row begin.
    constants : ndarray, shape (n_kinds * (n_bits + 1),), uint64
        Bits of the constant that is added, as masks, then all ones if q = 0; for each kind of row.
    """

    pointers: np.ndarray
    inputs: np.ndarray
    starts: np.ndarray
    constants: np.ndarray


@njit(cache=True)
def full_add(a, b, c):
    """Return sum and carry of three bits in every lane."""
    half = a ^ b
    return half ^ c, (a & b) | (half & c)


@njit(cache=True)
def get_row(scratch, row):
    """Return row ``row`` of a flat array of rows."""
    return load(scratch, row * GROUP_WORDS, GROUP_WORDS)


@njit(cache=True)
def set_row(scratch, row, lanes):
    """Write row ``row`` of a flat array of rows."""
    store(scratch, row * GROUP_WORDS, lanes)


@njit(cache=True)
def _input(inputs, words, entry):
    """Return one neighbour's spins, turned over where its coupling is negative."""
    return get_row(words, np.int64(inputs[2 * entry])) ^ splat(inputs[2 * entry + 1], GROUP_WORDS)


@njit(cache=True)
def add_inputs(inputs, words, span, total, scratch, out):
    """Add the inputs of a ``span`` to a column, carries going to rows from ``out``; return its bit and the next row."""
    entry, last = span
    while entry + 1 < last:
        total, carry = full_add(total, _input(inputs, words, entry), _input(inputs, words, entry + 1))
        set_row(scratch, out, carry)
        out += 1
        entry += 2
    if entry < last:
        bit = _input(inputs, words, entry)
        set_row(scratch, out, total & bit)
        total = total ^ bit
        out += 1
    return total, out


@njit(cache=True)
def add_carries(scratch, span, total, out):
    """Add the carries in the rows of a ``span`` to a column, likewise."""
    row, last = span
    while row + 1 < last:
        total, carry = full_add(total, get_row(scratch, row), get_row(scratch, row + 1))
        set_row(scratch, out, carry)
        out += 1
        row += 2
    if row < last:
        bit = get_row(scratch, row)
        set_row(scratch, out, total & bit)
        total = total ^ bit
        out += 1
    return total, out


@njit(cache=True)
def split_field(scratch, whole, n_bits, n_classes):
    """Split a sum into the sign of the field and the masks of its class.

    Parameters
    ----------
    scratch : ndarray, uint64
        Rows 0 ... n_bits - 1 hold the sum and are overwritten; row n_bits + m, m > 0, is set where the class is m.
    whole : lanes
        All ones where q = 0.
    n_bits, n_classes : int
        Compile-time constants.

    Returns
    -------
    lanes
        Set where the field is positive, or zero.
    """
    ones = splat(ALL_ONES, GROUP_WORDS)
    up = get_row(scratch, n_bits - 1)
    minus = up ^ ones
    carry = minus & whole
    for column in range(n_bits - 1):
        bit = get_row(scratch, column) ^ minus
        set_row(scratch, column, bit ^ carry)
        carry = bit & carry
    for kind in range(1, n_classes):
        chosen = ones
        for column in range(n_bits - 1):
            bit = get_row(scratch, column)
            chosen = chosen & (bit if (kind >> column) & 1 else bit ^ ones)
        set_row(scratch, n_bits + kind, chosen)
    return up
