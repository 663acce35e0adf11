"""Von Neumann's extractor: unbiased bits from biased ones that do not depend on each other."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class VonNeumann(wiring.Component):
    """Reads a line in pairs: 01 gives 0, 10 gives 1, others nothing; twin: ``emulator.golden.fabric.entropy_stages``.

    Members
    -------
    line : In(1)
        One bit a clock.
    bit, valid : Out(1)
        A bit, in the clocks in which there is one.

    Timing
    ------
    A bit appears one clock after the second of its pair; at most every other clock.
    """

    def __init__(self):
        super().__init__({"line": In(1), "bit": Out(1), "valid": Out(1)})

    def elaborate(self, platform):
        m = Module()
        half = Signal()
        first = Signal()
        m.d.sync += [half.eq(~half), self.valid.eq(half & (self.line != first))]
        with m.If(~half):
            m.d.sync += first.eq(self.line)
        with m.Elif(self.line != first):
            m.d.sync += self.bit.eq(first)
        return m
