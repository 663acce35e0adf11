"""A simulation that lies in a folder is used again if it is of the same Verilog, and of no other."""

import pytest

from spinchip.emulator.spec.errors import ToolError
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.rtl.verilog.emit import verilog_of
from spinchip.sim.cosim import icarus

pytestmark = pytest.mark.icarus


@pytest.mark.promise("cosim.kept-libraries")
def test_changed_verilog_is_compiled_anew(tmp_path, monkeypatch):
    ring = IsingInstance.from_edges(4, [(i, (i + 1) % 4) for i in range(4)], [1.0] * 4)
    spec = fabric_for(ring, FabricOptions(n_pages=2, n_segments=2, fifo_depth=2))
    first = icarus.build(spec, tmp_path).program_file.stat()
    assert icarus.build(spec, tmp_path).program_file.stat() == first
    monkeypatch.setattr(icarus, "verilog_of", lambda one: verilog_of(one) + "// another design\n")
    program = icarus.build(spec, tmp_path).program_file
    assert program.stat().st_mtime_ns > first.st_mtime_ns
    assert icarus.build(spec, tmp_path).program_file.stat() == program.stat()


@pytest.mark.promise("cosim.kept-libraries")
def test_refused_verilog_leaves_no_simulation(tmp_path, monkeypatch):
    ring = IsingInstance.from_edges(4, [(i, (i + 1) % 4) for i in range(4)], [1.0] * 4)
    spec = fabric_for(ring, FabricOptions(n_pages=2, n_segments=2, fifo_depth=2))
    icarus.build(spec, tmp_path)
    monkeypatch.setattr(icarus, "verilog_of", lambda one: verilog_of(one) + "no module\n")
    for _ in range(2):
        with pytest.raises(ToolError, match="could not compile"):
            icarus.build(spec, tmp_path)
