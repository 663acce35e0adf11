"""Verilog of a whole board, from pin to pin."""

from __future__ import annotations

from ..board.top import Board
from .conversion import to_verilog

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
    return to_verilog(Board(spec, divisor), top)
