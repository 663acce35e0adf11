"""Chromatic Gibbs sweeps in float32 or float64, many chains at once.

Spins lie in rows, one per spin, with the chains of a block side by side. A block is 64 chains (a cache line), 16
chains (one vector), or one. Random words come from `SLOTS` generators per chain, taken in turn by the spins of a
colour, so that even the decisions of a single chain fill whole vectors. A chain's path depends on the seed and its own
number alone, not on the block that it is in.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..kernels.activation_lanes import LANES, settle
from ..kernels.lanes import convert_like, fma, load, scalar_like, splat, store, view
from ..kernels.random_lanes import STATE_WORDS, advance

SLOTS = 16
BATCH = 16 * SLOTS  # spins of a single chain whose fields are computed ahead
BLOCK_WIDTHS = (64, 16, 1)


class Graph(NamedTuple):
    """Arrays of a `SweepLayout`, with values and biases in the kernels' float type."""

    bounds: np.ndarray
    pointers: np.ndarray
    neighbors: np.ndarray
    values: np.ndarray
    biases: np.ndarray


class Block(NamedTuple):
    """Chains that run together.

    Parameters
    ----------
    width : int
        Chains, one of `BLOCK_WIDTHS`.
    spins : ndarray, shape (n_spins * width,), int8
        States, row by row.
    state : ndarray, shape (4 * SLOTS * width,), uint32 or uint64
        Words a, b, c, d of the generators, slot by slot within each. A block of one has as much again for scratch.
    fields : ndarray, shape (n_scratch(width),), float32 or float64
        Scratch: local fields.
    drawn : ndarray, shape (n_scratch(width),), int8
        Scratch: new spins.
    """

    width: int
    spins: np.ndarray
    state: np.ndarray
    fields: np.ndarray
    drawn: np.ndarray


def n_scratch(width):
    """Return the length of a block's scratch arrays."""
    return BATCH if width == 1 else SLOTS * width


@njit(cache=True)
def _fields_of_64(graph, block, first, count):
    """Compute the local fields of ``count`` rows from ``first``, 64 chains."""
    for slot in range(count):
        row = first + slot
        a = splat(graph.biases[row], LANES)
        b, c, d = a, a, a
        for entry in range(graph.pointers[row], graph.pointers[row + 1]):
            value = splat(graph.values[entry], LANES)
            start = np.int64(graph.neighbors[entry]) * 64
            a = fma(value, convert_like(load(block.spins, start, LANES), a), a)
            b = fma(value, convert_like(load(block.spins, start + 16, LANES), b), b)
            c = fma(value, convert_like(load(block.spins, start + 32, LANES), c), c)
            d = fma(value, convert_like(load(block.spins, start + 48, LANES), d), d)
        start = slot * 64
        store(block.fields, start, a)
        store(block.fields, start + 16, b)
        store(block.fields, start + 32, c)
        store(block.fields, start + 48, d)


@njit(cache=True)
def _fields_of_16(graph, block, first, count):
    """Compute the local fields of ``count`` rows from ``first``, 16 chains."""
    for slot in range(count):
        row = first + slot
        a = splat(graph.biases[row], LANES)
        for entry in range(graph.pointers[row], graph.pointers[row + 1]):
            start = np.int64(graph.neighbors[entry]) * 16
            a = fma(splat(graph.values[entry], LANES), convert_like(load(block.spins, start, LANES), a), a)
        store(block.fields, slot * 16, a)


@njit(cache=True)
def _fields_of_1(graph, block, first, count):
    """Compute the local fields of ``count`` rows from ``first``, one chain."""
    for slot in range(count):
        row = first + slot
        field = graph.biases[row]
        for entry in range(graph.pointers[row], graph.pointers[row + 1]):
            field = fma(graph.values[entry], scalar_like(block.spins[np.int64(graph.neighbors[entry])], field), field)
        block.fields[slot] = field


