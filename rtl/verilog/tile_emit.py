"""Verilog of a tile controller."""

from __future__ import annotations

from ..tile.controller import TileController
from .conversion import to_verilog

TILE_TOP = "tile_controller"


def verilog_of_tile(spec, top=TILE_TOP):
    """Return the Verilog text of a tile controller.

    Parameters
    ----------
    spec : TileControllerSpec
        The controller.
    top : str
        Name of the top module.

    Returns
    -------
    str
        Plain Verilog 2001 that Icarus and Yosys read without a warning; no source paths inside.
    """
    return to_verilog(TileController(spec), top)
