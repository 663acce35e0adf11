"""The p-computer: p-bits, random sources, sequencer and recorders behind one register bus."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out, connect, flipped

from ...emulator.spec.fabric.random_source import RandomKind
from ...emulator.spec.fabric.register_map import ADDRESS_BITS, Register, Where, plane_words
from ..entropy.random_generators import add_generators, slices_of
from .bus_signature import bus_of, members_of
from .moments import Moments
from .p_bit import PBit
from .register_bus import RegisterBus
from .scan_plane import add_planes
from .sequencer import Sequencer
from .snapshot_fifo import SnapshotFifo
from .threshold import add_thresholds, lookup_in

# Where a device has distributed RAM, Yosys makes flip-flops of a memory with many read ports unless told not to (10162
# against 3152 LUT4 for 64 p-bits on ECP5). Where it has none the hint must be dropped: `setattr -unset ram_style m:*`.
TABLE_ATTRIBUTES = {"ram_style": "distributed"}


class PComputer(wiring.Component):
    """The sparse fabric of a `FabricSpec`; twin: ``emulator.golden.fabric.machine.Machine``.

    Parameters
    ----------
    spec : FabricSpec
        Everything about the hardware.

    Members
    -------
    address, write, write_data : In(16), In(1), In(32)
        Register bus, see ``emulator.spec.fabric.register_map``.
    read_data : Out(32)
        Contents of the address of the previous cycle. Reading has no side effect.
    entropy, entropy_taken : In(n_slots * compare_bits), Out(1)
        Only with an external random source: one word a slot, consumed in cycles with ``entropy_taken``.

    Timing
    ------
    One colour a clock; a write acts at the end of its cycle.
    """

    _scanned = (Register.WEIGHTS, Register.OFFSETS, Register.CLAMPS)

    def __init__(self, spec):
        self._spec = spec
        members = members_of(ADDRESS_BITS)
        if spec.random.kind is RandomKind.EXTERNAL:
            members |= {"entropy": In(spec.n_slots * spec.compare_bits), "entropy_taken": Out(1)}
        super().__init__(members)
        self._bank_data = Signal(spec.compare_bits, name="bank_data")

    def elaborate(self, platform):
        m = Module()
        spec = self._spec
        m.submodules.sequencer = sequencer = Sequencer(spec)
        m.submodules.bus = bus = RegisterBus(spec)
        connect(m, flipped(bus_of(self, ADDRESS_BITS)), bus_of(bus, ADDRESS_BITS))
        m.d.comb += bus.busy.eq(sequencer.busy)
        planes = self._planes(m, bus)
        words = self._random(m, bus, sequencer)
        bits, saturated = self._pbits(m, bus, sequencer, planes, words)
        self._control(m, bus, sequencer)
        self._recorders(m, bus, sequencer, bits)
        m.d.comb += bus.saturated.eq(saturated)
        return m

    def _planes(self, m, bus):
        """Add and return the configuration shift registers of couplings, offsets and clamps."""
        shapes = {register: shape for register, shape in plane_words(self._spec).items() if register in self._scanned}
        planes = add_planes(m, shapes, bus.plane_shift, self.write_data)
        m.d.comb += [bus.plane_head(register).eq(plane.word(0)) for register, plane in planes.items()]
        return planes

    def _random(self, m, bus, sequencer):
        """Add the generators; return the random slice of each slot."""
        spec, random = self._spec, self._spec.random
        if random.kind is RandomKind.EXTERNAL:
            m.d.comb += self.entropy_taken.eq(self._draws(m, sequencer))
            return [self.entropy.word_select(slot, spec.compare_bits) for slot in range(spec.n_slots)]
        steps = [self._draws(m, sequencer)] * spec.n_generators
        generators = add_generators(m, random, steps, bus.plane_shift(Register.SEEDS), self.write_data)
        m.d.comb += bus.plane_head(Register.SEEDS).eq(generators[0].shift_out)
        return slices_of(generators, random, spec.compare_bits)

    def _draws(self, _m, sequencer):
        """Return the strobe of clocks that take random words."""
        return sequencer.step

    def _pbits(self, m, bus, sequencer, planes, words):
        """Add the p-bits; return their states, one-bit signals, and whether a field of this update saturated."""
        spec = self._spec
        color_active = [Signal(name=f"color_{c}") for c in range(spec.n_colors)]
        for color, active in enumerate(color_active):
            m.d.comb += active.eq(sequencer.step & (sequencer.color == color))
        pbits = [PBit(spec, len(pairs)) for pairs in spec.neighbors]
        bits = [Signal(name=f"bit_{i}") for i in range(spec.n_pbits)]
        for i, (pbit, pairs) in enumerate(zip(pbits, spec.neighbors, strict=True)):
            m.submodules[f"pbit_{i}"] = pbit
            m.d.comb += [
                bits[i].eq(pbit.bit),
                pbit.offset.eq(planes[Register.OFFSETS].word(i)),
                pbit.clamp.eq(planes[Register.CLAMPS].word(i)),
                pbit.update.eq(color_active[spec.colors[i]]),
                pbit.load.eq(bus.load),
            ]
            for k, (j, edge) in enumerate(pairs):
                m.d.comb += pbit.neighbor[k].eq(bits[j])
                m.d.comb += pbit.weight[k].eq(planes[Register.WEIGHTS].word(edge))
        self._thresholds(m, sequencer, words, pbits)
        return bits, self._saturated(m, color_active, pbits)

    def _saturated(self, m, color_active, pbits):
        """Return whether a p-bit of the colour that updates now is saturated."""
        strikes = []
        for color, active in enumerate(color_active):
            members = [pbit.saturated for pbit, own in zip(pbits, self._spec.colors, strict=True) if own == color]
            strike = Signal(name=f"saturated_{color}")
            m.d.comb += strike.eq(Cat(members).any() & active)
            strikes.append(strike)
        return Cat(strikes).any()

    def _thresholds(self, m, sequencer, words, pbits):
        """Add the table and the units that draw."""
        spec = self._spec
        shape = {"shape": spec.compare_bits, "depth": spec.n_table_entries, "init": []}
        m.submodules.table = table = Memory(**shape, attrs=TABLE_ATTRIBUTES)
        writer = table.write_port()
        m.d.comb += [
            writer.en.eq(sequencer.table_write),
            writer.addr.eq(sequencer.table_address),
            writer.data.eq(self._bank_data),
        ]
        color_now = [Signal(name=f"color_now_{c}") for c in range(spec.n_colors)]
        for color, now in enumerate(color_now):
            m.d.comb += now.eq(sequencer.color == color)
        add_thresholds(m, spec, lookup_in(m, table), words, pbits, color_now.__getitem__)

    def _control(self, m, bus, sequencer):
        """Wire the bus to the sequencer, and add the table bank."""
        spec = self._spec
        m.submodules.table_bank = bank = Memory(
            shape=spec.compare_bits, depth=spec.n_pages * spec.n_table_entries, init=[]
        )
        writer = bank.write_port()
        reader = bank.read_port()
        setting = bus.setting
        m.d.comb += [
            self._bank_data.eq(reader.data),
            writer.en.eq(bus.table_write),
            writer.addr.eq(setting(Register.TABLE_ADDRESS)),
            writer.data.eq(self.write_data),
            reader.addr.eq(setting(Register.TABLE_ADDRESS)),
            bus.bank_data.eq(reader.data),
            sequencer.start.eq(bus.start),
            sequencer.halt.eq(bus.halt),
            sequencer.freeze.eq(setting(Register.FREEZE)),
            sequencer.segments.eq(setting(Register.SEGMENTS)),
            sequencer.record_after.eq(setting(Register.RECORD_AFTER)),
            sequencer.record_every.eq(setting(Register.RECORD_EVERY)),
            sequencer.to_fifo.eq((setting(Register.RECORD_WHERE) & Where.FIFO.value) != 0),
            sequencer.to_moments.eq((setting(Register.RECORD_WHERE) & Where.MOMENTS.value) != 0),
            sequencer.segment_write.eq(bus.segment_write),
            sequencer.segment_address.eq(setting(Register.SEGMENT_ADDRESS)),
            sequencer.segment_page.eq(setting(Register.SEGMENT_PAGE)),
            sequencer.segment_sweeps.eq(self.write_data),
            sequencer.table_invalid.eq(bus.table_write),
            bus.stalled.eq(sequencer.stalled),
            bus.active.eq(sequencer.active),
            bus.sweeps.eq(sequencer.sweeps),
        ]
        with m.If(sequencer.loading):
            m.d.comb += reader.addr.eq(sequencer.bank_address)

    def _recorders(self, m, bus, sequencer, bits):
        """Add the snapshot FIFO and the moment accumulators."""
        spec = self._spec
        groups = [bits[k : k + 32] for k in range(0, spec.n_pbits, 32)]
        m.submodules.fifo = fifo = SnapshotFifo(len(groups), spec.fifo_depth)
        m.d.comb += [
            fifo.push.eq(sequencer.push),
            fifo.pop.eq(bus.pop),
            fifo.clear.eq(bus.clear),
            sequencer.fifo_full.eq(fifo.full),
            bus.fifo_level.eq(fifo.level),
        ]
        for k, group in enumerate(groups):
            word = Signal(32, name=f"spins_{k}")
            m.d.comb += [
                word.eq(Cat(group)),
                fifo.word[k].eq(word),
                bus.spins[k].eq(word),
                bus.head[k].eq(fifo.head[k]),
            ]
        if not spec.moment_bits:
            m.d.comb += bus.accumulate.eq(Const(0, 1))
            return
        m.submodules.moments = moments = Moments(spec)
        m.d.comb += [
            moments.accumulate.eq(sequencer.accumulate),
            bus.accumulate.eq(sequencer.accumulate),
            moments.shift.eq(bus.plane_shift(Register.MOMENTS)),
            moments.data.eq(self.write_data),
            bus.plane_head(Register.MOMENTS).eq(moments.head),
        ]
        m.d.comb += [moments.bit[i].eq(bit) for i, bit in enumerate(bits)]
