"""A whole run of one machine, vectorised over the p-bits of a colour instead of over machines.

With few machines the loops of `update_kernels` are too short to fill vector registers. Here p-bits are numbered in
update order, so that a colour is a slice, and neighbours lie in padded rows: row k holds every p-bit's k-th neighbour.
"""

import numpy as np
from numba import njit

from .random_kernels import advance, outputs

MAX_PADDING = 4  # rows beyond this multiple of the mean degree cost more than the vectors gain


def padded_graph(arrays):
    """Return the kernel's tuple of arrays, in update order, or None if padding would cost too much.

    Parameters
    ----------
    arrays : GoldenArrays
        Program as arrays.

    Returns
    -------
    tuple
        color_start int64, order int64, neighbour rows uint32 (k, n), weight rows int32 (k, n), offsets int32, held
        uint8, generator uint32, right shift uint32; None if a hub makes the rows too many.
    """
    degrees = np.diff(arrays.neighbor_start)
    n_rows = int(degrees.max(initial=0))
    if n_rows > MAX_PADDING * max(1.0, degrees.mean()):
        return None
    order = arrays.order
    position = np.empty(len(order), dtype=np.uint32)
    position[order] = np.arange(len(order), dtype=np.uint32)
    readers = np.repeat(position, degrees)
    rows = np.concatenate([np.arange(degree) for degree in degrees]).astype(np.int64) if n_rows else readers
    neighbors = np.zeros((n_rows, len(order)), dtype=np.uint32)
    weights = np.zeros((n_rows, len(order)), dtype=np.int32)
    neighbors[rows, readers] = position[arrays.neighbor_index]
    weights[rows, readers] = arrays.neighbor_weight
    return (
        arrays.color_start,
        order,
        neighbors,
        weights,
        arrays.offsets[order],
        arrays.held[order].astype(np.uint8),
        arrays.generator[order].astype(np.uint32),
        arrays.right_shift[order].astype(np.uint32),
    )


@njit(cache=True)
def _field_words(arithmetic, accumulators):
    """Round half up and saturate, in place; return whether any field saturated."""
    shift, lowest, highest = arithmetic[0], arithmetic[1], arithmetic[2]
    saturated = 0
    if shift > 0:
        half = np.int32(1 << (shift - 1))
        for p in range(accumulators.shape[0]):
            accumulators[p] = (accumulators[p] + half) >> np.int32(shift)
    elif shift < 0:
        for p in range(accumulators.shape[0]):
            accumulators[p] = accumulators[p] << np.int32(-shift)
    if arithmetic[6]:
        for p in range(accumulators.shape[0]):
            clipped = np.int32(min(max(accumulators[p], lowest), highest))
            saturated |= clipped != accumulators[p]
            accumulators[p] = clipped
    return saturated


@njit(cache=True)
def _update(graph, arithmetic, table, words, bits, accumulators, color):
    """Update one colour; return whether any field saturated."""
    first, end = graph[0][color], graph[0][color + 1]
    neighbors, weights = graph[2], graph[3]
    held, generator, right_shift = graph[5][first:end], graph[6][first:end], graph[7][first:end]
    field = accumulators[first:end]
    field[:] = graph[4][first:end]
    for k in range(neighbors.shape[0]):
        index, weight = neighbors[k, first:end], weights[k, first:end]
        for p in range(end - first):
            field[p] += weight[p] * bits[index[p]]
    if arithmetic[6]:  # a held p-bit draws nothing, so its field must not count
        for p in range(end - first):
            field[p] = np.int32(0) if held[p] else field[p]
    saturated = _field_words(arithmetic, field)
    field_mask, compare_mask = arithmetic[3], arithmetic[4]
    target = bits[first:end]
    for p in range(end - first):
        threshold = table[np.uint32(field[p] & field_mask)]
        drawn = np.int32(np.uint32((words[generator[p]] >> right_shift[p]) & compare_mask) < threshold)
        target[p] = target[p] if held[p] else drawn
    return saturated


@njit(cache=True, nogil=True)
def run_single_segment(machine, table, state, bits, scratch, segment, out):
    """Run one schedule segment of one machine; see `update_kernels.run_segment` for what is not said here.

    Parameters
    ----------
    machine : tuple
        (padded graph, arithmetic, source).
    state : ndarray, shape (n_generators, state_words, 1), uint32
        Random states; changed in place.
    bits : ndarray, shape (n_pbits,), int32
        State in update order; changed in place.
    scratch : tuple
        (accumulators int32 (n_pbits,), words uint32 (n_generators, 1), progress int64 (3,)).
    out : ndarray, shape (1, n_samples, n_pbits), int8
        Receives recorded states, in the usual order of p-bits.
    """
    graph, arithmetic = machine[0], machine[1]
    kind, leap = machine[2]
    accumulators, words, progress = scratch
    n_sweeps, after, every = segment
    order = graph[1]
    for _ in range(n_sweeps):
        for color in range(len(graph[0]) - 1):
            outputs(kind, state, words)
            progress[2] += _update(graph, arithmetic, table, words[:, 0], bits, accumulators, color)
            advance(kind, leap, state)
        progress[0] += 1
        if every > 0 and progress[0] > after and (progress[0] - after) % every == 0:
            for p in range(len(order)):
                out[0, progress[1], order[p]] = 2 * np.int8(bits[p]) - 1
            progress[1] += 1
