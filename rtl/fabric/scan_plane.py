"""A configuration shift register: many words behind one address, almost free in logic."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class ScanPlane(wiring.Component):
    """Words that shift towards the head, one a write.

    Parameters
    ----------
    n_words, width : int
        Words, and bits of a word.

    Members
    -------
    shift : In(1)
        Shift one word in at the end.
    data : In(width)
        The word that comes in.
    words : Out(n_words * width)
        All words side by side, word 0 (the head) in the low bits.

    Timing
    ------
    ``words`` is registered; ``n_words`` shifts fill it in order. A shift register needs no address decoder
    and no multiplexer in front of its flip-flops, which is why configuration is loaded this way.
    """

    def __init__(self, n_words, width):
        self._width = width
        super().__init__({"shift": In(1), "data": In(width), "words": Out(n_words * width)})

    def elaborate(self, platform):
        m = Module()
        words = Signal(len(self.words), reset_less=True)
        m.d.comb += self.words.eq(words)
        m.d.sync += words.eq(Mux(self.shift, Cat(words[self._width :], self.data), words))
        return m

    def word(self, k):
        """Return word k as a slice."""
        return self.words[k * self._width : (k + 1) * self._width]


def add_planes(m, shapes, shifts, data):
    """Add configuration shift registers to a module, each under its register's name.

    Parameters
    ----------
    m : Module
        Module that gets them.
    shapes : dict of IntEnum to (int, int)
        Words and bits of a word of each register; one without words gets no plane.
    shifts : callable
        Returns the strobe that shifts a register's plane.
    data : Value
        The word that comes in.

    Returns
    -------
    dict of IntEnum to ScanPlane
    """
    planes = {register: ScanPlane(*shape) for register, shape in shapes.items() if shape[0]}
    for register, plane in planes.items():
        m.submodules[register.name.lower()] = plane
        m.d.comb += [plane.shift.eq(shifts(register)), plane.data.eq(data)]
    return planes
