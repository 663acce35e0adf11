"""Energies of replicas, the best state so far, and swaps of neighbouring temperatures."""

from __future__ import annotations

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from ...emulator.spec.replicas.tempering import ENERGY_BITS, SWAP_BITS, TemperingPhase


class SwapUnit(wiring.Component):
    """Adds up energies, keeps the best state, and exchanges slots by Metropolis' rule.

    Parameters
    ----------
    spec : TemperingSpec
        Parameters of the machine.

    Members
    -------
    phase, count : In(TemperingPhase), In(16)
        What the machine does, and the number of the coupling, replica or pair.
    begin, clear : In(1)
        Energies to 0; slots in order, no best state.
    coupling, offset, is_bias : In
        Coupling word and offset of this clock, and whether there is an offset.
    bits, first, second, bias : In, one a replica
        State; its bits at both ends of the coupling, and at the offset.
    random : In(16)
        Random number of the swap.
    table_write, table_data : In(1), In(16)
        Acceptance tables, pair by pair.
    slot_r, energy : Out, one a replica
        Slot and energy.
    has_best, best, best_bits, accepted : Out
        Best state so far, swaps done.

    Timing
    ------
    Everything is registered; a swap shows in the next cycle.
    """

    def __init__(self, spec):
        self._spec = spec
        fabric, n = spec.fabric, spec.n_replicas
        members = {
            "phase": In(TemperingPhase),
            "count": In(16),
            "begin": In(1),
            "clear": In(1),
            "coupling": In(fabric.weight.width),
            "offset": In(signed(fabric.offset.width)),
            "is_bias": In(1),
            "random": In(SWAP_BITS),
            "table_write": In(1),
            "table_data": In(SWAP_BITS),
            "has_best": Out(1),
            "best": Out(signed(ENERGY_BITS)),
            "best_bits": Out(fabric.n_pbits),
            "accepted": Out(32),
        }
        members |= {name: In(1).array(n) for name in ("first", "second", "bias")}
        members |= {"bits": In(fabric.n_pbits).array(n), "energy": Out(signed(ENERGY_BITS)).array(n)}
        # No array: each has a first value of its own.
        members |= {f"slot_{r}": Out(range(n), init=r) for r in range(n)}
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        self._add(m)
        self._keep(m)
        self._swap(m)
        return m

    def _add(self, m):
        """Add one coupling and one bias to every energy."""
        magnitude = Signal(ENERGY_BITS)
        negative = self.coupling[-1]
        m.d.comb += magnitude.eq(self.coupling[:-1] << self._spec.magnitude_shift)
        for r, energy in enumerate(self.energy):
            first, second = self.first[r], self.second[r]
            # m (d - x - y), d = x ^ y ^ sign: -2 m or 0 for a positive coupling; m where no bit is set or -m, else.
            both, neither = first & second, ~(first | second)
            double = Mux(both, magnitude << 1, Const(0))
            term = Signal(signed(ENERGY_BITS), name=f"term_{r}")
            bias = Signal(signed(ENERGY_BITS), name=f"bias_term_{r}")
            m.d.comb += term.eq(Mux(negative, Mux(neither, magnitude, -magnitude), -double))
            m.d.comb += bias.eq(Mux(self.is_bias & self.bias[r], -self.offset, 0))
            with m.If(self.begin):
                m.d.sync += energy.eq(0)
            with m.Elif(self.phase == TemperingPhase.ENERGY):
                m.d.sync += energy.eq(energy + term + bias)

    def _keep(self, m):
        """Keep the state of a replica that lies below the best."""
        energy = Array(self.energy)[self.count]
        state = Array(self.bits)[self.count]
        with m.If((self.phase == TemperingPhase.KEEP) & (~self.has_best | (energy < self.best))):
            m.d.sync += [self.has_best.eq(1), self.best.eq(energy), self.best_bits.eq(state)]
        with m.If(self.clear):
            m.d.sync += self.has_best.eq(0)

    def _swap(self, m):
        """Exchange the replicas at two neighbouring slots."""
        spec, n = self._spec, self._spec.n_replicas
        depth = (n - 1) * spec.swap_depth
        m.submodules.swap_table = table = Memory(shape=SWAP_BITS, depth=depth, init=[])
        writer = table.write_port()
        reader = table.read_port(domain="comb")
        pointer = Signal(range(depth), name="swap_pointer")
        with m.If(self.table_write):
            m.d.sync += pointer.eq(Mux(pointer == depth - 1, 0, pointer + 1))
        at = [Signal(range(n), init=k, name=f"at_{k}") for k in range(n)]
        hot = Signal(range(n))
        cold = Signal(range(n))
        difference = Signal(signed(ENERGY_BITS + 1))
        is_near = Signal()
        accepts = Signal()
        here = self.count < n - 1
        m.d.comb += [
            writer.en.eq(self.table_write),
            writer.addr.eq(pointer),
            writer.data.eq(self.table_data),
            hot.eq(Array(at)[self.count]),
            cold.eq(Array([*at[1:], at[-1]])[self.count]),
            difference.eq(Array(self.energy)[hot] - Array(self.energy)[cold]),
            is_near.eq((difference > 0) & (difference < spec.swap_depth)),
            reader.addr.eq(Cat(difference[: (spec.swap_depth - 1).bit_length()], self.count)),
            accepts.eq((difference <= 0) | (is_near & (self.random < reader.data))),
        ]
        with m.If((self.phase == TemperingPhase.SWAP) & here & accepts):
            m.d.sync += self.accepted.eq(self.accepted + 1)
            for k in range(n):
                with m.If(self.count == k):
                    m.d.sync += at[k].eq(cold)
                with m.If(self.count + 1 == k):
                    m.d.sync += at[k].eq(hot)
            for r in range(n):
                slot = getattr(self, f"slot_{r}")
                with m.If(hot == r):
                    m.d.sync += slot.eq(self.count + 1)
                with m.If(cold == r):
                    m.d.sync += slot.eq(self.count)
        with m.If(self.clear):
            m.d.sync += self.accepted.eq(0)
            for k in range(n):
                m.d.sync += [at[k].eq(k), getattr(self, f"slot_{k}").eq(k)]
