"""The drawing of a spin: choice of a field and comparison, shared by p-bits that never update in the same cycle."""

from __future__ import annotations

from amaranth.hdl import Module, Mux
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Threshold(wiring.Component):
    """Compares the random word with the table's entry for the field; twin: ``emulator.golden.fabric.update_kernels``.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric, with its word formats.
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
    entry, threshold : Out(field.width), In(compare_bits)
        A combinational read port of the activation table.
    drawn : Out(1)
        New state of the user that draws (combinational).

    Timing
    ------
    No register between field and ``drawn``.
    """

    def __init__(self, spec, n_fields):
        self._n_fields = n_fields
        members = {f"field_{k}": In(spec.field.width) for k in range(n_fields)}
        members |= {f"select_{k}": In(1) for k in range(1, n_fields)}
        members |= {
            "random": In(spec.compare_bits),
            "entry": Out(spec.field.width),
            "threshold": In(spec.compare_bits),
            "drawn": Out(1),
        }
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        chosen = self.field_0
        for k in range(1, self._n_fields):
            chosen = Mux(getattr(self, f"select_{k}"), getattr(self, f"field_{k}"), chosen)
        m.d.comb += [self.entry.eq(chosen), self.drawn.eq(self.random < self.threshold)]
        return m


def threshold_users(spec):
    """Return which p-bits share a `Threshold`: same random slice, all of different colours; list of list of int.

    With the slices of `slots_by_rank` that is one unit a slice. Where p-bits of one colour read one slice (which ruins
    the distribution, and is built to show it) each has a unit of its own.
    """
    units, taken = {}, {}
    for i, (slot, color) in enumerate(zip(spec.slots, spec.colors, strict=True)):
        rank = taken.get((slot, color), 0)
        taken[slot, color] = rank + 1
        units.setdefault((slot, rank), []).append(i)
    return [units[key] for key in sorted(units)]
