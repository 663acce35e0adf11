"""Simulated quantum annealing: a ring of Trotter replicas whose coupling walks a schedule memory."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory

from ...emulator.spec.replicas.trotter import TrotterPhase, TrotterRegister
from ..entropy.random_generators import add_generators, slices_of
from ..fabric.p_bit import PBit
from ..fabric.scan_plane import add_planes
from ..fabric.threshold import add_thresholds, lookup_in
from .replica_bus import BUS, show_registers, write_strobes


class TrotterComputer(wiring.Component):
    """R replicas on a ring that share couplings and offsets; twin: ``emulator.golden.replicas.trotter.TrotterMachine``.

    Parameters
    ----------
    spec : TrotterSpec
        Parameters of the machine.

    Members
    -------
    address, write, write_data : In(5), In(1), In(32)
        Bus, see ``emulator.spec.replicas.trotter.TrotterRegister``. Writes are refused while the machine is busy.
    read_data : Out(32)
        Contents of the address of the previous cycle.

    Timing
    ------
    One clock to fetch a step, then one colour of all replicas a clock.
    """

    def __init__(self, spec):
        self._spec = spec
        super().__init__(BUS)
        self.phase = Signal(TrotterPhase)
        self.color = Signal(max(1, (spec.fabric.n_colors - 1).bit_length()))
        self.step = Signal(range(spec.n_steps), name="schedule_step")
        self.left = Signal(32)
        self.coupling = Signal(spec.fabric.weight.width - 1)
        self.steps = Signal(9)
        self.sweeps = Signal(32)
        self.select = Signal(16)

    def elaborate(self, platform):
        m = Module()
        is_idle = self.phase == TrotterPhase.IDLE
        writes = write_strobes(m, self, TrotterRegister, is_idle, TrotterRegister.SELECT)
        for register, target in ((TrotterRegister.STEPS, self.steps), (TrotterRegister.SELECT, self.select)):
            with m.If(writes[register]):
                m.d.sync += target.eq(self.write_data)
        words = self._random(m, writes)
        bits, pbits = self._pbits(m, self._planes(m, writes))
        self._thresholds(m, writes, words, pbits)
        self._schedule(m, writes)
        self._read(m, bits)
        return m

    def _planes(self, m, writes):
        """Add and return the configuration shift registers of one replica, which all share."""
        spec = self._spec
        shapes = {
            TrotterRegister.WEIGHTS: (len(spec.base_edges), spec.fabric.weight.width),
            TrotterRegister.OFFSETS: (spec.n_spins, spec.fabric.offset.width),
        }
        return add_planes(m, shapes, writes.__getitem__, self.write_data)

    def _random(self, m, writes):
        """Add the generators; return the random slice of each slot."""
        fabric = self._spec.fabric
        steps = [self.phase == TrotterPhase.SWEEP] * fabric.n_generators
        generators = add_generators(m, fabric.random, steps, writes[TrotterRegister.SEEDS], self.write_data)
        return slices_of(generators, fabric.random, fabric.compare_bits)

    def _pbits(self, m, planes):
        """Add all p-bits: couplings of their replica from the plane, those of the ring from the schedule."""
        spec, fabric = self._spec, self._spec.fabric
        pbits = [PBit(fabric, len(pairs)) for pairs in fabric.neighbors]
        bits = [Signal(name=f"bit_{i}") for i in range(fabric.n_pbits)]
        ring = Signal(fabric.offset.width, name="ring_offset")
        m.d.comb += ring.eq(self.coupling << spec.ring_shift)
        for i, (pbit, pairs) in enumerate(zip(pbits, fabric.neighbors, strict=True)):
            m.submodules[f"pbit_{i}"] = pbit
            offset = planes[TrotterRegister.OFFSETS].word(i % spec.n_spins)
            m.d.comb += [
                bits[i].eq(pbit.bit),
                pbit.offset.eq(offset - ring),
                pbit.clamp.eq(0),
                pbit.load.eq(0),
                pbit.update.eq((self.phase == TrotterPhase.SWEEP) & (self.color == fabric.colors[i])),
            ]
            for k, (j, edge) in enumerate(pairs):
                source = spec.edge_sources[edge]
                word = self.coupling if source < 0 else planes[TrotterRegister.WEIGHTS].word(source)
                m.d.comb += pbit.neighbor[k].eq(bits[j])
                m.d.comb += pbit.weight[k].eq(word)
        return bits, pbits

    def _thresholds(self, m, writes, words, pbits):
        """Add the table and the units that draw."""
        fabric = self._spec.fabric
        m.submodules.table = table = Memory(shape=fabric.compare_bits, depth=fabric.n_table_entries, init=[])
        writer = table.write_port()
        pointer = Signal(range(fabric.n_table_entries), name="table_pointer")
        m.d.comb += [
            writer.en.eq(writes[TrotterRegister.TABLE]),
            writer.addr.eq(pointer),
            writer.data.eq(self.write_data),
        ]
        with m.If(writer.en):
            m.d.sync += pointer.eq(pointer + 1)
        add_thresholds(m, fabric, lookup_in(m, table), words, pbits, lambda color: self.color == color)

    def _schedule(self, m, writes):
        """Add the schedule memory and walk it."""
        spec = self._spec
        width = spec.fabric.weight.width - 1
        m.submodules.memory = memory = Memory(shape=32 + width, depth=spec.n_steps, init=[])
        writer = memory.write_port()
        reader = memory.read_port(domain="comb")
        pending = Signal(width, name="pending_coupling")
        pointer = Signal(range(spec.n_steps), name="memory_pointer")
        with m.If(writes[TrotterRegister.COUPLING]):
            m.d.sync += pending.eq(self.write_data)
        with m.If(writer.en):
            m.d.sync += pointer.eq(pointer + 1)
        m.d.comb += [
            writer.en.eq(writes[TrotterRegister.SWEEPS]),
            writer.addr.eq(pointer),
            writer.data.eq(Cat(self.write_data, pending)),
            reader.addr.eq(self.step),
        ]
        ends_sweep = self.color == spec.fabric.n_colors - 1
        is_last = self.step + 1 == self.steps
        with m.If(self.phase == TrotterPhase.FETCH):
            m.d.sync += [self.left.eq(reader.data[:32]), self.coupling.eq(reader.data[32:])]
            m.d.sync += self.phase.eq(TrotterPhase.SWEEP)
        with m.Elif(self.phase == TrotterPhase.SWEEP):
            m.d.sync += self.color.eq(Mux(ends_sweep, 0, self.color + 1))
            with m.If(ends_sweep):
                m.d.sync += [self.sweeps.eq(self.sweeps + 1), self.left.eq(self.left - 1)]
                with m.If(self.left == 1):
                    m.d.sync += self.phase.eq(Mux(is_last, TrotterPhase.IDLE, TrotterPhase.FETCH))
                    m.d.sync += self.step.eq(Mux(is_last, 0, self.step + 1))
        with m.If(writes[TrotterRegister.CONTROL] & self.write_data[0]):
            m.d.sync += [self.phase.eq(TrotterPhase.FETCH), self.color.eq(0), self.step.eq(0), self.sweeps.eq(0)]

    def _read(self, m, bits):
        """Show registers and states on the bus, one cycle later."""
        spec = self._spec
        states = Cat(*bits, Const(0, 32 * spec.n_words - spec.fabric.n_pbits))
        shown = {
            TrotterRegister.STEPS: self.steps,
            TrotterRegister.SELECT: self.select,
            TrotterRegister.STATUS: self.phase != TrotterPhase.IDLE,
            TrotterRegister.SWEEPS: self.sweeps,
            TrotterRegister.SPINS: Mux(self.select < spec.n_words, states.word_select(self.select, 32), 0),
        }
        show_registers(m, self, shown)
