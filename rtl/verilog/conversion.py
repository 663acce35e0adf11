"""Text of an Amaranth component: Verilog for simulators and synthesis, RTLIL for CXXRTL."""

from __future__ import annotations

import gc
from contextlib import contextmanager

from amaranth.back import rtlil, verilog

from .power_up import with_power_up
from .yosys_choice import bundled_yosys

# Waivers of lint, each with its reason; the text is proved bit for bit by lockstep.
LINT = """\
/* verilator lint_off WIDTH */           // Yosys leaves the extension of sums and literals to the rules of the language
/* verilator lint_off CASEINCOMPLETE */  // what a case does not name keeps the value assigned before it
/* verilator lint_off UNUSED */          // names that only a waveform shows are kept
/* verilator lint_off DECLFILENAME */    // a hierarchy in one file
/* verilator lint_off VARHIDDEN */       // an instance may have the name of a wire elsewhere
"""


def to_verilog(component, top):
    """Return the Verilog 2001 of a component whose top module is called ``top``; no source paths inside."""
    with collector_paused(), bundled_yosys():
        text = verilog.convert(component, name=top, strip_internal_attrs=True, emit_src=False)
    return LINT + with_power_up(text)


def to_rtlil(component, top):
    """Return the RTLIL of a component; see `to_verilog`."""
    with collector_paused():
        return rtlil.convert(component, name=top, emit_src=False)


@contextmanager
def collector_paused():
    """Pause Python's garbage collector: a netlist grows by millions of objects, none of them garbage.

    Looking through them again and again took half the time of a conversion.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
