r"""Trotter replicas in bits: 512 lanes are runs times blocks of replicas.

Replica number ``block * depth + level`` of a run is lane ``run * n_blocks + block`` of slot ``level``: neighbours along
the ring lie in the same lane of the next slot, and, at the last level, one lane further. A spin with the field
\pm u (2 m + q) along its sign and V in {-2, 0, 2} replicas that agree with that sign points against it with
probability 1 / (1 + exp(2 beta' u (2 m + q) + 2 K V)); see `reference.bit_kernels` for the sums and the comparison.
"""

from functools import cache

import numpy as np
from numba import njit
from scipy.special import expit

from ...kernels.lanes import any_set, splat, view
from ...kernels.random_lanes import advance
from ...reference.bit_fields import ALL_ONES, GROUP_WORDS, add_carries, add_inputs, get_row, set_row, split_field
from ...reference.bit_kernels import N_PLANES, SURE_PLANES

AGREEMENTS = (0, 2, -2)  # V of each third of the joint classes


def trotter_table(beta, coupling, unit, n_classes):
    """Return the bits of all thresholds as masks; as `bit_layout.threshold_table`, for 3 ``n_classes`` joint classes.

    Joint class ``n_classes * v + m`` has field class m and ``AGREEMENTS[v]``. Thresholds are probabilities rounded to
    2^-53 at worst, and at most 1 - 2^-53.
    """
    sizes = 2 * np.arange(n_classes) + np.array([[0], [1]])
    inputs = beta * unit * sizes[:, None, :] + coupling * np.array(AGREEMENTS)[None, :, None]
    chances = expit(-2.0 * inputs).reshape(2, -1)
    thresholds = np.minimum(np.rint(chances * 2.0**64), 2.0**64 - 2.0**11).astype(np.uint64)
    shifts = np.arange(N_PLANES - 1, -1, -1, dtype=np.uint64)[None, :, None]
    bits = (thresholds[:, None, :] >> shifts) & np.uint64(1)
    bits[:, :, 1:] ^= bits[:, :, :1]
    return np.where(bits, ALL_ONES, np.uint64(0)).ravel()


def trotter_scratch(n_bits, n_classes, n_inputs):
    """Return the words of scratch that the kernel needs."""
    return (n_bits + 4 * n_classes + 2 * (n_inputs + n_bits)) * GROUP_WORDS


@njit(cache=True)
def next_lanes(lanes, n_blocks):
    """Return, in the lane of each block, the bit of the following block of its run."""
    return _turned(lanes, n_blocks, n_blocks - 1)


@njit(cache=True)
def previous_lanes(lanes, n_blocks):
    """Return, in the lane of each block, the bit of the block before it."""
    return _turned(lanes, n_blocks, 1)


@njit(cache=True)
def _turned(lanes, n_blocks, places):
    """Turn groups of ``n_blocks`` lanes to the left by ``places``."""
    low = np.uint64(0)
    for lane in range(64):
        if lane % n_blocks < places % n_blocks:
            low |= np.uint64(1) << np.uint64(lane)
    low_lanes = splat(low, GROUP_WORDS)
    if places % n_blocks == 0:
        return lanes
    left = (lanes << places) & (low_lanes ^ splat(ALL_ONES, GROUP_WORDS))
    return left | ((lanes >> (n_blocks - places)) & low_lanes)


@njit(cache=True)
def _joint_masks(scratch, n_bits, n_classes, up, before, after):
    """Write the masks of all joint classes but the first, behind those of the field classes."""
    ones = splat(ALL_ONES, GROUP_WORDS)
    down = up ^ ones
    both, neither = before & after, (before | after) ^ ones
    agree, oppose = (both & up) | (neither & down), (both & down) | (neither & up)
    mixed = before ^ after
    first = ones
    for kind in range(1, n_classes):
        chosen = get_row(scratch, n_bits + kind)
        first = first & (chosen ^ ones)
        set_row(scratch, n_bits + n_classes + kind, chosen & mixed)
        set_row(scratch, n_bits + 2 * n_classes + kind, chosen & agree)
        set_row(scratch, n_bits + 3 * n_classes + kind, chosen & oppose)
    set_row(scratch, n_bits + 2 * n_classes, first & agree)
    set_row(scratch, n_bits + 3 * n_classes, first & oppose)


