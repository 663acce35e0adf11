"""Parallel tempering: replicas of the p-bit array that share their couplings, and the unit that swaps their betas."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from ...emulator.spec.replicas.tempering import (
    ENERGY_BITS,
    SWAP_BITS,
    TemperingControl,
    TemperingPhase,
    TemperingRegister,
)
from ..fabric.p_bit import PBit
from ..fabric.random_generators import generator_for
from ..fabric.scan_plane import ScanPlane
from ..fabric.threshold import Threshold, threshold_users
from .swap_unit import SwapUnit

ADDRESS_BITS = 5


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
        super().__init__({"address": In(ADDRESS_BITS), "write": In(1), "write_data": In(32), "read_data": Out(32)})

    def elaborate(self, platform):
        m = Module()
        spec = self._spec
        self._registers()
        self._decode(m)
        self._planes(m)
        words = self._random(m)
        bits = [self._replica(m, r, words[r]) for r in range(spec.n_replicas)]
        m.submodules.swap_unit = swap = SwapUnit(spec)
        self._connect(m, swap, bits)
        self._sequence(m, swap)
        self._read(m, swap, bits)
        return m

    def _registers(self):
        spec = self._spec
        self.phase = Signal(3)
        self.color = Signal(max(1, (spec.fabric.n_colors - 1).bit_length()))
        self.count = Signal(16)
        self.sweeps = Signal(32)
        self.target = Signal(32)
        self.since = Signal(17)
        self.parity = Signal()
        self.select = Signal(16)

    def _decode(self, m):
        """Decode writes; ``self.writes[register]`` is a strobe."""
        idle = self.phase == TemperingPhase.IDLE
        self.writes = {}
        for register in TemperingRegister:
            allowed = Const(1) if register is TemperingRegister.SELECT else idle
            self.writes[register] = strobe = Signal(name=f"write_{register.name.lower()}")
            m.d.comb += strobe.eq(self.write & (self.address == register) & allowed)
        control = self.writes[TemperingRegister.CONTROL]
        self.run = Signal()
        self.load = Signal()
        self.clear = Signal()
        m.d.comb += [
            self.run.eq(control & (self.write_data & TemperingControl.RUN.value).any()),
            self.load.eq(control & (self.write_data & TemperingControl.LOAD.value).any()),
            self.clear.eq(control & (self.write_data & TemperingControl.CLEAR.value).any()),
        ]
        with m.If(self.writes[TemperingRegister.TARGET]):
            m.d.sync += self.target.eq(self.write_data)
        with m.If(self.writes[TemperingRegister.SELECT]):
            m.d.sync += self.select.eq(self.write_data)

    def _planes(self, m):
        """Add the configuration shift registers, which all replicas share."""
        fabric = self._spec.fabric
        shapes = {
            TemperingRegister.WEIGHTS: (len(fabric.edges), fabric.weight.width),
            TemperingRegister.OFFSETS: (fabric.n_pbits, fabric.offset.width),
            TemperingRegister.CLAMPS: (fabric.n_pbits, 2),
        }
        self.planes = {}
        for register, (n_words, width) in shapes.items():
            if not n_words:
                continue
            m.submodules[register.name.lower()] = plane = ScanPlane(n_words, width)
            m.d.comb += [plane.shift.eq(self.writes[register]), plane.data.eq(self.write_data)]
            self.planes[register] = plane

    def _random(self, m):
        """Add the generators of every replica and of the swap unit; return the slices of each replica's slots."""
        spec, random = self._spec, self._spec.fabric.random
        count = spec.generators_per_replica * spec.n_replicas
        generators = [generator_for(random) for _ in range(count + 1)]
        for g, generator in enumerate(generators):
            m.submodules[f"random_{g}"] = generator
            following = generators[g + 1].shift_out if g < count else self.write_data
            turn = TemperingPhase.SWAP if g == count else TemperingPhase.SWEEP
            m.d.comb += [
                generator.step.eq(self.phase == turn),
                generator.shift.eq(self.writes[TemperingRegister.SEEDS]),
                generator.shift_in.eq(following),
            ]
        self._swap_word = generators[count].word
        words = []
        for r in range(spec.n_replicas):
            slices = []
            for generator in generators[r * spec.generators_per_replica : (r + 1) * spec.generators_per_replica]:
                for part in range(random.slices):
                    top = 32 - part * random.slice_bits
                    slices.append(generator.word[top - spec.fabric.compare_bits : top])
            words.append(slices)
        return words

    def _replica(self, m, r, words):
        """Add the p-bits of one replica; return their states as one vector."""
        fabric = self._spec.fabric
        pbits = [PBit(fabric, len(pairs)) for pairs in fabric.neighbors]
        bits = Signal(fabric.n_pbits, name=f"bits_{r}")
        m.d.comb += bits.eq(Cat(pbit.bit for pbit in pbits))
        for i, (pbit, pairs) in enumerate(zip(pbits, fabric.neighbors, strict=True)):
            m.submodules[f"pbit_{r}_{i}"] = pbit
            m.d.comb += [
                pbit.offset.eq(self.planes[TemperingRegister.OFFSETS].word(i)),
                pbit.clamp.eq(self.planes[TemperingRegister.CLAMPS].word(i)),
                pbit.update.eq((self.phase == TemperingPhase.SWEEP) & (self.color == fabric.colors[i])),
                pbit.load.eq(self.load),
            ]
            for k, (j, edge) in enumerate(pairs):
                m.d.comb += getattr(pbit, f"neighbor_{k}").eq(bits[j])
                m.d.comb += getattr(pbit, f"weight_{k}").eq(self.planes[TemperingRegister.WEIGHTS].word(edge))
        self._thresholds(m, r, words, pbits)
        return bits

    def _thresholds(self, m, r, words, pbits):
        """Add the table of all slots with a read port a unit, at the slot of this replica."""
        spec, fabric = self._spec, self._spec.fabric
        depth = spec.n_replicas * fabric.n_table_entries
        m.submodules[f"table_{r}"] = table = Memory(shape=fabric.compare_bits, depth=depth, init=[])
        writer = table.write_port()
        if r == 0:
            self._pointer = Signal(range(depth))
            with m.If(self.writes[TemperingRegister.TABLE]):
                m.d.sync += self._pointer.eq(Mux(self._pointer == depth - 1, 0, self._pointer + 1))
            self._slots = [Signal(range(spec.n_replicas), name=f"slot_{k}") for k in range(spec.n_replicas)]
        m.d.comb += [
            writer.en.eq(self.writes[TemperingRegister.TABLE]),
            writer.addr.eq(self._pointer),
            writer.data.eq(self.write_data),
        ]
        for number, users in enumerate(threshold_users(fabric)):
            m.submodules[f"threshold_{r}_{number}"] = unit = Threshold(fabric, len(users))
            reader = table.read_port(domain="comb")
            m.d.comb += [
                unit.random.eq(words[fabric.slots[users[0]]]),
                reader.addr.eq(Cat(unit.entry, self._slots[r])),
                unit.threshold.eq(reader.data),
            ]
            for k, i in enumerate(users):
                m.d.comb += [getattr(unit, f"field_{k}").eq(pbits[i].field), pbits[i].drawn.eq(unit.drawn)]
                if k:
                    m.d.comb += getattr(unit, f"select_{k}").eq(self.color == fabric.colors[i])

    def _connect(self, m, swap, bits):
        """Hand the swap unit what it needs in each clock."""
        fabric = self._spec.fabric
        weights = self.planes.get(TemperingRegister.WEIGHTS)
        width, n_edges = fabric.weight.width, len(fabric.edges)
        coupling = Signal(width)
        offset = Signal(signed(fabric.offset.width))
        if n_edges:
            m.d.comb += coupling.eq(Mux(self.count < n_edges, weights.words.word_select(self.count, width), 0))
        plane = self.planes[TemperingRegister.OFFSETS]
        m.d.comb += offset.eq(plane.words.word_select(self.count, fabric.offset.width).as_signed())
        m.d.comb += [
            swap.coupling.eq(coupling),
            swap.offset.eq(offset),
            swap.count.eq(self.count),
            swap.phase.eq(self.phase),
            swap.is_bias.eq(self.count < fabric.n_pbits),
            swap.clear.eq(self.clear),
            swap.random.eq(self._swap_word[32 - SWAP_BITS :]),
            swap.table_write.eq(self.writes[TemperingRegister.SWAP_TABLE]),
            swap.table_data.eq(self.write_data),
        ]
        for r, state in enumerate(bits):
            m.d.comb += getattr(swap, f"bits_{r}").eq(state)
            m.d.comb += self._slots[r].eq(getattr(swap, f"slot_{r}"))
            if n_edges:
                first, second = (Cat(state[edge[end]] for edge in fabric.edges) for end in (0, 1))
                m.d.comb += getattr(swap, f"first_{r}").eq(first.bit_select(self.count, 1))
                m.d.comb += getattr(swap, f"second_{r}").eq(second.bit_select(self.count, 1))
            m.d.comb += getattr(swap, f"bias_{r}").eq(state.bit_select(self.count, 1))

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
        energies = Cat(getattr(swap, f"energy_{r}") for r in range(spec.n_replicas))
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
        with m.Switch(self.address):
            for register, value in shown.items():
                with m.Case(register):
                    m.d.sync += self.read_data.eq(value)
            with m.Default():
                m.d.sync += self.read_data.eq(0)


def _word(vector, number, n_words):
    """Return the 32-bit word of that number, 0 beyond the last."""
    return Mux(number < n_words, vector.word_select(number, 32), 0)
