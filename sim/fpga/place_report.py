"""What Yosys and nextpnr say about a design, as numbers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ...emulator.spec.errors import ToolError

# Cells of each family: names in nextpnr's utilisation, then cell names of Yosys for what nextpnr does not count apart.
# A logic cell of iCE40 holds LUT, carry and flip-flop. On ECP5 carries and both halves of a distributed RAM fill LUT
# places, and nextpnr counts them all as TRELLIS_COMB. On Gowin a carry is an ALU in a LUT's place, and
# distributed RAM (RAM16SDP4) is left out.
CELLS = {
    "ecp5": {"lut": ("TRELLIS_COMB",), "bram": ("DP16KD",), "dsp": ("MULT18X18D",), "ff": ("TRELLIS_FF",)},
    "gowin": {"lut": ("LUT4", "ALU"), "bram": ("BSRAM",), "dsp": ("MULT18X18",), "ff": ("DFF",)},
    "ice40": {"lut": ("ICESTORM_LC",), "bram": ("ICESTORM_RAM",), "dsp": ("ICESTORM_DSP",), "ff": ()},
}
PERIOD_ROUNDING = 1e-3  # nextpnr keeps periods in whole picoseconds: 2e-4 at 400 MHz
USED = re.compile(r"Info:\s+(\w+):\s+(\d+)/\s*(\d+)\s+\d+%")


@dataclass(frozen=True)
class Timing:
    """The clock that comes closest to its constraint.

    Parameters
    ----------
    fmax_mhz, constraint_mhz : float
        What place and route reached, and what the board's clock needs [MHz].
    """

    fmax_mhz: float
    constraint_mhz: float

    @property
    def is_met(self):
        """Whether the clock is fast enough."""
        return self.fmax_mhz >= self.constraint_mhz


def timing(report, clock_mhz=None):
    """Return the timing in a nextpnr report.

    Parameters
    ----------
    report : dict
        Report that ``nextpnr --report`` wrote.
    clock_mhz : float, optional
        Clock of the design [MHz], which must be among those that were held to their constraint.

    Raises
    ------
    ToolError
        If the report names no clock, or not the design's, so that nothing was checked.
    """
    clocks = [Timing(row["achieved"], row["constraint"]) for row in report.get("fmax", {}).values()]
    if not clocks:
        raise ToolError("nextpnr reported no clock, so the timing is unknown; see report.json")
    if clock_mhz is not None and not any(_is_same(clock.constraint_mhz, clock_mhz) for clock in clocks):
        found = ", ".join(f"{clock.constraint_mhz:.6g}" for clock in clocks)
        raise ToolError(f"nextpnr must hold the design to {clock_mhz:.6g} MHz, not to {found} MHz; see report.json")
    return min(clocks, key=lambda clock: clock.fmax_mhz / clock.constraint_mhz)


def _is_same(constraint_mhz, clock_mhz):
    return abs(constraint_mhz / clock_mhz - 1) < PERIOD_ROUNDING


def resources(report, statistics, family):
    """Return what the design takes.

    Parameters
    ----------
    report : dict
        Report that ``nextpnr --report`` wrote.
    statistics : dict
        What Yosys's ``stat -json`` wrote.
    family : {"ecp5", "ice40", "gowin"}
        Names of the cells.

    Returns
    -------
    dict
        lut, ff, bram, dsp: counts.
    """
    used = {name: row["used"] for name, row in report["utilization"].items()}
    counts = {key: sum(used.get(name, 0) for name in names) for key, names in CELLS[family].items()}
    if family == "ice40":
        counts["ff"] = flip_flops(statistics)
    return counts


def luts_available(report, family):
    """Return how many LUTs the device has, from what ``nextpnr --report`` wrote; None if it does not say."""
    return report["utilization"].get(CELLS[family]["lut"][0], {}).get("available")


def flip_flops(statistics):
    """Return the flip-flops that Yosys counted."""
    return sum(n for cell, n in cell_counts(statistics).items() if cell.startswith(("SB_DFF", "TRELLIS_FF")))


def cell_counts(statistics):
    """Return how many cells of each type a ``stat -json`` holds; dict."""
    return statistics["design"]["num_cells_by_type"]


def overfull(log):
    """Return what does not fit, from the log of a nextpnr run that may have failed.

    Returns
    -------
    list of (str, int, int)
        Cell type, cells needed, cells that the device has; the fullest first.
    """
    rows = {(name, int(needed), int(there)) for name, needed, there in USED.findall(log)}
    return sorted((row for row in rows if row[1] > row[2]), key=lambda row: -row[1] / max(row[2], 1))


def read_json(path, tool):
    """Return the contents of a JSON file that a tool wrote.

    Raises
    ------
    ToolError
        If the tool left none, or something else.
    """
    try:
        return json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise ToolError(f"{tool} left no readable {path.name} ({error})") from None
