"""The fabrics: every parameter that golden and RTL share, and the arithmetic they agree on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property

import numpy as np

from ..errors import InputError
from ..fixed import Fixed
from .accumulator import widths
from .random_source import RandomSpec, slots_by_rank

FABRIC_VERSION = 0x0002_0000  # major << 16 | minor; raised where a register or the timing of a design changes


@dataclass(frozen=True)
class FabricSpec:
    """A p-computer: sparse, with one p-bit in hardware per spin, or dense, with an accumulator per spin.

    The local field of p-bit i, in units of ``2**-accumulator_frac``, is the exact integer

        offset_i + 2 sum_j weight_ij bit_j          with offset = bias - sum of its weights,

    which equals h_i + sum_j J_ij s_j because s = 2 bit - 1. In hardware a coupling is a sign and a magnitude, the sign
    turns the neighbour's bit, and the offset is bias - sum of magnitudes: the same integer, from terms that are never
    negative (`sign_magnitude`). It is rounded (half up) to the field format and saturated there, and its word indexes
    the activation table.

    Parameters
    ----------
    n_pbits : int
        Number of p-bits.
    edges : tuple of (int, int)
        Coupled pairs i < j, in lexicographic order; fixed when the hardware is built.
    colors : tuple of int
        Colour of each p-bit; colour c updates in cycle c of a sweep.
    weight, bias, field : Fixed
        Formats of couplings, biases and the local field.
    compare_bits : int
        Bits of the random word that meet the threshold [bit].
    random : RandomSpec
        Source of random words.
    n_pages, n_segments, fifo_depth : int
        Capacity of the activation-table bank, of the schedule memory, and of the snapshot FIFO; powers of two.
    moment_bits : int
        Width of the moment accumulators [bit]; 0 builds none.
    slots : tuple of int, optional
        Random slice of each p-bit; by rank inside its colour if absent.
    dense : bool
        Column-serial accumulation: one p-bit draws in a clock, by the one table and the one random source, and in the
        next its new bit reaches every accumulator at once, as a crossbar's column does. The distribution is that of the
        sparse fabric with a colour for each p-bit; ``colors`` is then the order of the p-bits.
    """

    n_pbits: int
    edges: tuple[tuple[int, int], ...]
    colors: tuple[int, ...]
    weight: Fixed
    bias: Fixed
    field: Fixed
    compare_bits: int = 16
    random: RandomSpec = field(default_factory=RandomSpec)
    n_pages: int = 16
    n_segments: int = 64
    fifo_depth: int = 16
    moment_bits: int = 0
    slots: tuple[int, ...] = ()
    dense: bool = False

    def __post_init__(self):
        if not self.slots:
            object.__setattr__(self, "slots", tuple(slots_by_rank(self.colors).tolist()))
        if not 1 <= self.compare_bits <= self.random.slice_bits:
            rule = f"1..{self.random.slice_bits} for {self.random.slices} slices a word"
            raise InputError(f"Compared bits must be {rule}, not {self.compare_bits}")
        if self.field.width > 12:
            raise InputError(f"Field format must have at most 12 bits (it indexes a table), not {self.field}")
        for name in ("n_pages", "n_segments", "fifo_depth"):
            size = getattr(self, name)
            if not 2 <= size <= 4096 or size & (size - 1):
                raise InputError(f"{name} must be a power of two in 2..4096, not {size}")
        if self.dense and sorted(self.colors) != list(range(self.n_pbits)):
            raise InputError("Colours of a dense fabric must be an order: each of its p-bits a colour of its own")
        if self.moment_bits not in range(33):
            raise InputError(f"Moment accumulators must have 0..32 bits, not {self.moment_bits}")
        if self.rounding_bits > 32:
            rule = "Local field must fit 32 bits from sum to rounding"
            raise InputError(f"{rule}, not {self.rounding_bits}; choose narrower formats")

    @property
    def n_colors(self):
        """Colours: groups of p-bits that draw one after the other."""
        return max(self.colors) + 1

    @cached_property
    def order(self):
        """P-bits in update order, colour by colour; tuple of int."""
        return tuple(sorted(range(self.n_pbits), key=self.colors.__getitem__))

    @cached_property
    def waits(self):
        """Places in the order of a dense fabric after which nothing is chosen for a clock; tuple of int.

        There the next p-bit reads the bit that is only being drawn. The last is one, so that a sweep ends complete.
        """
        linked = set(self.edges)
        pairs = zip(self.order, self.order[1:], strict=False)
        inner = [k for k, (i, j) in enumerate(pairs) if (min(i, j), max(i, j)) in linked]
        return (*inner, self.n_pbits - 1)

    @property
    def clocks_per_sweep(self):
        """Clocks of a sweep: one a colour, or one a p-bit and one a wait."""
        return self.n_pbits + len(self.waits) if self.dense else self.n_colors

    @property
    def flips_per_clock(self):
        """P-bits that draw in a clock of a sweep, on average; float."""
        return self.n_pbits / self.clocks_per_sweep

    @property
    def n_slots(self):
        """Random slices read in one cycle at most."""
        return max(self.slots) + 1

    @property
    def n_generators(self):
        """Random generators (0 for an external source)."""
        return -(-self.n_slots // self.random.slices) if self.random.state_words else 0

    @property
    def n_table_entries(self):
        """Entries of one activation table."""
        return 1 << self.field.width

    @cached_property
    def neighbors(self):
        """For each p-bit its (neighbour, edge number) pairs, ascending; tuple of tuples."""
        lists = [[] for _ in range(self.n_pbits)]
        for number, (i, j) in enumerate(self.edges):
            lists[i].append((j, number))
            lists[j].append((i, number))
        return tuple(tuple(sorted(pairs)) for pairs in lists)

    def read_words(self, weights, directed=False):
        """Return for each p-bit the (neighbour, coupling word) pairs that it reads, ascending; tuple of tuples.

        Parameters
        ----------
        weights : sequence of int
            Coupling words, in the order of ``edges``.
        directed : bool
            A p-bit reads those before it in the order only.
        """
        return tuple(
            tuple((j, int(weights[edge])) for j, edge in pairs if not directed or self.colors[j] < self.colors[i])
            for i, pairs in enumerate(self.neighbors)
        )

    @property
    def accumulator_frac(self):
        """Fraction bits of the exact local field."""
        return max(self.weight.n_frac, self.bias.n_frac)

    @cached_property
    def offset(self):
        """Format of an offset word: wide enough for any bias minus any sum of magnitudes."""
        return Fixed(self._widths.offset_bits - self._widths.frac, self._widths.frac)

    @cached_property
    def accumulator_bits(self):
        """Width of the exact local field from any offset word and any couplings, the sign included [bit]."""
        return self._widths.sum_bits

    @cached_property
    def _widths(self):
        return widths(self.weight, self.bias, max((len(pairs) for pairs in self.neighbors), default=0))

    @property
    def weight_shift(self):
        """Left shift that brings a weight word to twice its value in accumulator units."""
        return 1 + self.accumulator_frac - self.weight.n_frac

    @property
    def field_shift(self):
        """Fraction bits that rounding to the field format drops; negative if it appends zeros."""
        return self.accumulator_frac - self.field.n_frac

    @property
    def rounding_bits(self):
        """Width of the local field before it saturates: the carry of rounding, or appended zeros, included [bit]."""
        return self.accumulator_bits + (1 if self.field_shift > 0 else -self.field_shift)

    def field_words(self, accumulators):
        """Return the saturated field words, and where saturation struck.

        Parameters
        ----------
        accumulators : ndarray, any shape, int64
            Exact local fields in accumulator units.

        Returns
        -------
        words : ndarray, int64
            Field words of the accumulator.
        saturated : ndarray, bool
            Where the rounded field lay outside its format.
        """
        accumulators = np.asarray(accumulators, dtype=np.int64)
        if self.field_shift > 0:
            rounded = (accumulators + (1 << (self.field_shift - 1))) >> self.field_shift
        else:
            rounded = accumulators << -self.field_shift
        words = np.clip(rounded, self.field.min_word, self.field.max_word)
        return words, words != rounded

    @cached_property
    def design_id(self):
        """64-bit hash of everything that shapes the hardware; int."""
        shape = asdict(self)
        if not self.dense:
            del shape["dense"]  # so that sparse designs keep the identity that boards already bear
        text = json.dumps([FABRIC_VERSION, shape], sort_keys=True)
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
