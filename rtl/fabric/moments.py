"""Moment accumulators: how often each p-bit was up, and how often each edge agreed."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Moments(wiring.Component):
    """Counters of ups and agreements, read and cleared as a configuration shift register.

    Parameters
    ----------
    spec : FabricSpec
        Gives the edges and the width of a counter.

    Members
    -------
    bit : In(1).array(n_pbits)
        States of the p-bits.
    accumulate : In(1)
        Count the present state.
    shift, data : In(1), In(moment_bits)
        Shift the plane by one word towards the head.
    head : Out(moment_bits)
        Word 0: ups of p-bit 0; the edges follow the p-bits.

    Timing
    ------
    A state counts in the cycle of ``accumulate``. Counters wrap: read them within 2**moment_bits states.
    """

    def __init__(self, spec):
        self._spec = spec
        members = {"bit": In(1).array(spec.n_pbits)}
        members |= {"accumulate": In(1), "shift": In(1)}
        members |= {"data": In(spec.moment_bits), "head": Out(spec.moment_bits)}
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        spec = self._spec
        bits = list(self.bit)
        events = bits + [~(bits[i] ^ bits[j]) for i, j in spec.edges]
        names = [f"ups_{i}" for i in range(spec.n_pbits)] + [f"agreements_{i}_{j}" for i, j in spec.edges]
        counters = [Signal(spec.moment_bits, name=name, reset_less=True) for name in names]
        for counter, event, following in zip(counters, events, [*counters[1:], self.data], strict=True):
            m.d.sync += counter.eq(Mux(self.shift, following, counter + (self.accumulate & event)))
        m.d.comb += self.head.eq(counters[0])
        return m
