"""Energies of 512 packed states: unsatisfied couplings counted by full adders."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from ...kernels.lanes import splat, view
from ...reference.bit_fields import ALL_ONES, GROUP_WORDS, full_add, get_row, set_row

BLOCK = 7  # inputs that three bits hold


class EnergyTerms(NamedTuple):
    """What is counted.

    Parameters
    ----------
    pairs : ndarray, shape (2 * n_inputs,), int64
        Rows whose spins are compared; a bias is a coupling to the row of all spins down.
    turns : ndarray, shape (n_inputs,), uint64
        All ones where equal spins are the unsatisfied ones.
    starts : ndarray, shape (n_parts + 1,), int64
        Where the inputs of each power of two begin: part p counts 2^p units an input.
    constant : int
        Energy in units if nothing is unsatisfied.
    n_bits : int
        Bits of a counter, for the longest part.
    """

    pairs: np.ndarray
    turns: np.ndarray
    starts: np.ndarray
    constant: int
    n_bits: int


def energy_terms(problem, layout):
    """Return the `EnergyTerms` of a problem in whole units, for rows in the order of a layout."""
    graph, n = problem.graph, problem.n_spins
    row_of = np.empty(n, dtype=np.int64)
    row_of[layout.order] = np.arange(n)
    ends = problem.instance.edges
    matrix_values = problem.graph.values
    rows = np.repeat(np.arange(n), np.diff(graph.pointers))
    values = np.concatenate([matrix_values[rows < graph.neighbors], -graph.biases]).astype(np.int64)
    pairs = np.concatenate([row_of[ends], np.stack([row_of, np.full(n, n)], axis=1)])
    sizes = np.abs(values)
    n_parts = max(1, int(sizes.max(initial=0)).bit_length())
    in_part = [np.flatnonzero(sizes >> part & 1) for part in range(n_parts)]
    chosen = np.concatenate(in_part)
    counts = [len(part) for part in in_part]
    return EnergyTerms(
        pairs[chosen].ravel(),
        np.where(values[chosen] < 0, ALL_ONES, np.uint64(0)),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        -int(sizes.sum()),
        max(3, max(counts).bit_length()),
    )


@njit(cache=True)
def _input(pairs, turns, states, entry):
    """Return where one input is unsatisfied."""
    differ = get_row(states, pairs[2 * entry]) ^ get_row(states, pairs[2 * entry + 1])
    return differ ^ splat(turns[entry], GROUP_WORDS)


@njit(cache=True)
def add_number(counter, n_bits, low, middle, high):
    """Add a number of three bits to the counter rows."""
    bit, carry = full_add(get_row(counter, 0), low, low ^ low)
    set_row(counter, 0, bit)
    bit, carry = full_add(get_row(counter, 1), middle, carry)
    set_row(counter, 1, bit)
    bit, carry = full_add(get_row(counter, 2), high, carry)
    set_row(counter, 2, bit)
    for position in range(3, n_bits):
        old = get_row(counter, position)
        set_row(counter, position, old ^ carry)
        carry = old & carry


@njit(cache=True)
def _seven(pairs, turns, states, entry):
    """Return three bits that count seven inputs."""
    total, carry_a = full_add(
        _input(pairs, turns, states, entry),
        _input(pairs, turns, states, entry + 1),
        _input(pairs, turns, states, entry + 2),
    )
    total, carry_b = full_add(total, _input(pairs, turns, states, entry + 3), _input(pairs, turns, states, entry + 4))
    total, carry_c = full_add(total, _input(pairs, turns, states, entry + 5), _input(pairs, turns, states, entry + 6))
    middle, high = full_add(carry_a, carry_b, carry_c)
    return total, middle, high


@njit(cache=True)
def add_counts(counter, n_bits, weight, energies):
    """Add ``weight`` times the number in the counter to the energy of each lane."""
    for word in range(GROUP_WORDS):
        for position in range(n_bits):
            bits = counter[position * GROUP_WORDS + word]
            step = weight << position
            for lane in range(64):
                energies[word * 64 + lane] += step * np.int64((bits >> np.uint64(lane)) & np.uint64(1))


@njit(cache=True, nogil=True)
def packed_energies(terms, words, counter, energies):
    """Compute the energy of every lane.

    Parameters
    ----------
    terms : EnergyTerms
        Terms of the energy to count.
    words : ndarray, shape ((n + 1) * 8,), uint64
        States, row by row; the last row is all spins down.
    counter : ndarray, shape (n_bits * 8,), uint64
        Scratch memory, overwritten.
    energies : ndarray, shape (512,), int64
        Energies in units; overwritten.
    """
    pairs, turns, states, sums = view(terms.pairs), view(terms.turns), view(words), view(counter)
    nothing = splat(np.uint64(0), GROUP_WORDS)
    energies[:] = terms.constant
    for part in range(len(terms.starts) - 1):
        for position in range(terms.n_bits):
            set_row(sums, position, nothing)
        entry, last = terms.starts[part], terms.starts[part + 1]
        while entry + BLOCK <= last:
            low, middle, high = _seven(pairs, turns, states, entry)
            add_number(sums, terms.n_bits, low, middle, high)
            entry += BLOCK
        while entry < last:
            add_number(sums, terms.n_bits, _input(pairs, turns, states, entry), nothing, nothing)
            entry += 1
        add_counts(counter, terms.n_bits, np.int64(2) << part, energies)
