"""One p-bit: local field, activation table, comparison, spin."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out


class PBit(wiring.Component):
    """A p-bit with run-time weights; twin: ``emulator.golden.update_kernels``.

    Parameters
    ----------
    spec : FabricSpec
        Word formats.
    degree : int
        Neighbours.

    Members
    -------
    neighbor_k, weight_k : In(1), In(weight.width)
        State of neighbour k and coupling to it.
    offset : In(offset.width)
        Bias minus the sum of the weights.
    random : In(compare_bits)
        Random word of this cycle.
    update, load : In(1)
        Draw a new state; take the clamp value. A held p-bit ignores ``update``.
    clamp : In(2)
        Bit 1 holds the p-bit, bit 0 is the value.
    table_write, table_address, table_data : In
        Broadcast write port of the activation table.
    bit : Out(1)
        State, registered.
    saturated : Out(1)
        The field of this cycle's update lies outside its format (combinational).

    Timing
    ------
    ``bit`` changes one cycle after ``update``; no pipeline.
    """

    def __init__(self, spec, degree):
        self._spec = spec
        self._degree = degree
        members = {
            "offset": In(spec.offset.width),
            "random": In(spec.compare_bits),
            "update": In(1),
            "load": In(1),
            "clamp": In(2),
            "table_write": In(1),
            "table_address": In(spec.field.width),
            "table_data": In(spec.compare_bits),
            "bit": Out(1),
            "saturated": Out(1),
        }
        for k in range(degree):
            members[f"neighbor_{k}"] = In(1)
            members[f"weight_{k}"] = In(spec.weight.width)
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        spec = self._spec
        field, saturated = self._field(m)
        m.submodules.table = table = Memory(shape=spec.compare_bits, depth=spec.n_table_entries, init=[])
        writer, reader = table.write_port(), table.read_port(domain="comb")
        m.d.comb += [
            writer.en.eq(self.table_write),
            writer.addr.eq(self.table_address),
            writer.data.eq(self.table_data),
            reader.addr.eq(field),
        ]
        state, updates = Signal(reset_less=True), Signal()
        m.d.comb += updates.eq(self.update & ~self.clamp[1])
        m.d.comb += self.saturated.eq(updates & saturated)
        # Multiplexers and no reset: a branch would cost Icarus a process per p-bit and clock (2x slower), and a state
        # needs no reset because loading a program writes it.
        m.d.comb += self.bit.eq(state)
        drawn = Mux(updates, self.random < reader.data, state)
        m.d.sync += state.eq(Mux(self.load & self.clamp[1], self.clamp[0], drawn))
        return m

    def _field(self, m):
        """Return the saturated field word, and whether it saturated."""
        spec = self._spec
        terms = []
        for k in range(self._degree):
            neighbor, weight = getattr(self, f"neighbor_{k}"), getattr(self, f"weight_{k}")
            terms.append(Mux(neighbor, weight.as_signed(), 0))
        accumulator = Signal(signed(spec.accumulator_bits))
        total = _balanced_sum(terms) if terms else Const(0, 1)
        m.d.comb += accumulator.eq((total << spec.weight_shift) + self.offset.as_signed())
        return self._round(m, accumulator)

    def _round(self, m, accumulator):
        spec = self._spec
        shift = spec.field_shift
        half = 1 << (shift - 1) if shift > 0 else 0
        rounded = Signal(signed(spec.accumulator_bits + 1 - shift))
        m.d.comb += rounded.eq((accumulator + half) >> shift if shift > 0 else accumulator << -shift)
        width = spec.field.width
        if len(rounded) <= width:
            field = Signal(signed(width))
            m.d.comb += field.eq(rounded)
            return field.as_unsigned(), Const(0, 1)
        field, saturated = Signal(width), Signal()
        head = rounded[width - 1 :]
        m.d.comb += saturated.eq(~(head.all() | ~head.any()))
        limit = Mux(rounded[-1], spec.field.min_word & ((1 << width) - 1), spec.field.max_word)
        m.d.comb += field.eq(Mux(saturated, limit, rounded[:width]))
        return field, saturated


def _balanced_sum(terms):
    """Return the sum of the terms as a balanced tree."""
    while len(terms) > 1:
        pairs = [terms[k] + terms[k + 1] for k in range(0, len(terms) - 1, 2)]
        terms = pairs + terms[len(pairs) * 2 :]
    return terms[0]
