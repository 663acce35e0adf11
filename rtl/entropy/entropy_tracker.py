"""A loop that keeps a junction fair: it counts ones and moves the code that drives the junction."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class BiasTracker(wiring.Component):
    """An integrator with saturation; twin: ``emulator.golden.fabric.entropy_stages.BiasTracker``.

    Parameters
    ----------
    spec : TrackerSpec
        Word widths.

    Members
    -------
    line : In(1)
        One bit a clock.
    code : Out(signed(code_bits))
        To the converter that drives the junction; more means more ones.

    Timing
    ------
    The code moves in the clock after the last bit of a window.
    """

    def __init__(self, spec):
        self._spec = spec
        super().__init__({"line": In(1), "code": Out(signed(spec.code_bits))})

    def elaborate(self, platform):
        m = Module()
        spec = self._spec
        count = Signal(spec.window_bits)
        ones = Signal(spec.window_bits + 1)
        total = Signal(spec.window_bits + 1)
        m.d.comb += total.eq(ones + self.line)
        step = (Const(1 << (spec.window_bits - 1), signed(spec.window_bits + 2)) - total) >> spec.shift
        wanted = Signal(signed(max(spec.code_bits, spec.window_bits + 2) + 1))
        m.d.comb += wanted.eq(self.code + step)
        low, high = spec.code_range
        m.d.sync += [count.eq(count + 1), ones.eq(total)]
        with m.If(count == (1 << spec.window_bits) - 1):
            m.d.sync += [ones.eq(0), self.code.eq(Mux(wanted < low, low, Mux(wanted > high, high, wanted)))]
        return m
