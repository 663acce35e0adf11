"""One p-bit: local field and spin."""

from __future__ import annotations

from functools import reduce
from operator import xor

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .field import field_of

COUNTED_BITS = 1  # magnitudes up to this width are summed bit by bit; wider ones cost less on carry chains


class PBit(wiring.Component):
    """A p-bit with run-time weights; twin: ``emulator.golden.fabric.update_kernels``.

    It computes its field and keeps its state; a `Threshold` draws the state from the field.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric, with its word formats.
    degree : int
        Number of neighbours.

    Members
    -------
    neighbor, weight : In(1).array(degree), In(weight.width).array(degree)
        States of the neighbours and couplings to them, each a sign bit above a magnitude.
    offset : In(offset.width)
        Bias minus the sum of the magnitudes.
    update, load : In(1)
        Draw a new state; take the clamp value. A held p-bit ignores ``update``.
    clamp : In(2)
        Bit 1 holds the p-bit, bit 0 is the value.
    field : Out(field.width)
        Rounded and saturated local field (combinational).
    drawn : In(1)
        The state that ``update`` takes.
    bit : Out(1)
        State, registered.
    saturated : Out(1)
        The field lies outside its format, and the p-bit is not held (combinational, in every cycle).

    Timing
    ------
    ``bit`` changes one cycle after ``update``; no pipeline.
    """

    def __init__(self, spec, degree):
        self._spec = spec
        self._degree = degree
        members = {
            "offset": In(spec.offset.width),
            "update": In(1),
            "load": In(1),
            "clamp": In(2),
            "field": Out(spec.field.width),
            "drawn": In(1),
            "bit": Out(1),
            "saturated": Out(1),
            "neighbor": In(1).array(degree),
            "weight": In(spec.weight.width).array(degree),
        }
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        field, saturated = self._field(m)
        m.d.comb += self.field.eq(field)
        state = Signal(reset_less=True)
        held = self.clamp[1]
        # Multiplexers and no reset: a branch would cost Icarus a process per p-bit and clock (2x slower), and a state
        # needs no reset because loading a program writes it. ``update`` changes in every clock, so it meets one
        # multiplexer and nothing else.
        m.d.comb += [self.bit.eq(state), self.saturated.eq(saturated & ~held)]
        m.d.sync += state.eq(Mux(held, Mux(self.load, self.clamp[0], state), Mux(self.update, self.drawn, state)))
        return m

    def _field(self, m):
        """Return the saturated field word, and whether it saturated."""
        spec = self._spec
        accumulator = Signal(signed(spec.accumulator_bits))
        terms = self._terms(m)
        if not terms:
            total = Const(0, 1)
        elif len(terms[0]) <= COUNTED_BITS:
            total = _counted_sum(m, terms)
        else:
            total = _balanced_sum(terms)
        m.d.comb += accumulator.eq((total << spec.weight_shift) + self.offset.as_signed())
        return field_of(m, spec, accumulator)

    def _terms(self, m):
        """Return the magnitudes that count: those of neighbours whose bit, turned by the sign, is 1."""
        terms = []
        for k, (neighbor, weight) in enumerate(zip(self.neighbor, self.weight, strict=True)):
            magnitude = weight[:-1]
            aligned = Signal(name=f"aligned_{k}")
            if not len(magnitude):
                continue
            term = Signal(len(magnitude), name=f"term_{k}")  # named: a count reads it three times
            m.d.comb += aligned.eq(neighbor ^ weight[-1])
            m.d.comb += term.eq(magnitude & aligned.replicate(len(magnitude)))
            terms.append(term)
        return terms


def _balanced_sum(terms):
    """Return the sum of the terms as a balanced tree."""
    while len(terms) > 1:
        pairs = [terms[k] + terms[k + 1] for k in range(0, len(terms) - 1, 2)]
        terms = pairs + terms[len(pairs) * 2 :]
    return terms[0]


def _counted_sum(m, terms):
    """Return the sum of narrow terms: the ones in each bit are counted, then weighed.

    Counting three bits is two small functions, while an adder would start a carry chain for two or three bits.
    """
    counts = [_count(m, [term[position] for term in terms]) << position for position in range(len(terms[0]))]
    return _balanced_sum(counts)


def _count(m, bits):
    """Return how many of the bits are set, by full and half adders of single bits."""
    columns, digits = [list(bits)], []
    while columns:
        column, carries = columns.pop(0), []
        while len(column) > 1:
            part, column = column[:3], column[3:]
            total = Signal()
            carry = Signal()
            m.d.comb += total.eq(reduce(xor, part))
            m.d.comb += carry.eq(_majority(*part))
            column.append(total)
            carries.append(carry)
        digits += column
        if carries:
            columns = [carries]
    return Cat(digits)


def _majority(a, b, c=None):
    return a & b if c is None else (a & b) | (c & (a | b))
