"""What a Verilog text says of power-up: short for synthesis, and defined in simulators from time zero on.

Yosys writes a statement for each word of a memory, zeros too, which older synthesis takes minutes to read. And the next
value of a register is a process of its own: if the first edge is at time zero, a simulator may take the register first,
with an X that stays for good.
"""

from __future__ import annotations

import re

_MODULE = re.compile(r"^module .*?^endmodule\n", re.MULTILINE | re.DOTALL)
_MEMORY = re.compile(r"^  reg (?:\[\d+:0\] )?(?P<name>\S+) +\[(?P<last>\d+):0\];\n", re.MULTILINE)
_ZEROS = re.compile(r"^  initial begin\n(?:    \S+ ?\[\d+\] = \d+'[bdh]0+;\n)+  end\n", re.MULTILINE)
_REGISTER = re.compile(r"^(?P<before>  reg (?:\[\d+:0\] )?(?P<name>\S+) *?) = (?P<value>\d+'\w+);\n", re.MULTILINE)
# Yosys has each combinational process look at a constant of this form, so that it runs at time zero.
_WAKER = re.compile(r"^  reg (?P<name>\\\S+)  = 0;\n", re.MULTILINE)


def with_power_up(text):
    """Return Verilog without zeros for memories, with a block for simulators instead.

    Parameters
    ----------
    text : str
        Verilog as Yosys writes it.

    Returns
    -------
    str
        The same hardware. Initial values stand in a process, which Verilator's lint prefers to declarations. Simulators
        (all that do not define SYNTHESIS) fill memories with zeros, as block RAM powers
        up; at the end of time zero registers hold their initial values, wherever the first edge is, and every
        combinational process has run.
    """
    return _MODULE.sub(lambda module: _module(module[0]), text)


def _module(text):
    """Return a module with its power-up block."""
    text = _ZEROS.sub("", text)
    fills = [
        f"    for (power_up = 0; power_up <= {last}; power_up = power_up + 1) {name} [power_up] = 0;\n"
        for name, last in _MEMORY.findall(text)
        if not re.search(rf"^    {re.escape(name)} ?\[\d+\] = ", text, re.MULTILINE)
    ]
    registers = [(found["name"], found["value"]) for found in _REGISTER.finditer(text)]
    wakers = [(name, "1") for name in _WAKER.findall(text)]
    if not fills and not registers and not wakers:
        return text
    text = _REGISTER.sub(lambda found: f"{found['before'].rstrip()} ;\n", text)
    return text.removesuffix("endmodule\n") + _block(fills, registers, wakers) + "endmodule\n"


def _block(fills, registers, wakers):
    """Return the block of a module: initial values, and for simulators again after every edge of time zero."""
    lines = []
    if registers:
        lines += ["  initial begin\n", *(f"    {name}  = {value};\n" for name, value in registers), "  end\n"]
    lines += ["`ifndef SYNTHESIS\n", *(["  integer power_up;\n"] if fills else []), "  initial begin\n", *fills]
    again = [f"    {name}  <= {value};\n" for name, value in [*registers, *wakers]]
    if again:
        lines += ["`ifndef VERILATOR\n", "    #0;\n", *again, "`endif\n"]
    return "".join([*lines, "  end\n", "`endif\n"])
