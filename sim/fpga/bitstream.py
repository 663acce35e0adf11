"""From a fabric to a bitstream for a board: synthesis, place and route, timing check, packing."""

from __future__ import annotations

import json
import time
from pathlib import Path

from ...emulator.spec.errors import InputError, ToolError
from ...emulator.spec.fabric.random_source import RandomKind
from ...emulator.spec.files.atomic_write import made_folder
from ...rtl.board.pins import BoardPins
from ...rtl.link.uart import divisor_for
from ...rtl.verilog.yosys_choice import bundled_yosys
from ..tools.synthesis import AFTER_READ, SYNTHESIS, find_tool, run_tool
from . import gowin
from .boards import board_kind
from .build_folder import keep_result, known_result, whole_copy
from .clock_choice import board_clock
from .folding import DoesNotFitError
from .place_report import luts_available, overfull, read_json, resources, timing

TOP = "top"
SUFFIX = {"ecp5": ".bit", "ice40": ".bin", "gowin": ".fs"}
PLACER = {"ecp5": "nextpnr-ecp5", "ice40": "nextpnr-ice40", "gowin": gowin.PLACER}
PACKER = {"ecp5": "ecppack", "ice40": "icepack", "gowin": "gowin_pack"}
STATISTICS, REPORT = "stat.json", "report.json"


def build_bitstream(spec, board, folder, baud, seed=0, clock_Hz=None):
    """Build the bitstream of a fabric for a board, or use the one that is there.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    board : str
        A name of `sim.fpga.boards.BOARDS`.
    folder : path
        Takes the bitstream and, in a folder beside it, all that the tools wrote.
    baud : int
        Speed of the serial port [bit/s].
    seed : int
        Starting point of place and route.
    clock_Hz : float, optional
        Clock of the design [Hz], made by the FPGA's PLL: the nearest one that is not faster. The board's own if absent.

    Returns
    -------
    dict
        The promised keys, and lut_available (of the device), board, design_id, clock_mhz, timing_met, cached.
        ``bitstream`` is None where the clock is faster than the design: then none is packed.

    Raises
    ------
    InputError
        If the board is unknown, the design does not fit, or neither clock nor baud rate can be made.
    ToolError
        If a tool is missing or fails.
    """
    kind, begun = board_kind(board), time.perf_counter()
    if spec.random.kind is RandomKind.EXTERNAL:
        raise InputError("Random source of a bitstream must be on the chip, not external")
    platform = kind.new_platform()
    for tool in ("yosys", PLACER[kind.family], PACKER[kind.family]):
        find_tool(tool)
    clock = board_clock(kind, platform, clock_Hz)
    with bundled_yosys():
        plan = platform.prepare(
            BoardPins(spec, divisor_for(clock.frequency_Hz, baud), clock.domain),
            TOP,
            emit_src=False,
            synth_opts=SYNTHESIS[kind.family],
            script_after_read=AFTER_READ[kind.family],
            script_after_synth=f"tee -q -o {STATISTICS} stat -json",
            nextpnr_opts=f"--report {REPORT} --timing-allow-fail --seed {seed + 1}",
        )
    work = made_folder(Path(folder) / clock.folder_name(board, spec))
    key = plan.digest().hex()
    known = known_result(work, key)
    if known:
        return known
    plan.extract(work)
    measured = _run(plan, spec, board, kind, work, clock.frequency_Hz)
    measured |= {"board": board, "design_id": f"{spec.design_id:016x}", "baud": baud, "seed": seed}
    measured["bitstream"] = None
    if measured["timing_met"]:
        measured["bitstream"] = str(
            whole_copy(work / (TOP + SUFFIX[kind.family]), work.with_suffix(SUFFIX[kind.family]))
        )
    measured["seconds"] = time.perf_counter() - begun
    keep_result(work, key, measured)
    return measured | {"cached": False}


def _run(plan, spec, board, kind, work, clock_Hz):
    """Run the tools of a plan in its folder; return what they measured, as a dict."""
    commands = {command[0]: command[1:] for command in json.loads(plan.files[f"build_{TOP}.json"])["commands"]}
    if kind.family == "gowin":
        commands[gowin.PLACER] = gowin.himbaechel_arguments(commands["nextpnr-gowin"], clock_Hz)
    for stale in (REPORT, STATISTICS):
        (work / stale).unlink(missing_ok=True)
    _checked("yosys", commands, work)
    statistics = read_json(work / STATISTICS, "yosys")
    placer = PLACER[kind.family]
    status, text = run_tool(placer, commands[placer], work)
    log = text + _text(work / f"{TOP}.tim")
    too_many = overfull(log)
    if too_many:
        raise DoesNotFitError.of(spec, board, too_many[0])
    if status != 0:
        raise ToolError(_failed(placer, log, work))
    report = read_json(work / REPORT, placer)
    clock = timing(report, clock_Hz * 1e-6)
    if clock.is_met:
        _checked(PACKER[kind.family], commands, work)
    return {
        **resources(report, statistics, kind.family),
        "lut_available": luts_available(report, kind.family),
        "fmax_mhz": clock.fmax_mhz,
        "clock_mhz": clock.constraint_mhz,
        "timing_met": clock.is_met,
        "pbits": spec.n_pbits,
        "colors": spec.n_colors,
        "flips_per_ns": spec.flips_per_clock * clock.fmax_mhz * 1e-3,
        "flips_per_ns_at_clock": spec.flips_per_clock * clock.constraint_mhz * 1e-3,
    }


def _checked(name, commands, work):
    """Run a tool that must succeed."""
    status, text = run_tool(name, commands[name], work)
    if status != 0:
        raise ToolError(_failed(name, text, work))


def _failed(name, log, work):
    errors = [line.strip() for line in log.splitlines() if "ERROR" in line]
    reason = f" ({errors[-1]})" if errors else ""
    return f"{name} failed{reason}; see {work / name}.log"


def _text(path):
    return path.read_text(errors="replace") if path.exists() else ""
