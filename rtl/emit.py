"""Verilog of a p-computer."""

from __future__ import annotations

from amaranth.back import verilog

from .dense_computer import computer_for

TOP = "p_computer"


def verilog_of(spec, top=TOP):
    """Return the Verilog text of a fabric.

    Parameters
    ----------
    spec : FabricSpec
        The fabric.
    top : str
        Name of the top module.

    Returns
    -------
    str
        Plain Verilog 2001 that Icarus and Yosys read without a warning; no source paths inside.
    """
    return verilog.convert(computer_for(spec), name=top, strip_internal_attrs=True, emit_src=False)
