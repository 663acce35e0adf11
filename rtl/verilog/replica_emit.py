"""Verilog of the replica fabrics."""

from __future__ import annotations

from ..replicas.tempering import TemperingComputer
from ..replicas.trotter import TrotterComputer
from .conversion import to_verilog

TEMPERING_TOP, TROTTER_TOP = "tempering_computer", "trotter_computer"


def verilog_of_tempering(spec, top=TEMPERING_TOP):
    """Return the Verilog text of a tempering machine, a `TemperingSpec`'s; plain Verilog 2001 without source paths."""
    return to_verilog(TemperingComputer(spec), top)


def verilog_of_trotter(spec, top=TROTTER_TOP):
    """Return the Verilog text of a ring of Trotter replicas, a `TrotterSpec`'s; see `verilog_of_tempering`."""
    return to_verilog(TrotterComputer(spec), top)
