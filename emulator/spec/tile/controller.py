"""The digital controller of a crossbar tile: every parameter that golden and RTL share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import NamedTuple

from ..errors import InputError
from .timing import TileTiming

TILE_VERSION = 0x0001_0000  # major << 16 | minor; a change of ports or of the timing raises it
MAX_BITS = 32


@dataclass(frozen=True)
class TileControllerSpec:
    """A bit-serial tile controller.

    Inputs are words of ``timing.n_planes`` bits. Plane p carries bit p of every row and has weight 2**p; with signed
    inputs the top plane has weight -2**p, since that is what the top bit of a two's complement word is worth. Of the
    ADC's signed codes c the controller computes, exactly,

        y_j = sum over row tiles t, planes p of  weight_p c_j(t, p)

    by one shift-adder per ADC, most significant plane first: partial = 2 partial + c, with -c in the signed top plane.
    At the last plane of a tile the partial sum is added to the column's total.

    There are two banks of input words: one is written while a product runs from the other.

    Parameters
    ----------
    timing : TileTiming
        Sizes and stage lengths.
    adc_bits : int
        Width of an ADC code, two's complement [bit].
    signed_inputs : bool
        Whether input words are two's complement.
    accumulator_bits : int
        Width of a column's total [bit]; 0 takes the width that never overflows, ``exact_bits``. A narrower one
        saturates, and that is counted.
    """

    timing: TileTiming
    adc_bits: int
    signed_inputs: bool = True
    accumulator_bits: int = 0

    def __post_init__(self):
        self._check("input_bits", MAX_BITS)
        self._check("adc_bits", MAX_BITS)
        if not self.accumulator_bits:
            object.__setattr__(self, "accumulator_bits", self.exact_bits)
        self._check("accumulator_bits", self.exact_bits)

    def _check(self, name, top):
        bits = getattr(self, name)
        if not isinstance(bits, int) or not 1 <= bits <= top:
            raise InputError(f"{name} must be 1..{top}, not {bits!r}")

    @property
    def input_bits(self):
        """Bits of an input word, which is planes of a product."""
        return self.timing.n_planes

    @property
    def input_range(self):
        """Lowest and highest input word; (int, int)."""
        if self.signed_inputs:
            return -(1 << (self.input_bits - 1)), (1 << (self.input_bits - 1)) - 1
        return 0, (1 << self.input_bits) - 1

    @property
    def code_range(self):
        """Lowest and highest ADC code; (int, int)."""
        return -(1 << (self.adc_bits - 1)), (1 << (self.adc_bits - 1)) - 1

    @property
    def total_range(self):
        """Lowest and highest total that fits the accumulator; (int, int)."""
        return -(1 << (self.accumulator_bits - 1)), (1 << (self.accumulator_bits - 1)) - 1

    def plane_weight(self, plane):
        """Return what a code of a plane is worth, an int."""
        return -(1 << plane) if self.signed_inputs and plane == self.input_bits - 1 else 1 << plane

    @cached_property
    def partial_bits(self):
        """Width of a partial sum, over the planes of one tile, which never overflows [bit]."""
        return _width(*self._partial_range)

    @cached_property
    def exact_bits(self):
        """Width of a total that never overflows [bit]."""
        low, high = self._partial_range
        return _width(low * self.timing.n_row_tiles, high * self.timing.n_row_tiles)

    @property
    def saturates(self):
        """Whether the accumulator is narrower than the largest total."""
        return self.accumulator_bits < self.exact_bits

    @property
    def _partial_range(self):
        """Extremes of a partial sum; sums over fewer planes lie inside them."""
        low_code, high_code = self.code_range
        weights = [self.plane_weight(plane) for plane in range(self.input_bits)]
        low = sum(weight * (low_code if weight > 0 else high_code) for weight in weights)
        high = sum(weight * (high_code if weight > 0 else low_code) for weight in weights)
        return low, high

    @cached_property
    def design_id(self):
        """64-bit hash of everything that shapes the hardware; int."""
        text = json.dumps([TILE_VERSION, asdict(self)], sort_keys=True)
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class TileInputs(NamedTuple):
    """What stands on a controller's digital input pins in one cycle; the ADC codes come beside it.

    ``start`` begins a product from bank ``start_bank`` if the controller is ready. ``write`` stores ``write_data``, an
    input word in two's complement, as word ``write_row`` of tile ``write_tile`` of a bank that does not run.
    ``read_group`` and ``read_adc`` name the total that shows in the next cycle. ``clear`` zeroes the counters.
    """

    start: int = 0
    start_bank: int = 0
    clear: int = 0
    write: int = 0
    write_bank: int = 0
    write_tile: int = 0
    write_row: int = 0
    write_data: int = 0
    read_group: int = 0
    read_adc: int = 0


def input_widths(spec):
    """Return the width of each of the `TileInputs` pins [bit]; dict."""
    timing = spec.timing
    return {
        "start": 1,
        "start_bank": 1,
        "clear": 1,
        "write": 1,
        "write_bank": 1,
        "write_tile": index_bits(timing.n_row_tiles),
        "write_row": index_bits(timing.n_rows),
        "write_data": spec.input_bits,
        "read_group": index_bits(timing.columns_per_adc),
        "read_adc": index_bits(timing.n_adcs),
    }


def index_bits(n):
    """Return the width of a register that counts 0 ... n - 1, at least one [bit]."""
    return max(1, (n - 1).bit_length())


def _width(low, high):
    """Return the bits of a two's complement word that holds both numbers."""
    return 1 + max((~low).bit_length() if low < 0 else low.bit_length(), high.bit_length())
