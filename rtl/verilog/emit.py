"""Verilog of every design: p-computers, replica fabrics, tile controllers, whole boards."""

from __future__ import annotations

from functools import lru_cache

from ...emulator.spec.fabric.parameters import FabricSpec
from ...emulator.spec.replicas.tempering import TemperingSpec
from ...emulator.spec.replicas.trotter import TrotterSpec
from ...emulator.spec.tile.controller import TileControllerSpec
from ..board.top import Board
from ..fabric.dense_computer import computer_for
from ..replicas.tempering import TemperingComputer
from ..replicas.trotter import TrotterComputer
from ..tile.controller import TileController
from .conversion import to_verilog

TOP, BOARD_TOP = "p_computer", "board"
# Kind of specification -> name of its top module, and what makes its component.
DESIGNS = {
    FabricSpec: (TOP, computer_for),
    TemperingSpec: ("tempering_computer", TemperingComputer),
    TrotterSpec: ("trotter_computer", TrotterComputer),
    TileControllerSpec: ("tile_controller", TileController),
}


def top_of(spec):
    """Return the usual name of a design's top module."""
    return DESIGNS[type(spec)][0]


def verilog_of(spec, top=None):
    """Return the Verilog text of a design.

    Parameters
    ----------
    spec : FabricSpec, TemperingSpec, TrotterSpec or TileControllerSpec
        Parameters of the design.
    top : str, optional
        Name of the top module; `top_of` if absent.

    Returns
    -------
    str
        Plain Verilog 2001 that Icarus and Yosys read without a warning; no source paths inside.
    """
    top = top or top_of(spec)
    return kept_verilog(spec, top) if type(spec) is FabricSpec else _text(spec, top)


def _text(spec, top):
    return to_verilog(DESIGNS[type(spec)][1](spec), top)


kept_verilog = lru_cache(maxsize=4)(_text)  # demo and tests ask for the same design again


def verilog_of_board(spec, divisor, top=BOARD_TOP):
    """Return the Verilog text of a board from pin to pin: UART, link and p-computer.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    divisor : int
        Clocks per bit of the UART.
    top : str
        Name of the top module.

    Returns
    -------
    str
        Verilog text, as of `verilog_of`.
    """
    return to_verilog(Board(spec, divisor), top)
