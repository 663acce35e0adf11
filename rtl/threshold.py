"""The drawing of a spin: activation table and comparison, shared by p-bits that never update in the same cycle."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out


class Threshold(wiring.Component):
    """Compares the random word with the table's entry for the field; twin: ``emulator.golden.update_kernels``.

    Parameters
    ----------
    spec : FabricSpec
        Word formats.
    n_fields : int
        P-bits that share the unit.

    Members
    -------
    field_k : In(field.width)
        Field word of user k.
    select_k : In(1), k > 0
        User k draws in this cycle; user 0 if none is selected. At most one is.
    random : In(compare_bits)
        Random word of this cycle.
    table_write, table_address, table_data : In
        Broadcast write port of the activation table.
    drawn : Out(1)
        New state of the user that draws (combinational).

    Timing
    ------
    No register between field and ``drawn``.
    """

    def __init__(self, spec, n_fields):
        self._spec = spec
        self._n_fields = n_fields
        members = {f"field_{k}": In(spec.field.width) for k in range(n_fields)}
        members |= {f"select_{k}": In(1) for k in range(1, n_fields)}
        members |= {
            "random": In(spec.compare_bits),
            "table_write": In(1),
            "table_address": In(spec.field.width),
            "table_data": In(spec.compare_bits),
            "drawn": Out(1),
        }
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        spec = self._spec
        chosen = self.field_0
        for k in range(1, self._n_fields):
            chosen = Mux(getattr(self, f"select_{k}"), getattr(self, f"field_{k}"), chosen)
        field = Signal(spec.field.width)
        m.submodules.table = table = Memory(shape=spec.compare_bits, depth=spec.n_table_entries, init=[])
        writer, reader = table.write_port(), table.read_port(domain="comb")
        m.d.comb += [
            writer.en.eq(self.table_write),
            writer.addr.eq(self.table_address),
            writer.data.eq(self.table_data),
            field.eq(chosen),
            reader.addr.eq(field),
            self.drawn.eq(self.random < reader.data),
        ]
        return m


def threshold_users(spec):
    """Return which p-bits share a `Threshold`: same random slice, all of different colours; list of list of int.

    With the slices of `slots_by_rank` that is one unit a slice. Where p-bits of one colour read one slice (which ruins
    the law, and is built to show it) each has a unit of its own.
    """
    units, taken = {}, {}
    for i, (slot, color) in enumerate(zip(spec.slots, spec.colors, strict=True)):
        rank = taken.get((slot, color), 0)
        taken[slot, color] = rank + 1
        units.setdefault((slot, rank), []).append(i)
    return [units[key] for key in sorted(units)]