@njit(cache=True)
def _draw(block, beta2, fields, n_lanes, out):
    """Decide ``n_lanes`` spins; fields and new spins -1/+1 are pairs of an array and a start."""
    state, stride = block.state, SLOTS * block.width
    one = splat(np.int8(1), LANES)
    for lane in range(0, n_lanes, LANES):
        words, a, b, c, d = advance(
            load(state, lane, LANES),
            load(state, stride + lane, LANES),
            load(state, 2 * stride + lane, LANES),
            load(state, 3 * stride + lane, LANES),
        )
        x = load(fields[0], fields[1] + lane, LANES) * splat(beta2, LANES)
        down, a, b, c, d = settle(x, words, a, b, c, d, one)
        store(state, lane, a)
        store(state, stride + lane, b)
        store(state, 2 * stride + lane, c)
        store(state, 3 * stride + lane, d)
        store(out[0], out[1] + lane, one - down - down)


@njit(cache=True)
def _update_64(graph, block, beta2, begin, end):
    """Update rows ``begin`` to ``end``, all of one colour, of 64 chains."""
    for first in range(begin, end, SLOTS):
        count = min(SLOTS, end - first)
        _fields_of_64(graph, block, first, count)
        _draw(block, beta2, (block.fields, 0), count * 64, (block.spins, first * 64))


@njit(cache=True)
def _update_16(graph, block, beta2, begin, end):
    """Update rows ``begin`` to ``end``, all of one colour, of 16 chains."""
    for first in range(begin, end, SLOTS):
        count = min(SLOTS, end - first)
        _fields_of_16(graph, block, first, count)
        _draw(block, beta2, (block.fields, 0), count * 16, (block.spins, first * 16))


@njit(cache=True)
def _draw_of_1(block, beta2, slot, count):
    """Decide ``count`` spins of one chain whose fields begin at ``slot``; generators of unused slots stay."""
    state, half = block.state, STATE_WORDS * SLOTS
    if count < SLOTS:
        for k in range(half):
            state[half + k] = state[k]
    _draw(block, beta2, (block.fields, slot), SLOTS, (block.drawn, slot))
    for unused in range(count, SLOTS):
        for word in range(STATE_WORDS):
            state[word * SLOTS + unused] = state[half + word * SLOTS + unused]


@njit(cache=True)
def _update_1(graph, block, beta2, begin, end):
    """Update rows ``begin`` to ``end``, all of one colour, of one chain.

    Fields are written one by one and read sixteen at a time, which stalls until the writes have left the store buffer;
    `BATCH` of them ahead of the reads hide that.
    """
    for first in range(begin, end, BATCH):
        count = min(BATCH, end - first)
        _fields_of_1(graph, block, first, count)
        for slot in range(0, count, SLOTS):
            _draw_of_1(block, beta2, slot, min(SLOTS, count - slot))
        for slot in range(count):
            block.spins[first + slot] = block.drawn[slot]


@njit(cache=True)
def sweep(graph, block, beta2):
    """Update every free spin of every chain of a block once, colour by colour.

    Parameters
    ----------
    graph : Graph
        Couplings and biases, by neighbour lists.
    block : Block
        States and generators; changed in place.
    beta2 : float32 or float64
        Twice the inverse temperature.
    """
    n_colors = len(graph.bounds) - 1
    bounds, pointers, neighbors = view(graph.bounds), view(graph.pointers), view(graph.neighbors)
    graph = Graph(bounds, pointers, neighbors, view(graph.values), view(graph.biases))
    block = Block(block.width, view(block.spins), view(block.state), view(block.fields), view(block.drawn))
    for color in range(n_colors):
        if block.width == 64:
            _update_64(graph, block, beta2, bounds[color], bounds[color + 1])
        elif block.width == 16:
            _update_16(graph, block, beta2, bounds[color], bounds[color + 1])
        else:
            _update_1(graph, block, beta2, bounds[color], bounds[color + 1])
