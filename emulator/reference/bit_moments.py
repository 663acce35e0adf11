"""Energies and moments of 512 chains, counted in bits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from ..kernels.lanes import count_ones, splat, view
from .bit_fields import GROUP_CHAINS, GROUP_WORDS, full_add, get_row, set_row

BLOCK = 15  # bits that a counter of four bits holds


class BitPairs(NamedTuple):
    """What is counted: for each pair of rows, in how many chains, and for each part, how often in each chain.

    Parameters
    ----------
    rows : ndarray, shape (2 * n_pairs,), int64
        Rows whose spins are compared; couplings first, then each spin with the row of all spins down.
    starts : ndarray, shape (n_parts + 1,), int64
        Where each part begins; the pairs of one part have one coupling, or one bias.
    """

    rows: np.ndarray
    starts: np.ndarray


@njit(cache=True)
def _ripple(low, bit):
    """Return a counter bit and the carry after one more bit is added."""
    return low ^ bit, low & bit


@njit(cache=True)
def _add_block(counter, n_bits, block):
    """Add a number of four bits to the counter rows."""
    carry = block[0] ^ block[0]
    for position in range(n_bits):
        old = get_row(counter, position)
        if position == 0:
            new, carry = full_add(old, block[0], carry)
        elif position == 1:
            new, carry = full_add(old, block[1], carry)
        elif position == 2:
            new, carry = full_add(old, block[2], carry)
        elif position == 3:
            new, carry = full_add(old, block[3], carry)
        else:
            new, carry = _ripple(old, carry)
        set_row(counter, position, new)


@njit(cache=True)
def _per_chain(counter, n_bits, counts):
    """Read a counter out: one number for each chain."""
    for chain in range(GROUP_CHAINS):
        total = 0
        for position in range(n_bits):
            word = counter[position * GROUP_WORDS + chain // 64]
            total |= np.int64((word >> np.uint64(chain % 64)) & np.uint64(1)) << position
        counts[chain] = total


@njit(cache=True, nogil=True)
def count_differences(pairs, words, live, counter, counts, totals):
    """Count where the two spins of each pair differ.

    Parameters
    ----------
    pairs : BitPairs
        Pairs of spins to count.
    words : ndarray, shape (n_rows * 8,), uint64
        States; the last row is all spins down.
    live : ndarray, shape (8,), uint64
        Set for the chains that are wanted.
    counter : ndarray, shape (n_bits * 8,), uint64
        Scratch; n_bits must hold the longest part.
    counts : ndarray, shape (n_parts, 512), int64
        Differing pairs of each part, for each chain; overwritten.
    totals : ndarray, shape (n_pairs,), int64
        The wanted chains in which each pair differs are added.
    """
    n_bits = len(counter) // GROUP_WORDS
    rows, states, sums, tally = view(pairs.rows), view(words), view(counter), view(totals)
    wanted = get_row(view(live), 0)
    for part in range(len(pairs.starts) - 1):
        for position in range(n_bits):
            set_row(sums, position, splat(np.uint64(0), GROUP_WORDS))
        for start in range(pairs.starts[part], pairs.starts[part + 1], BLOCK):
            a = b = c = d = splat(np.uint64(0), GROUP_WORDS)
            for pair in range(start, min(start + BLOCK, pairs.starts[part + 1])):
                carry = get_row(states, rows[2 * pair]) ^ get_row(states, rows[2 * pair + 1])
                tally[pair] += count_ones(carry & wanted)
                a, carry = _ripple(a, carry)
                b, carry = _ripple(b, carry)
                c, carry = _ripple(c, carry)
                d = d ^ carry
            _add_block(sums, n_bits, (a, b, c, d))
        _per_chain(sums, n_bits, counts[part])
