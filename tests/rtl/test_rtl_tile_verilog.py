"""Verilog of the tile controller: reproducible, and read by Icarus and by Yosys without a word."""

import re
import subprocess

import pytest

from spinchip.emulator.spec.tile.controller import TileControllerSpec
from spinchip.emulator.spec.tile.timing import TileTiming
from spinchip.rtl.verilog.emit import verilog_of
from spinchip.sim.tools.synthesis import run_tool

TOP = "tile_controller"

# Short last group; one of everything; a converter a column, saturating, unsigned.
SPECS = {
    "shared": TileControllerSpec(TileTiming(6, 7, 2, 4, 3, 2, 3, 2, 2, 2), adc_bits=7),
    "smallest": TileControllerSpec(TileTiming(1, 1, 1, 1), adc_bits=2),
    "parallel": TileControllerSpec(
        TileTiming(9, 8, 3, 8, 8, pipelined=False), 8, signed_inputs=False, accumulator_bits=14
    ),
}


def icarus_says(text, folder):
    (folder / "design.v").write_text(text)
    command = ["iverilog", "-g2005", "-Wall", "-s", TOP, "-o", "design.vvp", "design.v"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr + (f"status {done.returncode}" if done.returncode else "")


def yosys_says(text, folder):
    (folder / "design.v").write_text(text)
    script = f"read_verilog design.v; hierarchy -check -top {TOP}; proc; opt; memory; check -assert"
    status, said = run_tool("yosys", ["-q", "-p", script], folder)
    return said + (f"status {status}" if status else "")


def unconnected(text):
    """Return the text with one row driver's clock cut off."""
    return re.sub(r"(row_0 \(.*?)\.clk\(clk\)", r"\1.clk(nowhere)", text, count=1, flags=re.DOTALL)


@pytest.mark.icarus
@pytest.mark.parametrize("name", SPECS)
def test_icarus_reads_it_without_a_warning(name, tmp_path):
    assert icarus_says(verilog_of(SPECS[name]), tmp_path) == ""


@pytest.mark.icarus
def test_icarus_warns_of_a_broken_text(tmp_path):
    assert "nowhere" in icarus_says(unconnected(verilog_of(SPECS["shared"])), tmp_path)


@pytest.mark.fpga
@pytest.mark.parametrize("name", SPECS)
def test_yosys_reads_it_without_a_warning(name, tmp_path):
    assert yosys_says(verilog_of(SPECS[name]), tmp_path) == ""


@pytest.mark.fpga
def test_yosys_warns_of_a_broken_text(tmp_path):
    assert "nowhere" in yosys_says(unconnected(verilog_of(SPECS["shared"])), tmp_path)


@pytest.mark.parametrize("name", SPECS)
def test_text_is_reproducible_and_names_no_source(name):
    text = verilog_of(SPECS[name])
    assert text == verilog_of(SPECS[name])
    assert ".py" not in text
    assert "src =" not in text
