"""The Verilog shell around a p-computer under Icarus: clock, reset, and a host that plays a script.

The host lives inside the simulator: it loads programs, fetches snapshots through the FIFO and reads registers, all over
the register bus, while Python sleeps. Without a script the pins are left to the bench.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...emulator.spec.fabric.random_source import RandomKind
from ...emulator.spec.fabric.register_map import FIFO_BASE, Register

TOP = "harness"
CLOCK_NS = 10
WRITE, DRAIN, READ, SPEND = range(4)  # operations of a script

_TEXT = """\
`timescale 1ns/1ps
// +script=FILE: lines "operation address data", all hex. 0 writes a register; 1 fetches snapshots until the machine is
// idle and its FIFO empty; 2 reads a register; 3 lets `data` clocks pass. +result=FILE receives one hex word a line, in
// order. +finish ends the simulation after the script, else `played` rises. +waves=FILE dumps every signal. +clocks=N
// ends it after so many clocks whatever happens.
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

  localparam WORDS = {n_words};
  reg [8191:0] script_name;
  reg [8191:0] result_name;
  reg [8191:0] waves_name;
  integer script = 0;
  integer result = 0;
  integer found = 0;
  integer operation = {spend};
  integer at = 0;
  integer data = 0;
  integer word = 0;
  reg [1:0] reading = 0;  // reads whose data are two clocks and one clock away
  reg popping = 0;        // a pop stands on the pins
  reg played = 0;
  reg [63:0] clocks;
  initial if ($value$plusargs("clocks=%d", clocks)) begin
    #(clocks * {clock}) $finish;
  end
  initial begin
    if ($value$plusargs("waves=%s", waves_name)) begin
      $dumpfile(waves_name);
      $dumpvars(0, {top});
    end
    if ($value$plusargs("script=%s", script_name)) script = $fopen(script_name, "r");
    if ($value$plusargs("result=%s", result_name)) result = $fopen(result_name, "w");
  end

  task next;
    begin
      found = $fscanf(script, "%h %h %h", operation, at, data);
      if (found != 3) begin
        operation = -1;
        if (result != 0) $fclose(result);
        result = 0;
        played <= 1;
        if ($test$plusargs("finish")) $finish;
      end
    end
  endtask

  always @(posedge clk) if (!rst && script != 0 && !played) begin
    if (reading[1] && result != 0) $fdisplay(result, "%h", read_data);
    reading <= {{reading[0], 1'b0}};
    write <= 0;
    popping <= 0;
    case (operation)
      {write}: begin
        address <= at;
        write_data <= data;
        write <= 1;
        next;
      end
      {drain}: begin
        if (word == WORDS) begin
          address <= 16'd{fifo_pop};
          write <= 1;
          popping <= 1;
          word <= 0;
        end else if (word != 0 || dut.fifo.level > popping) begin
          address <= 16'd{fifo_base} + word;
          reading <= {{reading[0], 1'b1}};
          word <= word + 1;
        end else if (!dut.sequencer.busy && !write) next;
      end
      {read}: begin
        address <= at;
        reading <= {{reading[0], 1'b1}};
        next;
      end
      {spend}: if (data == 0) begin
        if (reading == 0) next;  // what was read before is written down first
      end else data = data - 1;
    endcase
  end
endmodule
"""


@dataclass(frozen=True)
class Script:
    """Operations that the shell's host plays, one line each."""

    lines: tuple[str, ...] = ()

    def write(self, writes):
        """Return the script with register writes appended; pairs of address and data."""
        return self._with([f"{WRITE:x} {address:x} {data & 0xFFFFFFFF:x}" for address, data in writes])

    def drain(self):
        """Return the script with: fetch snapshots until the run is over."""
        return self._with([f"{DRAIN:x} 0 0"])

    def read(self, addresses):
        """Return the script with register reads appended."""
        return self._with([f"{READ:x} {address:x} 0" for address in addresses])

    def spend(self, n_cycles):
        """Return the script with: let the machine run so many clocks."""
        return self._with([f"{SPEND:x} 0 {n_cycles:x}"])

    def text(self):
        """Return the file's text; a last pause lets the last reads arrive."""
        return "".join(f"{line}\n" for line in (*self.lines, f"{SPEND:x} 0 4"))

    def _with(self, lines):
        return Script((*self.lines, *lines))


def harness_text(spec):
    """Return the Verilog of the shell for a design."""
    external = spec.random.kind is RandomKind.EXTERNAL
    bits = spec.n_slots * spec.compare_bits
    return _TEXT.format(
        top=TOP,
        half=CLOCK_NS // 2,
        clock=CLOCK_NS,
        reset=CLOCK_NS + 2,
        n_words=-(-spec.n_pbits // 32),
        write=WRITE,
        drain=DRAIN,
        read=READ,
        spend=SPEND,
        fifo_pop=int(Register.FIFO_POP),
        fifo_base=FIFO_BASE,
        entropy_declaration=f"  reg [{bits - 1}:0] entropy = 0;\n  wire entropy_taken;" if external else "",
        entropy_port=", .entropy(entropy), .entropy_taken(entropy_taken)" if external else "",
    )
