"""Packed states: random starts, masked copies and masked swaps between slots."""

import numpy as np
from numba import njit

from ...kernels.lanes import load, view
from ...kernels.random_lanes import advance
from ...reference.bit_fields import GROUP_CHAINS, GROUP_WORDS, get_row, set_row


@njit(cache=True, nogil=True)
def fill_random(words, n_rows, state):
    """Write random bits into the first rows of ``words``; ``state``, shape (32,), uint64, moves on."""
    target, held = view(words), view(state)
    a, b, c, d = get_row(held, 0), get_row(held, 1), get_row(held, 2), get_row(held, 3)
    for row in range(n_rows):
        word, a, b, c, d = advance(a, b, c, d)
        set_row(target, row, word)
    set_row(held, 0, a)
    set_row(held, 1, b)
    set_row(held, 2, c)
    set_row(held, 3, d)


@njit(cache=True)
def copy_lanes(source, target, n_rows, mask):
    """Copy the lanes in ``mask``, shape (8,), uint64, from one state to another."""
    chosen = load(mask, 0, GROUP_WORDS)
    read, write = view(source), view(target)
    for row in range(n_rows):
        old = get_row(write, row)
        set_row(write, row, old ^ ((old ^ get_row(read, row)) & chosen))


@njit(cache=True)
def swap_lanes(one, other, n_rows, mask):
    """Exchange the lanes in ``mask`` between two states."""
    chosen = load(mask, 0, GROUP_WORDS)
    first, second = view(one), view(other)
    for row in range(n_rows):
        a, b = get_row(first, row), get_row(second, row)
        change = (a ^ b) & chosen
        set_row(first, row, a ^ change)
        set_row(second, row, b ^ change)


@njit(cache=True, nogil=True)
def keep_best_lanes(words, n_rows, energies, best_energies, best_words, mask):
    """Keep the lanes whose energy is the lowest so far; ``mask``, shape (8,), uint64, is scratch."""
    found = False
    mask[:] = 0
    for lane in range(GROUP_CHAINS):
        if energies[lane] < best_energies[lane]:
            best_energies[lane] = energies[lane]
            mask[lane // 64] |= np.uint64(1) << np.uint64(lane % 64)
            found = True
    if found:
        copy_lanes(words, best_words, n_rows, mask)


@njit(cache=True, nogil=True)
def swap_slots(words, slots, n_rows, energies, beta_difference, draws, mask):
    r"""Exchange two slots of neighbouring betas, lane by lane, with P = min(1, exp(dbeta dE)); return how many.

    Parameters
    ----------
    words : ndarray, shape (n_slots, n_words), uint64
        States of all slots; changed in place.
    slots : tuple of int
        Hotter and colder slot.
    n_rows : int
        Number of spins, a row each.
    energies : ndarray, shape (n_slots, 512), int64
        In units; exchanged as well.
    beta_difference : float
        Colder beta less hotter beta, in inverse units.
    draws : ndarray, shape (512,), uint64
        Random words.
    mask : ndarray, shape (8,), uint64
        Scratch; afterwards the lanes that were exchanged.
    """
    hot, cold = slots
    mask[:] = 0
    n_swaps = 0
    for lane in range(GROUP_CHAINS):
        difference = energies[cold, lane] - energies[hot, lane]
        uniform = (np.float64(draws[lane] >> np.uint64(11)) + 0.5) * 2.0**-53
        exponent = beta_difference * difference
        if exponent >= 0 or uniform < np.exp(exponent):
            mask[lane // 64] |= np.uint64(1) << np.uint64(lane % 64)
            energies[cold, lane] -= difference
            energies[hot, lane] += difference
            n_swaps += 1
    swap_lanes(words[hot], words[cold], n_rows, mask)
    return n_swaps
