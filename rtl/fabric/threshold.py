"""The drawing of a spin: choice of a field and comparison, shared by p-bits that never update in the same cycle."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux
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
    field : In(field.width).array(n_fields)
        Field word of each user.
    select : In(1).array(n_fields - 1)
        Users 1, 2 ... that draw in this cycle, at most one; user 0 if none is selected.
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
        members = {
            "field": In(spec.field.width).array(n_fields),
            "select": In(1).array(n_fields - 1),
            "random": In(spec.compare_bits),
            "entry": Out(spec.field.width),
            "threshold": In(spec.compare_bits),
            "drawn": Out(1),
        }
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        chosen, *others = self.field
        for select, field in zip(self.select, others, strict=True):
            chosen = Mux(select, field, chosen)
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


def lookup_in(m, table, *above):
    """Return a function that adds a combinational read port to a table for a field, and returns its threshold.

    One memory with a read port a unit: distributed RAM is copied for each port, and where a device has none (iCE40)
    the flip-flops of one table serve all. ``above`` are the upper bits of the address, beyond the field.
    """

    def lookup(entry):
        reader = table.read_port(domain="comb")
        m.d.comb += reader.addr.eq(Cat(entry, *above))
        return reader.data

    return lookup


def add_thresholds(m, spec, lookup, words, pbits, is_now, prefix="threshold"):
    """Add the units that draw, each for p-bits of different colours that read the same random slice, and wire them.

    Parameters
    ----------
    m : Module
        Module that gets them, as ``prefix_0`` and so on.
    spec : FabricSpec
        Parameters of the fabric.
    lookup : callable
        Returns the threshold of a field, as of `lookup_in`.
    words : list of Value
        Random slice of each slot.
    pbits : list of PBit
        All p-bits of the fabric.
    is_now : callable
        Returns whether a colour, an int, is the one that updates.
    prefix : str
        Name of the units.
    """
    for number, users in enumerate(threshold_users(spec)):
        m.submodules[f"{prefix}_{number}"] = unit = Threshold(spec, len(users))
        m.d.comb += [unit.random.eq(words[spec.slots[users[0]]]), unit.threshold.eq(lookup(unit.entry))]
        for k, i in enumerate(users):
            m.d.comb += [unit.field[k].eq(pbits[i].field), pbits[i].drawn.eq(unit.drawn)]
            if k:
                m.d.comb += unit.select[k - 1].eq(is_now(spec.colors[i]))
