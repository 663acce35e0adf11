"""The logic behind one ADC: shift-adder, accumulator, and the partial sums and totals of its columns."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from ...emulator.spec.tile.controller import index_bits
from .scanner import conversion_layout


class TileLane(wiring.Component):
    """One adder for all columns that share an ADC; twin: partials and totals of ``emulator.golden.tile.controller``.

    Parameters
    ----------
    spec : TileControllerSpec
        Word widths.
    adc : int
        Number of the ADC; the last group of a scan may have no column for it.

    Members
    -------
    code : In(signed(adc_bits))
        Output code of the ADC.
    take : In(1)
        Take the code at the end of this cycle.
    adding, accumulating : In
        What the last shift-add register and the accumulator hold, see `conversion_layout`.
    read_group : In
        Column whose total is read.
    total : Out(signed(accumulator_bits))
        That total, in the same cycle; 0 where there is no column.
    rail, saturated : Out(1)
        A code at an end of the ADC's range is added; a total saturates.

    Timing
    ------
    ``shift_add_cycles`` registers from code to partial sum, one more to the total.
    """

    def __init__(self, spec, adc):
        self._spec = spec
        self._n_columns = spec.timing.groups_of_adc(adc)
        layout = conversion_layout(spec)
        super().__init__(
            {
                "code": In(signed(spec.adc_bits)),
                "take": In(1),
                "adding": In(layout),
                "accumulating": In(layout),
                "read_group": In(index_bits(spec.timing.columns_per_adc)),
                "total": Out(signed(spec.accumulator_bits)),
                "rail": Out(1),
                "saturated": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        self._accumulate(m, self._shift_add(m, self._codes(m)))
        return m

    def _codes(self, m):
        """Add the registers of the code; return the last."""
        codes = [
            Signal(signed(self._spec.adc_bits), name=f"code_{stage}")
            for stage in range(self._spec.timing.shift_add_cycles)
        ]
        with m.If(self.take):
            m.d.sync += codes[0].eq(self.code)
        m.d.sync += [later.eq(sooner) for sooner, later in zip(codes, codes[1:], strict=False)]
        return codes[-1]

    def _shift_add(self, m, code):
        """Add the partial sums; return the register that goes to the accumulator."""
        spec, adding = self._spec, self.adding
        low, high = spec.code_range
        partials, writer, reader = self._memory(m, "partials", spec.partial_bits)
        before, after = (Signal(signed(spec.partial_bits), name=name) for name in ("before", "after"))
        enabled = self._has_column(adding)
        sums = Signal(signed(spec.partial_bits), name="sum")
        m.d.comb += [
            reader.addr.eq(adding.group),
            before.eq(Mux(self._clears(adding), 0, reader.data << 1)),
            after.eq(Mux(self._subtracts(adding), before - code, before + code)),
            writer.en.eq(enabled),
            writer.addr.eq(adding.group),
            writer.data.eq(after),
            self.rail.eq(enabled & ((code == low) | (code == high))),
        ]
        with m.If(enabled & adding.last_plane):
            m.d.sync += sums.eq(after)
        return sums

    def _accumulate(self, m, sums):
        """Add the totals and their read port."""
        spec, accumulating = self._spec, self.accumulating
        low, high = spec.total_range
        totals, writer, reader = self._memory(m, "totals", spec.accumulator_bits)
        port = totals.read_port(domain="comb")
        exact = Signal(signed(max(spec.accumulator_bits, spec.partial_bits) + 1), name="exact")
        above = Signal()
        below = Signal()
        enabled = self._has_column(accumulating)
        m.d.comb += [
            reader.addr.eq(accumulating.group),
            exact.eq(Mux(self._begins(accumulating), 0, reader.data) + sums),
            above.eq(exact > high if spec.saturates else 0),
            below.eq(exact < low if spec.saturates else 0),
            writer.en.eq(enabled),
            writer.addr.eq(accumulating.group),
            writer.data.eq(Mux(above, high, Mux(below, low, exact)) if spec.saturates else exact),
            self.saturated.eq(enabled & (above | below)),
            port.addr.eq(self.read_group),
            self.total.eq(Mux(self.read_group < self._n_columns, port.data, 0)),
        ]

    def _clears(self, adding):
        """Return whether a new partial sum begins."""
        return adding.first_plane

    def _begins(self, accumulating):
        """Return whether a new total begins."""
        return accumulating.first_tile

    def _subtracts(self, adding):
        """Return whether a code counts negative."""
        return adding.first_plane if self._spec.signed_inputs else Const(0)

    def _has_column(self, conversion):
        """Return whether a conversion is one of this ADC's."""
        everywhere = self._n_columns == self._spec.timing.columns_per_adc
        return conversion.valid if everywhere else conversion.valid & (conversion.group < self._n_columns)

    def _memory(self, m, name, width):
        """Add a memory of one word per column, with a write and a read port."""
        depth = 1 << len(self.read_group)
        m.submodules[name] = memory = Memory(shape=signed(width), depth=depth, init=[])
        writer = memory.write_port()
        reader = memory.read_port(domain="comb")
        return memory, writer, reader
