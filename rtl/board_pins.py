"""A p-computer with its UART on the pins of a real board."""

from __future__ import annotations

from amaranth.hdl import Elaboratable, Module
from amaranth.lib import io

from .board_top import Board


class BoardPins(Elaboratable):
    """Top of a bitstream: `Board` between the serial pins of an amaranth platform.

    Parameters
    ----------
    spec : FabricSpec
        The fabric; its random source must be on the chip.
    divisor : int
        Clocks per bit of the UART.

    Timing
    ------
    Runs on the platform's default clock, which carries its frequency constraint; reset is the platform's own.
    """

    def __init__(self, spec, divisor):
        self._board = Board(spec, divisor)

    def elaborate(self, platform):
        m = Module()
        pins = platform.request("uart", 0, dir="-")
        m.submodules.board = board = self._board
        m.submodules.rx = rx = io.Buffer("i", pins.rx)
        m.submodules.tx = tx = io.Buffer("o", pins.tx)
        m.d.comb += [board.rx.eq(rx.i), tx.o.eq(board.tx)]
        return m
