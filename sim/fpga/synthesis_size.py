"""Size of a p-computer after synthesis, before place and route: seconds where a bitstream takes minutes."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ...emulator.spec.errors import InputError, ToolError
from ...rtl.verilog.emit import TOP, verilog_of
from ..tools.synthesis import AFTER_READ, SYNTHESIS, last_word, run_tool

# Places of four inputs that a cell fills. A carry cell of an ECP5 is two of them; a distributed RAM of 16 x 4 is four,
# and its write port two more. A logic cell of an iCE40 holds its LUT and the carry beside it.
PLACES = {
    "ecp5": {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 6},
    "ice40": {"SB_LUT4": 1},
}
FLIP_FLOPS = {"ecp5": "TRELLIS_FF", "ice40": "SB_DFF"}
BLOCK_RAM = {"ecp5": "DP16KD", "ice40": "SB_RAM40_4K"}


@dataclass(frozen=True)
class Size:
    """What Yosys makes of a p-computer.

    Parameters
    ----------
    luts, flip_flops, block_rams : int
        Places of four inputs, before nextpnr packs them: it took 7 to 10 % more in `docs/results/fpga.md`.
    """

    luts: int
    flip_flops: int
    block_rams: int


def synthesised_size(spec, family="ecp5"):
    """Return the size of a fabric; Size.

    Parameters
    ----------
    spec : FabricSpec
        The design, without a board around it.
    family : {"ecp5", "ice40"}
        Family of the FPGA.

    Raises
    ------
    InputError
        If there is no such family.
    ToolError
        If the extra ``fpga`` is missing or Yosys fails.
    """
    if family not in PLACES:
        raise InputError(f"Family must be one of {', '.join(PLACES)}, not {family!r}")
    with tempfile.TemporaryDirectory(prefix="spinchip-size-") as folder:
        (Path(folder) / "design.v").write_text(verilog_of(spec))
        steps = f"read_verilog design.v; {AFTER_READ[family]}; synth_{family} {SYNTHESIS[family]} -top {TOP}; "
        status, text = run_tool("yosys", ["-q", "-p", f"{steps}tee -q -o stat.json stat -json"], folder)
        if status:
            raise ToolError(f"Yosys could not synthesise the design: {last_word(text)}")
        statistics = json.loads((Path(folder) / "stat.json").read_text())
    return size_of(statistics, family)


def size_of(statistics, family):
    """Return the size that Yosys' ``stat -json`` tells; Size.

    >>> cells = {"LUT4": 10, "CCU2C": 3, "TRELLIS_DPR16X4": 2, "TRELLIS_FF": 7, "PFUMX": 1}
    >>> size_of({"design": {"num_cells_by_type": cells}}, "ecp5")
    Size(luts=28, flip_flops=7, block_rams=0)
    """
    cells = statistics["design"]["num_cells_by_type"]
    luts = sum(places * cells.get(name, 0) for name, places in PLACES[family].items())
    flip_flops = sum(count for name, count in cells.items() if name.startswith(FLIP_FLOPS[family]))
    return Size(luts, flip_flops, cells.get(BLOCK_RAM[family], 0))
