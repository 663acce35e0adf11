"""One row of the dense fabric: the couplings that a p-bit reads, and its accumulator."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out


class DenseLane(wiring.Component):
    """Adds a coupling a clock to the local field of one p-bit; twin: ``emulator.golden.fabric.dense_machine``.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of a dense fabric.

    Members
    -------
    place, read : In, In(1)
        Column to fetch from the memory; ``word`` shows it in the next clock and keeps it.
    column, write, data : In, In(1), In(weight.width)
        Write port of the memory.
    offset : In(offset.width)
        Bias minus the sum of magnitudes.
    step, begin : In(1)
        A clock of a sweep; the sum begins anew from the offset.
    send, bit : In(1)
        The p-bit whose column is shown has been drawn: its state.
    word : Out(weight.width)
        Sign and magnitude at the column of the last ``read``.
    sum : Out(signed(accumulator_bits))
        Local field so far, registered.

    Timing
    ------
    ``sum`` changes one cycle after ``step``.
    """

    def __init__(self, spec):
        self._spec = spec
        place_bits = max(1, (spec.n_pbits - 1).bit_length())
        super().__init__(
            {
                "place": In(place_bits),
                "read": In(1),
                "column": In(place_bits),
                "write": In(1),
                "data": In(spec.weight.width),
                "offset": In(spec.offset.width),
                "step": In(1),
                "begin": In(1),
                "send": In(1),
                "bit": In(1),
                "word": Out(spec.weight.width),
                "sum": Out(signed(spec.accumulator_bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        spec = self._spec
        m.submodules.memory = memory = Memory(shape=spec.weight.width, depth=spec.n_pbits, init=[])
        writer = memory.write_port()
        reader = memory.read_port()
        m.d.comb += [
            writer.addr.eq(self.column),
            writer.data.eq(self.data),
            writer.en.eq(self.write),
            reader.addr.eq(self.place),
            reader.en.eq(self.read),
            self.word.eq(reader.data),
        ]
        magnitude = self.word[:-1]
        aligned = Signal()
        term = Signal(spec.accumulator_bits)
        m.d.comb += aligned.eq(self.send & (self.bit ^ self.word[-1]))
        m.d.comb += term.eq((magnitude & aligned.replicate(len(magnitude))) << spec.weight_shift)
        base = Mux(self.begin, self.offset.as_signed(), self.sum)
        m.d.sync += self.sum.eq(Mux(self.step, base + term, self.sum))
        return m
