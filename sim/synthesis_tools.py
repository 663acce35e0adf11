"""Yosys, nextpnr and the bitstream packers: where they are, and one run of each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ..emulator.spec.errors import ToolError
from .boards import FPGA_HINT

NO_LUT_RAM = "setattr -unset ram_style m:*"  # Yosys command for devices without distributed RAM
# Wide multiplexers of the slice save levels and cost LUTs: without them a p-bit takes 36 LUT4 instead of 49.
SYNTHESIS = {"ecp5": "-nowidelut", "ice40": "", "gowin": "-nowidelut"}
AFTER_READ = {"ecp5": "", "ice40": NO_LUT_RAM, "gowin": ""}
GRACE_S = 10.0  # a tool that was asked to end gets so long before it is killed


def find_tool(name):
    """Return the program that runs a tool; str.

    The environment variable that amaranth names (``NEXTPNR_ECP5`` for nextpnr-ecp5) comes first, then the web-assembly
    builds of the extra ``fpga``, which every machine has in the same version, then what PATH holds.

    Raises
    ------
    ToolError
        If there is none.
    """
    chosen = os.environ.get(name.upper().replace("-", "_"))
    beside = str(Path(sys.executable).parent)
    names = (f"yowasp-{name}", name)
    candidates = [(chosen, None)] if chosen else [(name, folder) for name in names for folder in (beside, None)]
    for program, folder in candidates:
        found = shutil.which(program, path=folder)
        if found:
            return found
    raise ToolError(f"{chosen or name} is missing; {FPGA_HINT}")


def run_tool(name, arguments, folder):
    """Run a tool to its end, in ``folder``.

    The folder is the working directory and every name in ``arguments`` is relative to it: the web-assembly builds see
    no absolute path under the system's temporary folder.

    Returns
    -------
    status : int
        Exit status.
    text : str
        What it printed.

    Raises
    ------
    ToolError
        If the tool is missing or cannot be started.
    """
    log = Path(folder) / f"{name}.log"
    command = [find_tool(name), *arguments]
    with open(log, "wb") as output:
        try:
            child = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise ToolError(f"{command[0]} could not be started ({error.strerror}); {FPGA_HINT}") from None
        try:
            status = child.wait()
        finally:
            _end(child)
    return status, log.read_text(errors="replace")


def last_word(text):
    """Return the last line that is not empty of what a tool said, or that it said nothing."""
    return ([line.strip() for line in text.splitlines() if line.strip()] or ["no word"])[-1]


def _end(child):
    """End a child that still runs, as when the user interrupted."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
