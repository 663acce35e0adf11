"""The Verilog shell around a p-computer under Icarus: clock, reset, and a player of register writes.

The clock runs inside the simulator, and programs are loaded by the player from a hex file, so that Python is called
only when there is something to compare or to fetch.
"""

from __future__ import annotations

from ..emulator.spec.random_source import RandomKind
from ..emulator.spec.register_map import FIFO_BASE, Register

TOP = "harness"
CLOCK_NS = 10

_TEXT = """\
`timescale 1ns/1ps
// Plays +script=FILE (hex lines: address, data), then sets `played`. With +cycles=N it stops N clocks later; with
// +drain it also empties the snapshot FIFO meanwhile, as a host would: one read and one pop a state.
// +waves=FILE dumps every signal.
module {top};
  reg clk = 0;
  reg rst = 1;
  reg [15:0] address = 0;
  reg write = 0;
  reg [31:0] write_data = 0;
  wire [31:0] read_data;
{entropy_declaration}
  p_computer dut (.clk(clk), .rst(rst), .address(address), .write(write), .write_data(write_data),
                  .read_data(read_data){entropy_port});

  always #{half} clk = ~clk;
  initial begin #{reset} rst = 0; end

  reg [47:0] script [0:{script_last}];
  reg [8191:0] script_file;
  reg [8191:0] waves_file;
  integer position = 0;
  integer length = 0;
  integer cycles = 0;
  integer spent = 0;
  integer drained = 0;
  reg drain = 0;
  reg reading = 0;
  reg played = 0;
  reg has_script = 0;
  initial begin
    if ($value$plusargs("script=%s", script_file) && $value$plusargs("length=%d", length)) begin
      $readmemh(script_file, script, 0, length - 1);
      has_script = 1;
    end
    if ($test$plusargs("drain")) drain = 1;
    if ($value$plusargs("waves=%s", waves_file)) begin
      $dumpfile(waves_file);
      $dumpvars(0, {top});
    end
    if (!$value$plusargs("cycles=%d", cycles)) cycles = 0;
  end
  always @(posedge clk) if (!rst && has_script) begin
    if (position < length) begin
      {{address, write_data}} <= script[position];
      write <= 1;
      position <= position + 1;
    end else if (!played) begin
      write <= 0;
      played <= 1;
    end else if (cycles > 0) begin
      spent <= spent + 1;
      if (spent == cycles) begin
        $display("drained %0d", drained);
        $finish;
      end
      if (drain) begin
        reading <= ~reading;
        address <= reading ? 16'd{fifo_pop} : 16'd{fifo_base};
        write <= reading && dut.fifo.level != 0;
        if (reading && dut.fifo.level != 0) drained <= drained + 1;
      end
    end
  end
endmodule
"""


def harness_text(spec, script_words):
    """Return the Verilog of the shell.

    Parameters
    ----------
    spec : FabricSpec
        The design inside.
    script_words : int
        Register writes that the player must hold at most.
    """
    external = spec.random.kind is RandomKind.EXTERNAL
    bits = spec.n_slots * spec.compare_bits
    return _TEXT.format(
        top=TOP,
        half=CLOCK_NS // 2,
        reset=CLOCK_NS + 2,
        script_last=max(1, script_words) - 1,
        fifo_pop=int(Register.FIFO_POP),
        fifo_base=FIFO_BASE,
        entropy_declaration=f"  reg [{bits - 1}:0] entropy = 0;\n  wire entropy_taken;" if external else "",
        entropy_port=", .entropy(entropy), .entropy_taken(entropy_taken)" if external else "",
    )


def script_text(writes):
    """Return register writes as the player's hex lines."""
    return "".join(f"{address:04x}{data:08x}\n" for address, data in writes)
