"""The clock cycles of a crossbar tile: what golden, RTL and the ledger share about time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from ..errors import InputError


class TilePhase(IntEnum):
    """What the front end (word lines, array, sample-and-hold) does."""

    IDLE = 0
    DRIVE = 1  # word lines move to the plane's voltages
    SETTLE = 2  # column currents settle, or are integrated
    SAMPLE = 3  # the sample-and-hold acquires; it holds from the end of the last such cycle
    HOLD = 4  # rows are off, the held values wait for the ADCs
    SCAN = 5  # not pipelined only: rows are off until the ADCs have finished


@dataclass(frozen=True)
class TileTiming:
    """Sizes and stage lengths of a tile.

    A product is a sequence of steps, one per row tile and plane: tile 0 plane by plane, most significant first, then
    tile 1 and so on. A plane is what the rows carry at once: one bit of every input, or one phase of a pulse-width
    modulated tile. Each step passes drive, settle, sample, ADC scan, shift-add, and the last plane of a tile also
    accumulate (one clock). Column ``group * n_adcs + adc`` is converted by ``adc`` as number ``group`` of its scan.

    The sample-and-hold has two capacitors a column: one acquires while the ADC converts from the other. In a pipelined
    tile the next step therefore begins as soon as the held values have been handed to the ADCs, which happens in the
    last sampling clock, or later if the ADCs still scan the step before. Otherwise it begins after the scan.

    Parameters
    ----------
    n_rows, n_columns : int
        Word lines of one row tile, and bit lines.
    n_row_tiles : int
        Row tiles whose results are added up.
    n_planes : int
        Planes of one product, see above.
    n_adcs : int
        Analog-to-digital converters; each serves ``columns_per_adc`` columns, one after the other.
    drive_cycles, settle_cycles, sample_cycles, convert_cycles, shift_add_cycles : int
        Length of each stage, convert of one conversion [clock].
    pipelined : bool
        Whether the scan of a step overlaps the drive and settling of the next.
    clock_hz : float
        Clock frequency [Hz].

    Raises
    ------
    InputError
        If a count is not a positive integer, there are more ADCs than columns, or the clock is not a positive number.
    """

    n_rows: int
    n_columns: int
    n_row_tiles: int = 1
    n_planes: int = 8
    n_adcs: int = 1
    drive_cycles: int = 1
    settle_cycles: int = 1
    sample_cycles: int = 1
    convert_cycles: int = 1
    shift_add_cycles: int = 1
    pipelined: bool = True
    clock_hz: float = 1e8

    def __post_init__(self):
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name in ("pipelined", "clock_hz"):
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InputError(f"{name} must be an integer of at least 1, not {value!r}")
        if self.n_adcs > self.n_columns:
            raise InputError(f"n_adcs must be at most the {self.n_columns} columns, not {self.n_adcs}")
        if not (math.isfinite(self.clock_hz) and self.clock_hz > 0):
            raise InputError(f"clock_hz must be a positive number, not {self.clock_hz!r}")

    @cached_property
    def columns_per_adc(self):
        """Columns that share an ADC, which is conversions per scan."""
        return -(-self.n_columns // self.n_adcs)

    @cached_property
    def n_steps(self):
        """Steps of one product."""
        return self.n_row_tiles * self.n_planes

    def columns_in_group(self, group):
        """Return how many columns are converted as number ``group`` of a scan; the last group may be short."""
        return min(self.n_adcs, self.n_columns - group * self.n_adcs)

    def groups_of_adc(self, adc):
        """Return how many columns an ADC serves."""
        return -(-(self.n_columns - adc) // self.n_adcs)

    def place_of_column(self, column):
        """Return (group, adc) of a column: where its result is read."""
        return divmod(column, self.n_adcs)
