"""Verilog of a whole board, from pin to pin."""

from __future__ import annotations

from amaranth.back import verilog

from .board_top import Board

BOARD_TOP = "board"


def verilog_of_board(spec, divisor, top=BOARD_TOP):
    """Return the Verilog text of a board: UART, link and p-computer.

    Parameters
    ----------
    spec : FabricSpec
        The fabric.
    divisor : int
        Clocks per bit of the UART.
    top : str
        Name of the top module.

    Returns
    -------
    str
        Plain Verilog 2001; no source paths inside.
    """
    return verilog.convert(Board(spec, divisor), name=top, strip_internal_attrs=True, emit_src=False)
