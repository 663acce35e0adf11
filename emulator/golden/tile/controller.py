"""The controller of a crossbar tile, one clock at a time: integer, and equal to the RTL in every register."""

from __future__ import annotations

import numpy as np

from ...spec.tile.controller import TileInputs
from .pipeline import TilePipeline

WORD = 0xFFFFFFFF


class TileController:
    """Cycle-exact twin of `spinchip.rtl.tile.controller.TileController`.

    Parameters
    ----------
    spec : TileControllerSpec
        The controller; input words and totals start at zero.

    Attributes
    ----------
    pipeline : TilePipeline
        Control registers of the tile.
    words : list
        Input words by bank, tile and row, as two's complement bits.
    bank, rows : int, list of int
        Bank that runs; bit on every word line.
    codes : list of list of int
        Registers of the shift-adders by stage and ADC, the youngest first.
    partials, totals : list of int
        Partial sum and total of every column.
    sums : list of int
        What each ADC's accumulator adds next.
    result : int
        Total that the read port shows.
    cycles, saturations, rails, refused : int
        Counters of 32 bits: busy clocks, totals that saturated, codes at either end of the ADC's range, starts and
        writes that were not carried out.
    on_cycles : ndarray, shape (n_row_tiles, n_rows), int64
        Clocks in which each word line carried a 1. Not a register: the array's energy depends on it.
    """

    def __init__(self, spec):
        self.spec, timing = spec, spec.timing
        self.pipeline = TilePipeline(timing)
        self.words = [[[0] * timing.n_rows for _ in range(timing.n_row_tiles)] for _ in range(2)]
        self.bank, self.rows = 0, [0] * timing.n_rows
        self.codes = [[0] * timing.n_adcs for _ in range(timing.shift_add_cycles)]
        self.partials, self.totals = [0] * timing.n_columns, [0] * timing.n_columns
        self.sums = [0] * timing.n_adcs
        self.result = self.cycles = self.saturations = self.rails = self.refused = 0
        self.on_cycles = np.zeros((timing.n_row_tiles, timing.n_rows), dtype=np.int64)

    def tick(self, inputs=None, codes=None):
        """Advance one clock.

        Parameters
        ----------
        inputs : TileInputs, optional
            What the digital pins carry in this cycle; all zero by default.
        codes : sequence of int, length n_adcs, optional
            ADC codes in this cycle; only those of a cycle with ``pipeline.takes`` count.
        """
        inputs = TileInputs() if inputs is None else inputs
        pipeline = self.pipeline
        was_busy, was_ready = pipeline.busy, pipeline.ready
        self.on_cycles[pipeline.step.tile] += self.rows
        next_result = self._read(inputs)
        rows = self._next_rows(inputs)
        saturations = self._accumulate()
        rails = self._shift_add()
        if pipeline.takes:
            self.codes = [list(codes), *self.codes[:-1]]
        else:
            self.codes = [self.codes[0], *self.codes[:-1]]
        refused = self._write(inputs, was_ready) + (inputs.start and not was_ready)
        if inputs.start and was_ready:
            self.bank = inputs.start_bank
        self._count(inputs.clear, was_busy, saturations, rails, refused)
        pipeline.tick(bool(inputs.start))
        self.rows, self.result = rows, next_result

    def _next_rows(self, inputs):
        """Return what the word lines carry in the next cycle."""
        pipeline = self.pipeline
        step = pipeline.next_step(bool(inputs.start))
        if step is not None:
            bank = inputs.start_bank if pipeline.ready else self.bank
            return [(word >> step.plane) & 1 for word in self.words[bank][step.tile]]
        return [0] * self.spec.timing.n_rows if pipeline.holds else self.rows

    def _shift_add(self):
        """Update the partial sums; return how many codes stood at an end of the ADC's range."""
        conversion = self.pipeline.adds[-1]
        if conversion is None:
            return 0
        spec, rails = self.spec, 0
        plane = conversion.step.plane
        first = plane == spec.input_bits - 1
        for adc in range(spec.timing.columns_in_group(conversion.group)):
            column = conversion.group * spec.timing.n_adcs + adc
            code = self.codes[-1][adc]
            rails += code in spec.code_range
            before = 0 if first else 2 * self.partials[column]
            self.partials[column] = before - code if first and spec.signed_inputs else before + code
            if plane == 0:
                self.sums[adc] = self.partials[column]
        return rails

    def _accumulate(self):
        """Update the totals; return how many saturated."""
        conversion = self.pipeline.accumulating
        if conversion is None:
            return 0
        low, high = self.spec.total_range
        n_adcs, saturations = self.spec.timing.n_adcs, 0
        for adc in range(self.spec.timing.columns_in_group(conversion.group)):
            column = conversion.group * n_adcs + adc
            exact = self.sums[adc] + (self.totals[column] if conversion.step.tile else 0)
            self.totals[column] = min(max(exact, low), high)
            saturations += self.totals[column] != exact
        return saturations

    def _write(self, inputs, was_ready):
        """Carry out a write; return whether it was refused."""
        if not inputs.write:
            return False
        timing = self.spec.timing
        runs = self.bank if not was_ready else inputs.start_bank if inputs.start else None
        exists = inputs.write_tile < timing.n_row_tiles and inputs.write_row < timing.n_rows
        if not exists or inputs.write_bank == runs:
            return True
        self.words[inputs.write_bank][inputs.write_tile][inputs.write_row] = inputs.write_data
        return False

    def _read(self, inputs):
        column = inputs.read_group * self.spec.timing.n_adcs + inputs.read_adc
        inside = inputs.read_adc < self.spec.timing.n_adcs and column < self.spec.timing.n_columns
        return self.totals[column] if inside else 0

    def _count(self, clear, busy, *counts):
        """Step the counters, or clear them."""
        names = ("cycles", "saturations", "rails", "refused")
        for name, more in zip(names, (busy, *counts), strict=True):
            setattr(self, name, 0 if clear else (getattr(self, name) + int(more)) & WORD)
