"""The back end's control: ADC scan, and what travels with a code through shift-add and accumulation."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...emulator.spec.tile.controller import index_bits


def conversion_layout(spec):
    """Return what travels with a group of codes: whose columns they are, and which ends of the product they touch."""
    return data.StructLayout(
        {
            "valid": 1,
            "group": index_bits(spec.timing.columns_per_adc),
            "first_plane": 1,
            "last_plane": 1,
            "first_tile": 1,
            "last_tile": 1,
        }
    )


class TileScanner(wiring.Component):
    """Steps the ADCs' multiplexers through the columns; twin: the back end of ``emulator.golden.tile.pipeline``.

    Members
    -------
    transfer : In(1)
        New values stand before the ADCs from the next cycle on; allowed while ``free``.
    tile, plane : In
        Tile and plane of the step.
    free, ends : Out(1)
        A transfer is possible at the end of this cycle; this is a scan's last cycle.
    scanning, group, convert_count : Out
        Registers: converting, which group of columns, for how many clocks.
    take : Out(1)
        The codes are valid in this cycle and are taken at its end.
    adding, accumulating : Out
        What the last shift-add register and the accumulators hold, see `conversion_layout`.
    working, done : Out(1)
        Anything is under way here; a register that shows when a product's results have become readable.

    Timing
    ------
    ``convert_cycles`` clocks a group; codes reach ``adding`` after ``shift_add_cycles`` clocks, ``accumulating`` after
    one more.
    """

    def __init__(self, spec):
        self._spec, timing = spec, spec.timing
        layout = conversion_layout(spec)
        super().__init__(
            {
                "transfer": In(1),
                "tile": In(index_bits(timing.n_row_tiles)),
                "plane": In(index_bits(timing.n_planes)),
                "free": Out(1),
                "ends": Out(1),
                "scanning": Out(1),
                "group": Out(index_bits(timing.columns_per_adc)),
                "convert_count": Out(index_bits(timing.convert_cycles)),
                "take": Out(1),
                "adding": Out(layout),
                "accumulating": Out(layout),
                "working": Out(1),
                "done": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        timing = self._spec.timing
        scanned = Signal(conversion_layout(self._spec))
        m.d.comb += [
            self.take.eq(self.scanning & (self.convert_count == timing.convert_cycles - 1)),
            self.ends.eq(self.take & (self.group == timing.columns_per_adc - 1)),
            self.free.eq(~self.scanning | self.ends),
            self.scanning.eq(scanned.valid),
            self.group.eq(scanned.group),
        ]
        with m.If(self.scanning):
            m.d.sync += self.convert_count.eq(self.convert_count + 1)
        with m.If(self.take):
            m.d.sync += [self.convert_count.eq(0), scanned.group.eq(self.group + 1)]
        with m.If(self.ends):
            m.d.sync += [scanned.valid.eq(0), scanned.group.eq(0)]
        with m.If(self.transfer):
            m.d.sync += [
                scanned.valid.eq(1),
                scanned.first_plane.eq(self.plane == timing.n_planes - 1),
                scanned.last_plane.eq(self.plane == 0),
                scanned.first_tile.eq(self.tile == 0),
                scanned.last_tile.eq(self.tile == timing.n_row_tiles - 1),
            ]
        self._back(m, scanned)
        return m

    def _back(self, m, scanned):
        """Add the registers that travel with the codes."""
        before, valids = scanned, [scanned.valid]
        for stage in range(self._spec.timing.shift_add_cycles):
            register = Signal(conversion_layout(self._spec), name=f"adds_{stage}")
            m.d.sync += register.eq(before)
            if stage == 0:
                m.d.sync += register.valid.eq(self.take)
            before = register
            valids.append(register.valid)
        accumulating = self.accumulating
        whole = Signal()
        m.d.comb += [
            self.adding.eq(before),
            whole.eq(accumulating.valid & accumulating.last_tile),
        ]
        m.d.sync += [
            accumulating.eq(before),
            accumulating.valid.eq(before.valid & before.last_plane),
            self.done.eq(whole & (accumulating.group == self._spec.timing.columns_per_adc - 1)),
        ]
        working = accumulating.valid
        for valid in valids:
            working = working | valid
        m.d.comb += self.working.eq(working)
