"""A coupling is changed in a running machine as `bus.md` tells it: then states are golden's of the changed model."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from spinchip.emulator.spec.fabric.quantised import fabric_for
from spinchip.emulator.spec.fabric.register_map import Control, Status
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.sim.cli.options import fabric_options
from spinchip.sim.cosim.program_files import ProgramFiles
from spinchip.sim.runs.rtl_output import write_rtl

BITS = re.compile(r"(\d+) (RUN|LOAD|HALT|CLEAR)\b")
STATES = 20
FORMATS = "weight=s[1][6] bias=s[0][0] field=s[3][6]"
BENCH = """\
module changing;
  reg clk = 0, write = 0;
  reg [15:0] address = 0;
  reg [31:0] write_data = 0, word = 0;
  wire [31:0] read_data;
  p_computer dut (.clk(clk), .rst(1'b0), .address(address), .write(write), .write_data(write_data),
                  .read_data(read_data));
  always #5 clk = ~clk;
  integer k;
  task store(input [15:0] at, input [31:0] data);
    begin address = at; write_data = data; write = 1; @(negedge clk); write = 0; end
  endtask
  task fetch(input [15:0] at);
    begin address = at; @(negedge clk); word = read_data; end
  endtask
  task states;
    for (k = 0; k < %(states)d; k = k + 1) begin
      fetch('h18);
      while (word == 0) fetch('h18);
      fetch('h800);
      $display("%%h", word);
      store('h19, 0);
    end
  endtask
  initial begin
    @(negedge clk);
%(program)s
    states;
    store('h20, 0);  // while it runs: refused and counted
    fetch('h16); fetch('h16);
    $display("refused %%0d", word);
    store('h10, HALT);
    store('h10, CLEAR);
    fetch('h12); fetch('h12);
    $display("status %%0d", word);
%(change)s
    states;
    $finish;
  end
endmodule
"""


def model(coupling):
    """Return six spins in a ring with one chord, all couplings real; the first is told."""
    values = np.zeros((6, 6))
    for (i, j), value in {(0, 1): coupling, (1, 2): -0.4, (2, 3): 0.9, (3, 4): 0.2, (4, 5): -0.7, (0, 5): 0.3}.items():
        values[i, j] = values[j, i] = value
    return IsingInstance(values, np.zeros(6))


def words(folder, name):
    return [int(line, 16) for line in (folder / f"{name}.hex").read_text().splitlines() if not line.startswith("//")]


def stores(address, values):
    return [f"    store('h{address:x}, 32'h{value & 0xFFFFFFFF:x});" for value in values]


def start(folder):
    """Return SEEDS, and step 4 and 5 of the page."""
    first, free = stores(0x22, words(folder, "first")), stores(0x22, words(folder, "clamps"))
    return [*stores(0x23, words(folder, "seeds")), *first, *stores(0x10, [10]), *free, *stores(0x10, [1])]


@pytest.mark.promise("rtl.other-couplings")
@pytest.mark.icarus
@pytest.mark.parametrize(("old", "new"), [(-0.796875, 0.5), (0.25, -1.5), (0.5, 0.75)])
def test_changed_coupling_gives_the_states_of_the_changed_model(tmp_path, old, new):
    specs = [fabric_for(model(value), fabric_options(FORMATS)) for value in (old, new)]
    for name, value, spec in zip(("old", "new"), (old, new), specs, strict=True):
        files = ProgramFiles(model(value), spec, 0.8, 1000, 3)
        write_rtl(spec, model(value), tmp_path / name, files)
    assert specs[0].design_id == specs[1].design_id
    folder = tmp_path / "old"
    page = (folder / "bus.md").read_text()
    bits = {name: int(value) for value, name in BITS.findall(page)}
    place = json.loads((folder / "manifest.json").read_text())["edges"].index([0, 1])
    couplings, offsets = words(folder, "couplings"), words(folder, "offsets")
    grown = round(abs(new) * 64) - round(abs(old) * 64)
    changed = [*couplings[:place], round(abs(new) * 64) | (new < 0) << 7, *couplings[place + 1 :]]
    program = [*stores(0x20, couplings), *stores(0x21, offsets), *stores(0x28, [0])]
    program += [*stores(0x29, words(folder, "table")), *stores(0x2A, [0]), *stores(0x2B, [0]), *stores(0x2C, [1000])]
    program += [*stores(0x1A, [1]), *stores(0x1B, [0]), *stores(0x1C, [1]), *stores(0x1D, [1]), *start(folder)]
    change = stores(0x20, changed) + stores(0x21, [offsets[0] - grown, offsets[1] - grown, *offsets[2:]])
    text = BENCH % {"states": STATES, "program": "\n".join(program), "change": "\n".join(change + start(folder))}
    text = text.replace("HALT", str(bits["HALT"])).replace("CLEAR", str(bits["CLEAR"]))
    (folder / "changing.v").write_text(text)
    build = ["iverilog", "-g2005", "-s", "changing", "-o", "changing.vvp", "changing.v", "p_computer.v"]
    subprocess.run(build, cwd=folder, check=True)
    said = subprocess.run(["vvp", "changing.vvp"], cwd=folder, check=True, capture_output=True, text=True).stdout
    expected = [[f"{word:08x}" for word in words(tmp_path / name, "states")[:STATES]] for name in ("old", "new")]
    assert expected[0] != expected[1]
    assert [line for line in said.splitlines() if "$finish" not in line] == [
        *expected[0],
        "refused 1",
        "status 0",
        *expected[1],
    ]


@pytest.mark.promise("rtl.other-couplings")
def test_pages_tell_the_bits_of_the_register_map():
    """The page of every design, and the one by hand."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "register-bus.md").read_text()
    assert {name: int(value) for value, name in BITS.findall(page)} == {bit.name: int(bit) for bit in Control}
    assert all(f"{int(bit)} {bit.name.lower()}" in page for bit in Status)
