"""The dense fabric: column-serial accumulation, one table, one random word a clock."""

from __future__ import annotations

from amaranth.hdl import Array, Cat, Mux, Signal
from amaranth.lib.memory import Memory

from ...emulator.spec.fabric.register_map import Register
from .dense_lane import DenseLane
from .field import field_of
from .p_computer import PComputer


class DenseComputer(PComputer):
    """A p-computer with an accumulator per p-bit; twin: ``emulator.golden.fabric.dense_machine.DenseMachine``.

    Registers, schedule, recorders and bus are those of the sparse fabric (`PComputer`).

    Parameters
    ----------
    spec : FabricSpec
        Parameters of a dense fabric.

    Timing
    ------
    A p-bit is chosen in one clock (its sum indexes the table, and begins anew), drawn in the next, when its bit also
    goes to every accumulator. Another is chosen meanwhile, unless it reads that bit: then a clock is waited. The first
    sweep after RUN draws nothing and fills the accumulators.
    """

    top_name = "p_computer"  # shells and benches know one top
    _scanned = (Register.OFFSETS, Register.CLAMPS)

    def __init__(self, spec):
        super().__init__(spec)
        places = range(spec.n_pbits)
        self._place = Signal(places, name="place")  # of the order: whose sum is chosen
        self._at = Signal(places, name="at")  # the same, a clock ago
        self._waiting = Signal(name="waiting")
        self._drawing = Signal(name="drawing")
        self._row = Signal(places, name="row")  # where the next coupling is written
        self._column = Signal(places, name="column")

    def _draws(self, m, sequencer):
        draws = Signal(name="draws")
        m.d.comb += draws.eq(sequencer.step & self._drawing & ~sequencer.priming)
        return draws

    def _pbits(self, m, bus, sequencer, planes, words):
        """Add accumulators and states; return the states, and whether the chosen p-bit saturated."""
        spec, n = self._spec, self._spec.n_pbits
        self._walk(m, bus, sequencer)
        lanes = [DenseLane(spec) for _ in range(n)]
        bits = [Signal(name=f"bit_{i}", reset_less=True) for i in range(n)]
        held = Cat(planes[Register.CLAMPS].word(i)[1] for i in spec.order)
        sums = Array([lanes[i].sum for i in spec.order])
        chosen = Signal(lanes[0].sum.shape(), name="chosen")
        m.d.comb += chosen.eq(sums[self._place])
        entry, saturated = field_of(m, spec, chosen)
        threshold = self._table(m, sequencer, entry)
        drawn = Signal(name="drawn")
        state = Signal(name="state")
        now = Cat(bits[i] for i in spec.order).bit_select(self._at, 1)
        keeps = held.bit_select(self._at, 1) | sequencer.priming
        m.d.comb += [drawn.eq(words[0] < threshold), state.eq(Mux(keeps, now, drawn))]
        for i, lane in enumerate(lanes):
            m.submodules[f"lane_{i}"] = lane
            self._lane(m, bus, sequencer, lane, i, state)
            m.d.comb += lane.offset.eq(planes[Register.OFFSETS].word(i))
            clamp = planes[Register.CLAMPS].word(i)
            takes = sequencer.step & self._drawing & (self._at == spec.colors[i])
            m.d.sync += bits[i].eq(Mux(bus.load & clamp[1], clamp[0], Mux(takes, state, bits[i])))
        head = Array([lane.word for lane in lanes])
        m.d.comb += bus.plane_head(Register.WEIGHTS).eq(head[self._row])
        strike = Signal(name="strike")
        counts = sequencer.step & ~self._waiting & ~sequencer.priming & ~held.bit_select(self._place, 1)
        m.d.comb += strike.eq(counts & saturated)
        return bits, strike

    def _walk(self, m, bus, sequencer):
        """Add the pointers: place in the order, what is being drawn, and where the next coupling is written."""
        spec, n = self._spec, self._spec.n_pbits
        with m.If(bus.plane_shift(Register.WEIGHTS)):
            m.d.sync += self._column.eq(Mux(self._column == n - 1, 0, self._column + 1))
            with m.If(self._column == n - 1):
                m.d.sync += self._row.eq(Mux(self._row == n - 1, 0, self._row + 1))
        waits = Signal(name="waits")
        m.d.comb += waits.eq(Cat(self._place == k for k in spec.waits).any() & ~self._waiting)
        with m.If(sequencer.step):
            m.d.sync += [self._waiting.eq(waits), self._drawing.eq(~self._waiting)]
            with m.If(~self._waiting):
                m.d.sync += self._at.eq(self._place)
            with m.If(~waits):
                m.d.sync += self._place.eq(Mux(self._place == n - 1, 0, self._place + 1))
        with m.If(bus.start):
            m.d.sync += [self._place.eq(0), self._waiting.eq(0), self._drawing.eq(0)]

    def _lane(self, m, bus, sequencer, lane, i, state):
        """Wire one accumulator."""
        spec = self._spec
        m.d.comb += [
            lane.place.eq(Mux(sequencer.active, self._place, self._column)),
            lane.read.eq(sequencer.step | ~sequencer.active),
            lane.column.eq(self._column),
            lane.write.eq(bus.plane_shift(Register.WEIGHTS) & (self._row == i)),
            lane.data.eq(self.write_data),
            lane.step.eq(sequencer.step),
            lane.begin.eq(~self._waiting & (self._place == spec.colors[i])),
            lane.send.eq(self._drawing),
            lane.bit.eq(state),
        ]

    def _table(self, m, sequencer, entry):
        """Add the activation table; return the threshold of the p-bit chosen a clock ago."""
        spec = self._spec
        m.submodules.table = table = Memory(shape=spec.compare_bits, depth=spec.n_table_entries, init=[])
        writer = table.write_port()
        reader = table.read_port()
        m.d.comb += [
            writer.en.eq(sequencer.table_write),
            writer.addr.eq(sequencer.table_address),
            writer.data.eq(self._bank_data),
            reader.en.eq(sequencer.step),
            reader.addr.eq(entry),
        ]
        return reader.data


def computer_for(spec):
    """Return the p-computer of a fabric; PComputer or DenseComputer."""
    return DenseComputer(spec) if spec.dense else PComputer(spec)
