"""Power-up: no zeros in the Verilog, and no register that a host reads as X, however a bench starts its clock."""

import itertools
import re
import subprocess

import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fabric.register_map import FIFO_BASE, SPINS_BASE, Register
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.replicas.tempering import TemperingRegister, tempering_program
from spinchip.emulator.spec.replicas.trotter import TrotterRegister, trotter_program
from spinchip.rtl.verilog.emit import verilog_of
from spinchip.rtl.verilog.power_up import with_power_up

TRIANGLE = ((0, 1), (0, 2), (1, 2))
FORMATS = (Fixed(1, 2), Fixed(1, 3), Fixed(2, 1))
RING = resolve("[ring n=4 J=1 h=0.5]")
XOSHIRO, OUTSIDE = RandomSpec(RandomKind.XOSHIRO128PLUS), RandomSpec(RandomKind.EXTERNAL)
EVERY = (*Register, SPINS_BASE, FIFO_BASE)
# Name of the top module, its text, and the addresses that a host reads.
DESIGNS = {
    "sparse": lambda: (verilog_of(FabricSpec(3, TRIANGLE, (0, 1, 2), *FORMATS, 8, moment_bits=5), "dut"), EVERY),
    "one colour": lambda: (verilog_of(FabricSpec(3, (), (0, 0, 0), *FORMATS, 8, XOSHIRO), "dut"), EVERY),
    "dense": lambda: (verilog_of(FabricSpec(3, TRIANGLE, (0, 1, 2), *FORMATS, 8, dense=True), "dut"), EVERY),
    "entropy port": lambda: (verilog_of(FabricSpec(3, TRIANGLE, (0, 1, 2), *FORMATS, 8, OUTSIDE), "dut"), EVERY),
    "tempering": lambda: (
        verilog_of(tempering_program(RING, (0.2, 0.5), 4).spec, "dut"),
        tuple(TemperingRegister),
    ),
    "trotter": lambda: (
        verilog_of(trotter_program(RING, 4, 0.5, (0.5,), (6,)).spec, "dut"),
        tuple(TrotterRegister),
    ),
}
CLOCKS = ("reg clk = 0;", "reg clk = 1;", "reg clk; initial clk = 1;", "reg clk; initial #3 clk = 1;")
PINS = ("reg rst = 0, write = 0; reg [15:0] address = 18;", "reg rst, write; reg [15:0] address;")  # the second: all X
BENCH = """\
module bench;
  {clock}
  {pins}
  wire [31:0] read_data;
  reg [31:0] write_data;
  integer number;
  reg [15:0] known;
  dut dut (.clk(clk), .rst(rst), .address(address), .write(write), .write_data(write_data), .read_data(read_data));
  always #5 clk = ~clk;
  task read;
    input [15:0] at;
    begin
      address = at; write = 0;
      @(posedge clk); @(posedge clk); #1;
      if (^read_data === 1'bx) $display("%0d is %h", at, read_data);
      known = known + 1;
    end
  endtask
  task all;
    begin
{reads}    end
  endtask
  initial begin
    known = 0;
    @(posedge clk);
    all;
    rst = 1; @(posedge clk); #1 rst = 0;
    all;
    $display("%0d read", known);
    $finish;
  end
endmodule
"""


@pytest.fixture(scope="module", params=DESIGNS)
def design(request):
    return DESIGNS[request.param]()


def started(text, addresses, clock, pins, generation, folder):
    """Return what a bench prints that reads every register before and after a reset pulse; the reset may never come."""
    reads = "".join(f"      read({int(at)});\n" for at in addresses)
    (folder / "bench.v").write_text(BENCH.format(clock=clock, pins=pins, reads=reads))
    (folder / "dut.v").write_text(text)
    build = ["iverilog", f"-g{generation}", "-s", "bench", "-o", "bench.vvp", "bench.v", "dut.v"]
    subprocess.run(build, cwd=folder, check=True, capture_output=True)
    return subprocess.run(["vvp", "bench.vvp"], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.mark.promise("rtl.power-up")
@pytest.mark.icarus
def test_registers_are_defined_from_the_first_clock(design, tmp_path):
    text, addresses = design
    for clock, pins, generation in itertools.product(CLOCKS, PINS, ("2005", "2012")):
        said = started(text, addresses, clock, pins, generation, tmp_path)
        assert said == f"{2 * len(addresses)} read\n", (clock, pins, generation)


@pytest.mark.promise("rtl.power-up")
@pytest.mark.icarus
def test_bench_sees_an_x_without_the_block(tmp_path):
    text, addresses = DESIGNS["sparse"]()
    bare = re.sub(r"^`ifndef VERILATOR$.*?^`endif\n", "", text, flags=re.DOTALL | re.MULTILINE)
    said = started(bare, addresses, CLOCKS[2], PINS[0], "2012", tmp_path)
    assert said.lower().count(f"{SPINS_BASE} is 0000000x") == 2, "before and after the reset pulse"
    assert f"{int(Register.SEEDS)} is" in said


@pytest.mark.promise("rtl.power-up")
def test_no_word_of_a_memory_is_written_out(design):
    text, _ = design
    assert not re.search(r"initial begin\n    \S+ ?\[\d+\] = ", text)
    assert text.count(" [power_up] = 0;") == len(
        re.findall(r"^  reg (?:\[\d+:0\] )?\S+ +\[\d+:0\];$", text, re.MULTILINE)
    )


@pytest.mark.promise("rtl.power-up")
def test_six_pbits_are_a_short_text():
    """Of 17,408 memory words none is written; what is left grows with the fabric and not with its memories."""
    sizes = [
        len(verilog_of(FabricSpec(3, TRIANGLE, (0, 1, 2), *FORMATS, 8, n_pages=pages, n_segments=64)))
        for pages in (2, 64)
    ]
    assert sizes[1] - sizes[0] < 200, "62 more tables change widths only"


MEMORY = """\
module m(clk);
  reg [7:0] rom [3:0];
  initial begin
    rom[0] = 8'h00;
    rom[1] = 8'h2a;
    rom[2] = 8'h00;
    rom[3] = 8'h00;
  end
  reg [3:0] \\odd$1  = 4'h5;
endmodule
"""


def test_contents_and_initial_values_other_than_zero_stay():
    text = with_power_up(MEMORY)
    assert "rom[1] = 8'h2a;" in text
    assert "power_up] = 0" not in text
    assert "    \\odd$1  <= 4'h5;\n" in text


def test_text_without_registers_is_left_alone():
    text = "module m(a, b);\n  input a;\n  output b;\n  assign b = a;\nendmodule\n"
    assert with_power_up(text) == text


@pytest.mark.icarus
def test_synthesis_sees_nothing_of_it(design, tmp_path):
    text, _ = design
    (tmp_path / "dut.v").write_text(text)
    command = ["iverilog", "-E", "-DSYNTHESIS", "-o", "plain.v", "dut.v"]
    subprocess.run(command, cwd=tmp_path, check=True)
    plain = (tmp_path / "plain.v").read_text()
    assert "power_up" not in plain
