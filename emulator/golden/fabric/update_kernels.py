"""One update cycle and whole runs of the sparse fabric, many machines at once, bit for bit like the RTL.

Chains lie side by side in memory so that every inner loop vectorises over them.
"""

import numpy as np
from numba import njit

from .random_kernels import advance, outputs


@njit(cache=True)
def accumulate(graph, bits, i, accumulators):
    """Set ``accumulators`` to the exact local field of p-bit i."""
    start, index, weight, offsets = graph[2], graph[3], graph[4], graph[5]
    for c in range(accumulators.shape[0]):
        accumulators[c] = offsets[i]
    for k in range(start[i], start[i + 1]):
        row = bits[index[k]]
        twice = weight[k]
        for c in range(accumulators.shape[0]):
            accumulators[c] += twice * np.int32(row[c])


@njit(cache=True)
def to_field(arithmetic, accumulators, saturated):
    """Round half up to the field format and saturate, in place; flag machines that saturated."""
    shift, lowest, highest = arithmetic[0], arithmetic[1], arithmetic[2]
    if shift > 0:
        half = np.int32(1 << (shift - 1))
        for c in range(accumulators.shape[0]):
            accumulators[c] = (accumulators[c] + half) >> np.int32(shift)
    elif shift < 0:
        for c in range(accumulators.shape[0]):
            accumulators[c] = accumulators[c] << np.int32(-shift)
    if arithmetic[6]:
        for c in range(accumulators.shape[0]):
            clipped = np.int32(min(max(accumulators[c], lowest), highest))
            saturated[c] |= np.uint8(clipped != accumulators[c])
            accumulators[c] = clipped


@njit(cache=True)
def _decide(arithmetic, table, random, right_shift, accumulators, target):
    """Write the new bits: 1 where the random word lies below the threshold of the field word."""
    field_mask, compare_mask = arithmetic[3], arithmetic[4]
    down = np.uint32(right_shift)
    for c in range(accumulators.shape[0]):
        threshold = table[np.uint32(accumulators[c] & field_mask)]
        target[c] = np.uint8(np.uint32((random[c] >> down) & compare_mask) < threshold)


@njit(cache=True)
def update_color(machine, table, words, bits, scratch, color):
    """Update one colour of every machine.

    Parameters
    ----------
    machine : tuple
        (graph, arithmetic, source), see `arrays.machine_of`.
    table : ndarray, shape (n_table_entries,), uint32
        Activation table in the p-bits.
    words : ndarray, shape (n_generators, n_chains), uint32
        Random words of this cycle.
    bits : ndarray, shape (n_pbits, n_chains), uint8
        States; changed in place.
    scratch : tuple
        (accumulators int32 (n_chains,), fresh uint8 (n_pbits, n_chains), saturated uint8 (n_chains,)).
        ``saturated`` tells afterwards which machines saturated in this cycle.
    color : int
        Colour whose p-bits are updated.
    """
    graph, arithmetic = machine[0], machine[1]
    color_start, order, held, generator, right_shift = graph[0], graph[1], graph[6], graph[7], graph[8]
    accumulators, fresh, saturated = scratch
    is_simultaneous = arithmetic[5]
    saturated[:] = 0
    for position in range(color_start[color], color_start[color + 1]):
        i = order[position]
        if not held[i]:
            accumulate(graph, bits, i, accumulators)
            to_field(arithmetic, accumulators, saturated)
            target = fresh[i] if is_simultaneous else bits[i]
            _decide(arithmetic, table, words[generator[i]], right_shift[i], accumulators, target)
    if is_simultaneous:
        for position in range(color_start[color], color_start[color + 1]):
            i = order[position]
            if not held[i]:
                bits[i] = fresh[i]


@njit(cache=True)
def _store(bits, sample, out):
    for i in range(bits.shape[0]):
        for c in range(bits.shape[1]):
            out[c, sample, i] = 2 * np.int8(bits[i, c]) - 1


@njit(cache=True, nogil=True)
def run_segment(machine, table, state, bits, scratch, segment, out):
    """Run one schedule segment and store the recorded states.

    Parameters
    ----------
    machine, table, bits
        Same meaning as in `update_color`.
    state : ndarray, shape (n_generators, state_words, n_chains), uint32
        Random states; changed in place.
    scratch : tuple
        (accumulators, fresh, saturated, words, progress): as for `update_color`, random words uint32
        (n_generators, n_chains), and int64 (2 + n_chains,) with sweeps done, states stored, and the saturated cycles
        of each machine.
    segment : tuple of int
        (n_sweeps, after, every); ``every`` 0 stores nothing.
    out : ndarray, shape (n_chains, n_samples, n_pbits), int8
        Receives recorded states as spins -1/+1.
    """
    accumulators, fresh, saturated, words, progress = scratch
    n_sweeps, after, every = segment
    kind, leap = machine[2]
    may_saturate = machine[1][6]
    n_colors = len(machine[0][0]) - 1
    for _ in range(n_sweeps):
        for color in range(n_colors):
            outputs(kind, state, words)
            update_color(machine, table, words, bits, (accumulators, fresh, saturated), color)
            advance(kind, leap, state)
            if may_saturate:
                for c in range(bits.shape[1]):
                    progress[2 + c] += saturated[c]
        progress[0] += 1
        if every > 0 and progress[0] > after and (progress[0] - after) % every == 0:
            _store(bits, progress[1], out)
            progress[1] += 1
