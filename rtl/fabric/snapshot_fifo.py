"""The snapshot FIFO: whole states, stored in one cycle and read 32 p-bits a word."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out


class SnapshotFifo(wiring.Component):
    """First in, first out, ``depth`` states of ``n_words`` words.

    Members
    -------
    push, pop, clear : In(1)
        Store ``word``; drop the oldest state; drop all. ``push`` needs room, ``pop`` a state.
    word, head : In(32).array(n_words), Out(32).array(n_words)
        Words of the state to store, and of the oldest state (0 when empty).
    level, full : Out
        States held; no room.

    Timing
    ------
    A stored state shows at the head one cycle later. Reads are registered, of the place that is the head in the next
    cycle, so that block RAM serves. One 32-bit memory per word keeps wires short: a wide vector of all p-bits would be
    rebuilt under Icarus with every bit that changes.
    """

    def __init__(self, n_words, depth):
        self._depth = depth
        self._n_words = n_words
        members = {"push": In(1), "pop": In(1), "clear": In(1), "level": Out(range(depth + 1)), "full": Out(1)}
        members |= {"word": In(32).array(n_words), "head": Out(32).array(n_words)}
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        head = Signal(range(self._depth))
        tail = Signal(range(self._depth))
        next_head = Signal(range(self._depth))
        occupied = Signal()
        m.d.comb += [
            occupied.eq(self.level != 0),
            self.full.eq(self.level == self._depth),
            next_head.eq(Mux(self.clear, 0, head + self.pop)),
        ]
        for k in range(self._n_words):
            m.submodules[f"memory_{k}"] = memory = Memory(shape=32, depth=self._depth, init=[])
            writer = memory.write_port()
            reader = memory.read_port(transparent_for=(writer,))
            m.d.comb += [
                writer.en.eq(self.push),
                writer.addr.eq(tail),
                writer.data.eq(self.word[k]),
                reader.addr.eq(next_head),
                self.head[k].eq(reader.data & occupied.replicate(32)),
            ]
        with m.If(self.push):
            m.d.sync += tail.eq(tail + 1)
        m.d.sync += [head.eq(next_head), self.level.eq(self.level + self.push - self.pop)]
        with m.If(self.clear):
            m.d.sync += [tail.eq(0), self.level.eq(0)]
        return m