@njit(cache=True)
def _limit(table, start, scratch, first_mask, n_kinds):
    """Return one bit of every lane's threshold."""
    bits = splat(table[start], GROUP_WORDS)
    for kind in range(1, n_kinds):
        bits = bits ^ (get_row(scratch, first_mask + kind) & splat(table[start + kind], GROUP_WORDS))
    return bits


@njit(cache=True)
def _against(table, start, scratch, masks, state):
    """Return the lanes whose spin points against its field: random number below threshold, from the top bit."""
    first_mask, n_kinds = masks
    ones = splat(ALL_ONES, GROUP_WORDS)
    a, b, c, d = get_row(state, 0), get_row(state, 1), get_row(state, 2), get_row(state, 3)
    undecided, against = ones, ones ^ ones
    plane = 0
    while plane < SURE_PLANES or (plane < N_PLANES and any_set(undecided)):
        word, a, b, c, d = advance(a, b, c, d)
        differs = _limit(table, start + plane * n_kinds, scratch, first_mask, n_kinds) ^ word
        against = against | (undecided & (differs & (word ^ ones)))
        undecided = undecided & (differs ^ ones)
        plane += 1
    set_row(state, 0, a)
    set_row(state, 1, b)
    set_row(state, 2, c)
    set_row(state, 3, d)
    return against


@cache
def trotter_sweep(n_bits, n_classes):
    """Return the kernel for sums of ``n_bits`` bits and ``n_classes`` field classes, compile-time constants.

    Returns
    -------
    function of (graph, bounds, words, state, table, scratch, n_blocks)
        Updates every spin of every replica once. ``words``, shape (depth, n_words), and ``state`` are changed in
        place; replicas of odd level begin with the next colour, so that neighbours along the ring are never updated
        together, as in the published program.
    """
    n_kinds = 3 * n_classes

    @njit(cache=True, nogil=True)
    def sweep(graph, bounds, words, state, table, scratch, n_blocks):
        depth, n_colors = len(words), len(bounds) - 1
        pointers, inputs = view(graph.pointers), view(graph.inputs)
        starts, constants = view(graph.starts), view(graph.constants)
        joint = n_bits + n_classes
        first_carry = n_bits + 4 * n_classes
        second_carry = first_carry + (len(scratch) // GROUP_WORDS - first_carry) // 2
        state, table, scratch = view(state), view(table), view(scratch)
        for phase in range(n_colors):
            for level in range(depth):
                here = view(words[level])
                lower, higher = view(words[(level - 1) % depth]), view(words[(level + 1) % depth])
                color = (phase + level) % n_colors
                for row in range(bounds[color], bounds[color + 1]):
                    base = starts[row]
                    read, last, write = first_carry, first_carry, second_carry
                    for column in range(n_bits):
                        bit = splat(constants[base + column], GROUP_WORDS)
                        slot = row * n_bits + column
                        bit, out = add_inputs(inputs, here, (pointers[slot], pointers[slot + 1]), bit, scratch, write)
                        bit, out = add_carries(scratch, (read, last), bit, out)
                        set_row(scratch, column, bit)
                        read, last, write = write, out, read
                    whole = constants[base + n_bits]
                    up = split_field(scratch, splat(whole, GROUP_WORDS), n_bits, n_classes)
                    before, after = get_row(lower, row), get_row(higher, row)
                    if level == 0:
                        before = previous_lanes(before, n_blocks)
                    if level == depth - 1:
                        after = next_lanes(after, n_blocks)
                    _joint_masks(scratch, n_bits, n_classes, up, before, after)
                    start = 0 if whole else N_PLANES * n_kinds
                    against = _against(table, start, scratch, (joint, n_kinds), state)
                    set_row(here, row, up ^ against)

    return sweep
