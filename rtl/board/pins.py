"""A p-computer with its UART on the pins of a real board."""

from __future__ import annotations

from amaranth.hdl import ClockDomain, Elaboratable, Module
from amaranth.lib import io

from .top import Board


class BoardPins(Elaboratable):
    """Top of a bitstream: `Board` between the serial pins of an amaranth platform.

    Parameters
    ----------
    spec : FabricSpec
        The fabric; its random source must be on the chip.
    divisor : int
        Clocks per bit of the UART.
    clock : Elaboratable, optional
        Drives the domain ``sync`` and puts the frequency constraint on it; see `pll` and `mmcm`.

    Timing
    ------
    Without ``clock`` it runs on the platform's default clock, which carries its constraint, with the platform's reset.
    """

    def __init__(self, spec, divisor, clock=None):
        self._board = Board(spec, divisor)
        self._clock = clock

    def elaborate(self, platform):
        m = Module()
        if self._clock is not None:
            m.domains.sync = ClockDomain(reset_less=self._clock.is_reset_less)
            m.submodules.clock = self._clock
        pins = platform.request("uart", 0, dir="-")
        m.submodules.board = board = self._board
        m.submodules.rx = rx = io.Buffer("i", pins.rx)
        m.submodules.tx = tx = io.Buffer("o", pins.tx)
        m.d.comb += [board.rx.eq(rx.i), tx.o.eq(board.tx)]
        return m
