"""The Verilog shell around a design whose pins a bench drives: clock, reset, and a register for each input."""

from __future__ import annotations

from .harness import CLOCK_NS, TOP

_SHELL = """\
`timescale 1ns/1ps
module {top};
  reg clk = 0;
  reg rst = 1;
{declarations}
  {design} dut (.clk(clk), .rst(rst){ports});
  always #{half} clk = ~clk;
  initial begin #{reset} rst = 0; end
endmodule
"""


def pin_shell(design, inputs, outputs=None, high=()):
    """Return the Verilog around a design.

    Parameters
    ----------
    design : str
        Name of its top module, which has ``clk`` and ``rst`` beside these ports.
    inputs, outputs : dict of str to int
        Width of each port [bit].
    high : collection of str
        Inputs that begin at 1; the others begin at 0.

    Returns
    -------
    str
    """
    outputs = outputs or {}
    lines = [f"  reg [{width - 1}:0] {name} = {int(name in high)};" for name, width in inputs.items()]
    lines += [f"  wire [{width - 1}:0] {name};" for name, width in outputs.items()]
    return _SHELL.format(
        top=TOP,
        design=design,
        declarations="\n".join(lines),
        ports="".join(f", .{name}({name})" for name in [*inputs, *outputs]),
        half=CLOCK_NS // 2,
        reset=CLOCK_NS + 2,
    )
