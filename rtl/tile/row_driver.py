"""The driver of one word line: the input words of its row, and the bit that stands on the line."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from ...emulator.spec.tile.controller import index_bits


class TileRowDriver(wiring.Component):
    """Two banks of input words and a one-bit register; twin: rows of ``emulator.golden.tile.controller``.

    Parameters
    ----------
    spec : TileControllerSpec
        Gives the row tiles and the width of a word.

    Members
    -------
    write, write_bank, write_tile, write_data : In
        Store a word of this row.
    load, release : In(1)
        Put a bit on the line; take it off. ``load`` wins.
    bank, tile, plane : In
        Bank, tile and plane of the bit that is loaded.
    bit : Out(1)
        The word line.

    Timing
    ------
    ``bit`` is registered and follows ``load`` by one cycle. Words lie in a memory, not in flip-flops, since one word a
    row is read at a time: the plane that all rows carry is gathered from as many small memories.
    """

    def __init__(self, spec):
        self._spec = spec
        tile_bits = index_bits(spec.timing.n_row_tiles)
        super().__init__(
            {
                "write": In(1),
                "write_bank": In(1),
                "write_tile": In(tile_bits),
                "write_data": In(spec.input_bits),
                "load": In(1),
                "release": In(1),
                "bank": In(1),
                "tile": In(tile_bits),
                "plane": In(index_bits(spec.input_bits)),
                "bit": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        depth = 2 << len(self.tile)
        m.submodules.words = words = Memory(shape=self._spec.input_bits, depth=depth, init=[])
        writer = words.write_port()
        reader = words.read_port(domain="comb")
        m.d.comb += [
            writer.en.eq(self.write),
            writer.addr.eq(Cat(self.write_tile, self.write_bank)),
            writer.data.eq(self.write_data),
            reader.addr.eq(Cat(self.tile, self.bank)),
        ]
        chosen = Signal()
        m.d.comb += chosen.eq(reader.data.bit_select(self.plane, 1))
        with m.If(self.load):
            m.d.sync += self.bit.eq(chosen)
        with m.Elif(self.release):
            m.d.sync += self.bit.eq(0)
        return m
