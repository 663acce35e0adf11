"""A program as the flat integer arrays that the numba kernels walk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.fabric.program import Program
from ...spec.fabric.random_source import RandomKind


@dataclass(frozen=True, eq=False)
class GoldenArrays:
    """Kernel inputs; lists are in update order, colour by colour.

    Parameters
    ----------
    color_start : ndarray, shape (n_colors + 1,), int64
        Colour c updates ``order[color_start[c]:color_start[c + 1]]`` at once.
    order : ndarray, shape (n,), int64
        P-bits in update order.
    neighbor_start, neighbor_index, neighbor_weight : ndarray, int64, int64, int32
        CSR lists *by p-bit*: neighbours read, and twice the coupling in accumulator units. Directed: a mutant
        may drop one direction.
    offsets : ndarray, shape (n,), int32
        Offset of each p-bit, in accumulator units.
    held : ndarray, shape (n,), bool
        P-bits that a clamp keeps from updating.
    generator, right_shift : ndarray, shape (n,), int64
        Where each p-bit's random word comes from: generator, and shift of its 32-bit output.
    """

    program: Program
    color_start: np.ndarray
    order: np.ndarray
    neighbor_start: np.ndarray
    neighbor_index: np.ndarray
    neighbor_weight: np.ndarray
    offsets: np.ndarray
    held: np.ndarray
    generator: np.ndarray
    right_shift: np.ndarray

    @property
    def is_simultaneous(self):
        """Whether a p-bit reads another of its own colour, so that new bits must wait for the whole colour."""
        colors = np.asarray(self.program.spec.colors)
        readers = np.repeat(np.arange(len(colors)), np.diff(self.neighbor_start))
        return bool((colors[readers] == colors[self.neighbor_index]).any())

    @property
    def may_saturate(self):
        """Whether any state drives a field out of its format."""
        spec = self.program.spec
        readers = np.repeat(np.arange(len(self.offsets)), np.diff(self.neighbor_start))
        weights = self.neighbor_weight.astype(np.int64)
        n = len(self.offsets)
        high = self.offsets + np.bincount(readers, np.maximum(weights, 0), n).astype(np.int64)
        low = self.offsets + np.bincount(readers, np.minimum(weights, 0), n).astype(np.int64)
        return bool(spec.field_words(high)[1].any() or spec.field_words(low)[1].any())


def golden_arrays(program):
    """Return the kernel arrays of a program."""
    spec = program.spec
    colors = np.asarray(spec.colors)
    slots = np.asarray(spec.slots)
    read = program.read_words
    neighbors = [pair for pairs in read for pair in pairs]
    degrees = [len(pairs) for pairs in read]
    slices = spec.random.slices
    # Slice 0 is the high part of the word; the compared bits are the top ones of the slice.
    right_shift = 32 - (slots % slices) * spec.random.slice_bits - spec.compare_bits
    if spec.random.kind is RandomKind.EXTERNAL:  # one word of compare_bits a slot
        slices, right_shift = 1, np.zeros_like(slots)
    return GoldenArrays(
        program=program,
        color_start=np.concatenate([[0], np.cumsum(np.bincount(colors))]).astype(np.int64),
        order=np.argsort(colors, kind="stable").astype(np.int64),
        neighbor_start=np.concatenate([[0], np.cumsum(degrees)]).astype(np.int64),
        neighbor_index=np.array([j for j, _ in neighbors], dtype=np.int64),
        neighbor_weight=np.array([int(w) << spec.weight_shift for _, w in neighbors], dtype=np.int32),
        offsets=program.offsets.astype(np.int32),
        held=program.clamps != 0,
        generator=(slots // slices).astype(np.int64),
        right_shift=right_shift.astype(np.int64),
    )


def machine_of(arrays):
    """Return the nested tuple that the kernels take: (graph, arithmetic, source).

    graph: color_start, order, neighbor_start, neighbor_index, neighbor_weight, offsets, held, generator, right_shift.
    arithmetic: field_shift, field_min, field_max, field_mask, compare_mask, is_simultaneous, may_saturate.
    source: kind, leap.
    """
    spec = arrays.program.spec
    graph = (
        arrays.color_start,
        arrays.order,
        arrays.neighbor_start,
        arrays.neighbor_index,
        arrays.neighbor_weight,
        arrays.offsets,
        arrays.held,
        arrays.generator,
        arrays.right_shift,
    )
    arithmetic = (
        spec.field_shift,
        np.int32(spec.field.min_word),
        np.int32(spec.field.max_word),
        np.int32(spec.n_table_entries - 1),
        np.uint32((1 << spec.compare_bits) - 1),
        arrays.is_simultaneous,
        arrays.may_saturate,
    )
    return graph, arithmetic, (int(spec.random.kind), spec.random.leap)
