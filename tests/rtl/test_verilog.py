"""The Verilog: reproducible, and read by Icarus and by Yosys without a word."""

import os
import pickle
import re
import subprocess
import sys

import pytest

from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.rtl.verilog.emit import TOP, verilog_of
from spinchip.sim.tools.synthesis import synthesis_trials

PATH_EDGES = tuple((i, i + 1) for i in range(39))
TRIANGLE = ((0, 1), (0, 2), (1, 2))
# Rounding and moments; two spin words and no rounding; entropy port and appended zeros; one p-bit alone.
FABRICS = {
    "ring": FabricSpec(3, TRIANGLE, (0, 1, 2), Fixed(1, 2), Fixed(1, 3), Fixed(2, 1), 8, moment_bits=5, n_pages=2),
    "path": FabricSpec(
        40,
        PATH_EDGES,
        (0, 1) * 20,
        *[Fixed(1, 1)] * 3,
        random=RandomSpec(RandomKind.XOSHIRO128PLUS, slices=1),
        compare_bits=32,
    ),
    "entropy": FabricSpec(3, TRIANGLE, (2, 1, 0), *[Fixed(1, 0)] * 2, Fixed(0, 3), 5, RandomSpec(RandomKind.EXTERNAL)),
    "alone": FabricSpec(1, (), (0,), *[Fixed(0, 0)] * 3, random=RandomSpec(RandomKind.LFSR32, leap=17)),
}
YOSYS = next((trial.path for trial in synthesis_trials("yosys") if not trial.fault), None)
PORTS = {"clk", "rst", "address", "write", "write_data", "read_data"}


def said(*command, folder):
    """Return what a tool printed on both streams."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr + (f"status {done.returncode}" if done.returncode else "")


def icarus_says(text, folder):
    (folder / "design.v").write_text(text)
    return said("iverilog", "-g2005", "-Wall", "-s", TOP, "-o", "design.vvp", "design.v", folder=folder)


def yosys_says(text, folder):
    (folder / "design.v").write_text(text)
    script = f"read_verilog design.v; hierarchy -check -top {TOP}; proc; opt; memory; check -assert"
    # The folder is left by its name alone: the web-assembly build sees no absolute path outside of it.
    return said(YOSYS, "-q", "-p", script, folder=folder)


def unconnected(text):
    """Return the text with one p-bit's clock cut off."""
    return re.sub(r"(pbit_0 \(.*?)\.clk\(clk\)", r"\1.clk(nowhere)", text, count=1, flags=re.DOTALL)


@pytest.mark.promise("rtl.verilog-icarus")
@pytest.mark.icarus
@pytest.mark.parametrize("name", FABRICS)
def test_icarus_reads_it_without_a_warning(name, tmp_path):
    assert icarus_says(verilog_of(FABRICS[name]), tmp_path) == ""


@pytest.mark.promise("rtl.verilog-icarus")
@pytest.mark.icarus
def test_icarus_warns_of_a_broken_text(tmp_path):
    assert "nowhere" in icarus_says(unconnected(verilog_of(FABRICS["ring"])), tmp_path)


@pytest.mark.promise("rtl.verilog-yosys")
@pytest.mark.skipif(YOSYS is None, reason="Yosys must be installed for this test; get it with: pip install .[fpga]")
@pytest.mark.parametrize("name", FABRICS)
def test_yosys_reads_it_without_a_warning(name, tmp_path):
    assert yosys_says(verilog_of(FABRICS[name]), tmp_path) == ""


@pytest.mark.promise("rtl.verilog-yosys")
@pytest.mark.skipif(YOSYS is None, reason="Yosys must be installed for this test; get it with: pip install .[fpga]")
def test_yosys_warns_of_a_broken_text(tmp_path):
    assert "nowhere" in yosys_says(unconnected(verilog_of(FABRICS["ring"])), tmp_path)


@pytest.mark.parametrize("name", FABRICS)
def test_ports_are_the_promised_ones(name):
    text = verilog_of(FABRICS[name])
    header = re.search(rf"^module {TOP}\((.*?)\);", text, re.MULTILINE | re.DOTALL)
    extra = {"entropy", "entropy_taken"} if name == "entropy" else set()
    assert {port.strip() for port in header[1].split(",")} == PORTS | extra


def test_text_is_reproducible_and_names_no_source():
    """Another process, with other hash seeds, writes the same text."""
    spec, texts = FABRICS["ring"], set()
    script = "import pickle, sys\nfrom spinchip.rtl.verilog.emit import verilog_of\n"
    script += "sys.stdout.write(verilog_of(pickle.load(sys.stdin.buffer)))"
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, env=environment, input=pickle.dumps(spec), capture_output=True, check=True)
        texts.add(done.stdout.decode())
    (text,) = texts | {verilog_of(spec)}
    assert ".py" not in text
    assert "src =" not in text
