"""Verilog of a replica fabric."""

from __future__ import annotations

from amaranth.back import verilog

from .tempering import TemperingComputer

TEMPERING_TOP = "tempering_computer"


def verilog_of_tempering(spec, top=TEMPERING_TOP):
    """Return the Verilog text of a replica fabric.

    Parameters
    ----------
    spec : TemperingSpec
        The hardware.
    top : str
        Name of the top module.

    Returns
    -------
    str
        Plain Verilog 2001 that Icarus and Yosys read without a warning; no source paths inside.
    """
    return verilog.convert(TemperingComputer(spec), name=top, strip_internal_attrs=True, emit_src=False)
