"""Vivado projects for Xilinx 7-series boards: written here, their Verilog checked by Yosys, run where Vivado is."""

from __future__ import annotations

import time
from pathlib import Path

from ...emulator.spec.errors import InputError, ToolError
from ...emulator.spec.fabric.random_source import RandomKind
from ...emulator.spec.files.atomic_write import made_folder
from ...rtl.board.pins import BoardPins
from ...rtl.link.uart import divisor_for
from ...rtl.verilog.yosys_choice import bundled_yosys
from ..tools.synthesis import find_tool, last_word, run_tool
from .boards import board_kind
from .build_folder import keep_result, known_result
from .clock_choice import board_clock
from .folding import DoesNotFitError
from .place_report import cell_counts, read_json

TOP = "top"
STATISTICS = "stat.json"
# LUTs of a device. Source: AMD DS180 (7 series overview), logic cells / 1.6, and its tables of slices times 4.
LUTS = {
    "xc7s25": 14_600,
    "xc7s50": 32_600,
    "xc7a15t": 10_400,
    "xc7a35t": 20_800,
    "xc7a100t": 63_400,
}
# LUTs that a distributed RAM takes; 32 or 64 words deep, one or more ports. Source: AMD UG474, table "Distributed RAM
# configuration". Shift registers take one.
RAM_LUTS = {"RAM32X1S": 1, "RAM32X1D": 2, "RAM32M": 4, "RAM64X1S": 1, "RAM64X1D": 2, "RAM64M": 4, "RAM128X1S": 2}
RAM_LUTS |= {"RAM128X1D": 4, "RAM256X1S": 4, "SRL16E": 1, "SRLC32E": 1}
CHECK = (
    f"read_verilog {TOP}.v; setparam -unset SIM_DEVICE t:BUFGCTRL; "  # a parameter that Yosys's model does not have
    f"synth_xilinx -flatten -top {TOP}; check -assert; tee -q -o {STATISTICS} stat -json"
)
# Vivado writes a bitstream whatever the timing; this ends its script first.
JUDGE = """\
phys_opt_design
foreach kind {max min} {
    set slack [get_property SLACK [get_timing_paths -delay_type $kind]]
    if {$slack < 0} {
        puts "ERROR: the clock is missed by [expr {-$slack}] ns ($kind delay): no bitstream"
        exit 1
    }
}"""


def write_project(spec, board, folder, baud, clock_Hz=None):
    """Write the Vivado project of a fabric for a board, and check its Verilog by Yosys.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    board : str
        A name of `sim.fpga.boards.BOARDS`, of family xilinx7.
    folder : path
        Takes the project's folder.
    baud : int
        Speed of the serial port [bit/s].
    clock_Hz : float, optional
        Clock of the design [Hz], as in `build_bitstream`; the board's own if absent.

    Returns
    -------
    dict
        The keys of `build_bitstream`, those None that only place and route can tell, and ``project``, the folder.

    Raises
    ------
    InputError
        If the random source is external, the baud rate cannot be made, or the device has fewer LUTs than are needed.
    ToolError
        If a tool is missing, or Yosys refuses the Verilog.
    """
    kind, begun = board_kind(board), time.perf_counter()
    if spec.random.kind is RandomKind.EXTERNAL:
        raise InputError("Random source of a bitstream must be on the chip, not external")
    platform = kind.new_platform()
    find_tool("yosys")
    clock = board_clock(kind, platform, clock_Hz)
    pins = BoardPins(spec, divisor_for(clock.frequency_Hz, baud), clock.domain)
    with bundled_yosys():
        plan = platform.prepare(pins, TOP, emit_src=False, script_after_route=JUDGE)
    work = made_folder(Path(folder) / clock.folder_name(board, spec))
    key = plan.digest().hex()
    known = known_result(work, key)
    if known:
        return known
    plan.extract(work)
    (work / STATISTICS).unlink(missing_ok=True)
    status, text = run_tool("yosys", ["-q", "-p", CHECK], work)
    if status:
        raise ToolError(f"Yosys refused the Verilog of the project: {last_word(text)}; see {work / 'yosys.log'}")
    used = xilinx_resources(read_json(work / STATISTICS, "yosys"))
    there = LUTS[platform.device.removesuffix("i")]  # i: the industrial grade of the same device
    if used["lut"] > there:
        raise DoesNotFitError.of(spec, board, ("LUT", used["lut"], there))
    named = {"board": board, "baud": baud, "project": str(work), "seconds": time.perf_counter() - begun}
    result = {**used, "lut_available": there, **_fabric_keys(spec, clock), **named}
    keep_result(work, key, result)
    return result | {"cached": False}


def _fabric_keys(spec, clock):
    """Return what is known of a fabric before place and route, and None for what is not."""
    return {
        "fmax_mhz": None,
        "clock_mhz": clock.frequency_Hz * 1e-6,
        "timing_met": None,
        "pbits": spec.n_pbits,
        "colors": spec.n_colors,
        "flips_per_ns": None,
        "flips_per_ns_at_clock": spec.flips_per_clock * clock.frequency_Hz * 1e-9,
        "design_id": f"{spec.design_id:016x}",
        "seed": None,
        "bitstream": None,
    }


def xilinx_resources(statistics):
    """Return what a netlist of `synth_xilinx` takes.

    Parameters
    ----------
    statistics : dict
        What Yosys's ``stat -json`` wrote.

    Returns
    -------
    dict
        lut, those of distributed RAM included; ff; bram, in blocks of 18 kbit; dsp.

    Raises
    ------
    ToolError
        If there is a distributed RAM of a kind whose size is not known here.
    """
    counts = cell_counts(statistics)
    found = {"lut": 0, "ff": 0, "bram": 0, "dsp": 0}
    for cell, n in counts.items():
        if cell.startswith(("RAM", "SRL")) and not cell.startswith("RAMB"):
            if cell not in RAM_LUTS:
                raise ToolError(f"Distributed RAM must be one of {', '.join(RAM_LUTS)}, not {cell}")
            found["lut"] += n * RAM_LUTS[cell]
        elif cell.startswith("LUT") or cell == "INV":  # Vivado merges inverters where it can; here each counts
            found["lut"] += n
        elif cell.startswith(("FDRE", "FDSE", "FDCE", "FDPE")):
            found["ff"] += n
        elif cell.startswith("RAMB"):
            found["bram"] += n * (2 if cell.startswith("RAMB36") else 1)
        elif cell.startswith("DSP48"):
            found["dsp"] += n
    return found
