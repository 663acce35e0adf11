"""Parallel tempering: replicas of the p-bit array that share their couplings, and the unit that swaps their betas."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.memory import Memory

from ...emulator.spec.replicas.tempering import (
    ENERGY_BITS,
    SWAP_BITS,
    TemperingControl,
    TemperingPhase,
    TemperingRegister,
)
from ..entropy.random_generators import add_generators, slices_of
from ..fabric.p_bit import PBit
from ..fabric.scan_plane import add_planes
from ..fabric.threshold import add_thresholds, lookup_in
from .replica_bus import BUS, show_registers, write_strobes
from .swap_unit import SwapUnit


class TemperingComputer(wiring.Component):
    """R replicas, each at the beta of its slot; twin: ``emulator.golden.replicas.tempering.TemperingMachine``.

    Parameters
    ----------
    spec : TemperingSpec
        Parameters of the machine.

    Members
    -------
    address, write, write_data : In(5), In(1), In(32)
        Bus, see ``emulator.spec.replicas.tempering.TemperingRegister``. Writes are refused while the machine is busy.
    read_data : Out(32)
        Contents of the address of the previous cycle.

    Timing
    ------
    One colour of all replicas a clock; after ``swap_every`` sweeps one coupling and one bias a clock are added to the
    energies, one replica a clock is held against the best state, and one pair of slots a clock is swapped.
    """

    def __init__(self, spec):
        self._spec = spec
        super().__init__(BUS)
        self.phase = Signal(TemperingPhase)
        self.color = Signal(max(1, (spec.fabric.n_colors - 1).bit_length()))
        self.count = Signal(16)
        self.sweeps = Signal(32)
        self.target = Signal(32)
        self.since = Signal(17)
        self.parity = Signal()
        self.select = Signal(16)
        self.run, self.load, self.clear = (Signal(name=name) for name in ("run", "load", "clear"))
        self._slots = [Signal(range(spec.n_replicas), name=f"slot_{k}") for k in range(spec.n_replicas)]

    def elaborate(self, platform):
        m = Module()
        spec = self._spec
        writes = self._decode(m)
        planes = self._planes(m, writes)
        words, swap_word = self._random(m, writes)
        lookups = self._tables(m, writes)
        bits = [self._replica(m, r, planes, words[r], lookups[r]) for r in range(spec.n_replicas)]
        m.submodules.swap_unit = swap = SwapUnit(spec)
        m.d.comb += [
            swap.clear.eq(self.clear),
            swap.random.eq(swap_word[32 - SWAP_BITS :]),
            swap.table_write.eq(writes[TemperingRegister.SWAP_TABLE]),
            swap.table_data.eq(self.write_data),
        ]
        self._connect(m, swap, planes, bits)
        self._sequence(m, swap)
        self._read(m, swap, bits)
        return m

    def _decode(self, m):
        """Take writes; return the strobe of each register."""
        is_idle = self.phase == TemperingPhase.IDLE
        writes = write_strobes(m, self, TemperingRegister, is_idle, TemperingRegister.SELECT)
        control = writes[TemperingRegister.CONTROL]
        m.d.comb += [
            self.run.eq(control & (self.write_data & TemperingControl.RUN.value).any()),
            self.load.eq(control & (self.write_data & TemperingControl.LOAD.value).any()),
            self.clear.eq(control & (self.write_data & TemperingControl.CLEAR.value).any()),
        ]
        for register, target in ((TemperingRegister.TARGET, self.target), (TemperingRegister.SELECT, self.select)):
            with m.If(writes[register]):
                m.d.sync += target.eq(self.write_data)
        return writes

    def _planes(self, m, writes):
        """Add and return the configuration shift registers, which all replicas share."""
        fabric = self._spec.fabric
        shapes = {
            TemperingRegister.WEIGHTS: (len(fabric.edges), fabric.weight.width),
            TemperingRegister.OFFSETS: (fabric.n_pbits, fabric.offset.width),
            TemperingRegister.CLAMPS: (fabric.n_pbits, 2),
        }
        return add_planes(m, shapes, writes.__getitem__, self.write_data)

    def _random(self, m, writes):
        """Add the generators of every replica and of the swap unit, the last.

        Return the slices of each replica's slots, and the word of the swap unit.
        """
        spec, fabric, each = self._spec, self._spec.fabric, self._spec.generators_per_replica
        turns = [TemperingPhase.SWEEP] * (each * spec.n_replicas) + [TemperingPhase.SWAP]
        steps = [self.phase == turn for turn in turns]
        *own, last = add_generators(m, fabric.random, steps, writes[TemperingRegister.SEEDS], self.write_data)
        groups = [own[r * each : (r + 1) * each] for r in range(spec.n_replicas)]
        return [slices_of(group, fabric.random, fabric.compare_bits) for group in groups], last.word

    def _tables(self, m, writes):
        """Add a copy of all slots' tables for each replica; return how each looks up a threshold at its slot."""
        spec, fabric = self._spec, self._spec.fabric
        depth = spec.n_replicas * fabric.n_table_entries
        pointer = Signal(range(depth), name="_pointer")
        with m.If(writes[TemperingRegister.TABLE]):
            m.d.sync += pointer.eq(Mux(pointer == depth - 1, 0, pointer + 1))
        lookups = []
        for r, slot in enumerate(self._slots):
            m.submodules[f"table_{r}"] = table = Memory(shape=fabric.compare_bits, depth=depth, init=[])
            writer = table.write_port()
            m.d.comb += [
                writer.en.eq(writes[TemperingRegister.TABLE]),
                writer.addr.eq(pointer),
                writer.data.eq(self.write_data),
            ]
            lookups.append(lookup_in(m, table, slot))
        return lookups

    def _replica(self, m, r, planes, words, lookup):
        """Add the p-bits of one replica; return their states as one vector."""
        fabric = self._spec.fabric
        pbits = [PBit(fabric, len(pairs)) for pairs in fabric.neighbors]
        bits = Signal(fabric.n_pbits, name=f"bits_{r}")
        m.d.comb += bits.eq(Cat(pbit.bit for pbit in pbits))
        for i, (pbit, pairs) in enumerate(zip(pbits, fabric.neighbors, strict=True)):
            m.submodules[f"pbit_{r}_{i}"] = pbit
            m.d.comb += [
                pbit.offset.eq(planes[TemperingRegister.OFFSETS].word(i)),
                pbit.clamp.eq(planes[TemperingRegister.CLAMPS].word(i)),
                pbit.update.eq((self.phase == TemperingPhase.SWEEP) & (self.color == fabric.colors[i])),
                pbit.load.eq(self.load),
            ]
            for k, (j, edge) in enumerate(pairs):
                m.d.comb += pbit.neighbor[k].eq(bits[j])
                m.d.comb += pbit.weight[k].eq(planes[TemperingRegister.WEIGHTS].word(edge))
        add_thresholds(m, fabric, lookup, words, pbits, lambda color: self.color == color, f"threshold_{r}")
        return bits

    def _connect(self, m, swap, planes, bits):
        """Hand the swap unit what it needs in each clock."""
        fabric = self._spec.fabric
        weights = planes.get(TemperingRegister.WEIGHTS)
        width, n_edges = fabric.weight.width, len(fabric.edges)
        coupling = Signal(width)
        offset = Signal(signed(fabric.offset.width))
        if n_edges:
            m.d.comb += coupling.eq(Mux(self.count < n_edges, weights.words.word_select(self.count, width), 0))
        plane = planes[TemperingRegister.OFFSETS]
        m.d.comb += offset.eq(plane.words.word_select(self.count, fabric.offset.width).as_signed())
        m.d.comb += [
            swap.coupling.eq(coupling),
            swap.offset.eq(offset),
            swap.count.eq(self.count),
            swap.phase.eq(self.phase),
            swap.is_bias.eq(self.count < fabric.n_pbits),
        ]
        for r, state in enumerate(bits):
            m.d.comb += swap.bits[r].eq(state)
            m.d.comb += self._slots[r].eq(getattr(swap, f"slot_{r}"))
            if n_edges:
                first, second = (Cat(state[edge[end]] for edge in fabric.edges) for end in (0, 1))
                m.d.comb += swap.first[r].eq(first.bit_select(self.count, 1))
                m.d.comb += swap.second[r].eq(second.bit_select(self.count, 1))
            m.d.comb += swap.bias[r].eq(state.bit_select(self.count, 1))

    def _sequence(self, m, swap):
        """Walk the phases."""
        spec = self._spec
        is_last = self.color == spec.fabric.n_colors - 1
        ends = Signal()
        following = Signal(32)
        m.d.comb += [following.eq(self.sweeps + 1), ends.eq(self.sweeps == self.target)]
        due = self.since + 1 == spec.swap_every
        m.d.comb += swap.begin.eq((self.phase == TemperingPhase.SWEEP) & is_last & due)
        with m.Switch(self.phase):
            with m.Case(TemperingPhase.SWEEP):
                m.d.sync += self.color.eq(Mux(is_last, 0, self.color + 1))
                with m.If(is_last):
                    m.d.sync += self.sweeps.eq(following)
                    with m.If(due):
                        m.d.sync += [self.since.eq(0), self.count.eq(0), self.phase.eq(TemperingPhase.ENERGY)]
                    with m.Else():
                        m.d.sync += self.since.eq(self.since + 1)
                        with m.If(following == self.target):
                            m.d.sync += self.phase.eq(TemperingPhase.IDLE)
            with m.Case(TemperingPhase.ENERGY):
                m.d.sync += self.count.eq(self.count + 1)
                with m.If(self.count == spec.energy_steps - 1):
                    m.d.sync += [self.count.eq(0), self.phase.eq(TemperingPhase.KEEP)]
            with m.Case(TemperingPhase.KEEP):
                m.d.sync += self.count.eq(self.count + 1)
                with m.If(self.count == spec.n_replicas - 1):
                    m.d.sync += [self.count.eq(self.parity), self.phase.eq(TemperingPhase.SWAP)]
            with m.Case(TemperingPhase.SWAP):
                m.d.sync += self.count.eq(self.count + 2)
                with m.If(self.count + 2 >= spec.n_replicas - 1):
                    m.d.sync += [self.count.eq(0), self.parity.eq(~self.parity)]
                    m.d.sync += self.phase.eq(Mux(ends, TemperingPhase.IDLE, TemperingPhase.SWEEP))
        with m.If(self.clear):
            m.d.sync += self.parity.eq(0)
        with m.If(self.run):
            m.d.sync += [self.phase.eq(TemperingPhase.SWEEP), self.color.eq(0), self.sweeps.eq(0), self.since.eq(0)]

    def _read(self, m, swap, bits):
        """Show registers and states on the bus, one cycle later."""
        spec, select = self._spec, self.select
        padding = Const(0, 32 * spec.n_words - spec.fabric.n_pbits)
        states = Cat(part for state in bits for part in (state, padding))
        energies = Cat(energy.as_unsigned() for energy in swap.energy)
        replica = Signal(range(spec.n_replicas))
        m.d.comb += replica.eq(select % spec.n_replicas)
        slots = Cat(Cat(slot, Const(0, 8 - len(slot))) for slot in self._slots)
        shown = {
            TemperingRegister.TARGET: self.target,
            TemperingRegister.SELECT: select,
            TemperingRegister.STATUS: Cat(self.phase != TemperingPhase.IDLE, swap.has_best),
            TemperingRegister.SWEEPS: self.sweeps,
            TemperingRegister.ACCEPTED: swap.accepted,
            TemperingRegister.BEST_ENERGY: Mux(swap.has_best, swap.best.as_unsigned(), 0x7FFFFFFF),
            TemperingRegister.SPINS: _word(states, select, spec.n_words * spec.n_replicas),
            TemperingRegister.BEST_SPINS: _word(Cat(swap.best_bits, padding), select, spec.n_words),
            TemperingRegister.ENERGY: energies.word_select(replica, ENERGY_BITS),
            TemperingRegister.SLOT: slots.word_select(replica, 8),
        }
        show_registers(m, self, shown)


def _word(vector, number, n_words):
    """Return the 32-bit word of that number, 0 beyond the last."""
    return Mux(number < n_words, vector.word_select(number, 32), 0)
