"""Tools of this machine, each tried before it is used: being on PATH says nothing about what a program can do.

A tool that fails its trial is passed over, and the next one of its name on PATH serves. If none does, one line says
which tool, where, what failed, and how to get it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ...emulator.spec.errors import ToolError

OLDEST_ICARUS = (11, 0)  # that of Debian 12 and Ubuntu 22.04, the oldest that the tests have seen
OLDEST_YOSYS = (0, 40)  # what amaranth's Verilog needs
PATIENCE_S = 60.0  # for a trial; the longest takes one second
GET_ICARUS = "get it with: apt-get install iverilog"
GET_COMPILER = "get it with: apt-get install g++"
FLAGS = ("-std=c++17", "-O2", "-shared", "-fPIC")
VERILOG = 'module trial; initial begin $display("answer %0d", 6 * 7); $finish; end endmodule\n'
SOURCE = """#include <cstdint>
#include <map>
#include <string>
extern "C" uint32_t answer() { return std::map<int, std::string>{{42, "x"}}.begin()->first; }
"""
FULL = "No space left on device"


@dataclass(frozen=True)
class Trial:
    """What became of a trial.

    Parameters
    ----------
    command : tuple of str
        The program, and what always follows it.
    version : str
        What it says of itself; empty if it says nothing.
    fault : str
        Why it cannot be used: what is between ``must`` and the end of a sentence. Empty if it can.
    partner : str
        A second program that was tried with it, as vvp with iverilog.
    """

    command: tuple[str, ...]
    version: str = ""
    fault: str = ""
    partner: str = ""

    @property
    def path(self):
        """The program; str."""
        return self.command[0]


def on_path(name, path=None):
    """Return every program of a name on PATH, in its order; list of str."""
    folders = (os.environ.get("PATH", os.defpath) if path is None else path).split(os.pathsep)
    found = [os.path.join(folder, name) for folder in folders if folder]
    return [each for each in dict.fromkeys(found) if os.path.isfile(each) and os.access(each, os.X_OK)]


def icarus_trials():
    """Return the trials of Icarus Verilog up to the first good one; tuple of Trial, empty if there is no program."""
    return _trials(_try_icarus, _pairs("iverilog", "vvp"))


def compiler_trials():
    """Return the trials of C++ compilers, ``$CXX`` first, up to the first good one; tuple of Trial."""
    asked = tuple(shlex.split(os.environ.get("CXX", "")))
    programs = [(program,) for name in ("g++", "c++", "clang++") for program in on_path(name)]
    return _trials(_try_compiler, tuple(([asked] if asked else []) + programs))


def icarus():
    """Return the trial of the Icarus Verilog to use.

    Raises
    ------
    ToolError
        If none can be used.
    """
    return chosen(icarus_trials(), "Icarus Verilog (iverilog)", GET_ICARUS)


def compiler():
    """Return the trial of the C++ compiler to use.

    Raises
    ------
    ToolError
        If none can be used.
    """
    return chosen(compiler_trials(), "C++ compiler (g++)", GET_COMPILER)


def chosen(trials, subject, cure):
    """Return the good trial among trials.

    Raises
    ------
    ToolError
        If there is none: the first one's fault is named, since that is the program the user calls by this name.
    """
    for trial in trials:
        if not trial.fault:
            return trial
    if not trials:
        raise ToolError(f"{subject} is missing; {cure}")
    raise ToolError(f"{subject} at {trials[0].path} must {trials[0].fault}; {cure}")


@contextmanager
def scratch():
    """Yield a temporary folder, gone afterwards; Path.

    Raises
    ------
    ToolError
        If it cannot be made or written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="spinchip-tool-") as name:
            yield Path(name)
    except OSError as error:
        raise ToolError(temporary_rule(error.strerror)) from None


def temporary_rule(reason):
    """Return what to say of a temporary folder that cannot be written."""
    place = os.environ.get("TMPDIR") or "the system's own"
    return f"Temporary folder must be one with room, not {place} ({reason}); choose another by TMPDIR"


def said(command, folder, text=None):
    """Run a program on trial; return its status, None if it could not be started or did not end, and its words."""
    try:
        done = subprocess.run(
            command, cwd=folder, input=text, stdin=None if text else subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, f"no answer within {PATIENCE_S:.0f} s"
    except OSError as error:
        return None, error.strerror or str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def version_in(text, pattern=r"(\d+)\.(\d+)[.\d]*"):
    """Return the version that a program's words hold, as text and as a pair of numbers; empty and (0, 0) without."""
    found = re.search(pattern, text)
    return (found[0], (int(found[1]), int(found[2]))) if found else ("", (0, 0))


def first_words(text):
    """Return the line of a program's words that says most: its first error, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or FULL in line]
    return (errors or lines[-1:] or ["no word"])[0][:200]


def _pairs(name, partner):
    """Return each program of a name with the partner beside it, or the first partner on PATH."""
    found = []
    for program in on_path(name):
        beside = on_path(partner, os.path.dirname(program)) or on_path(partner)
        found.append((program, beside[0] if beside else ""))
    return tuple(found)


@lru_cache(maxsize=32)  # by programs, so that another PATH asks again
def _trials(attempt, programs):
    tried = []
    for program in programs:
        tried.append(attempt(program))
        if not tried[-1].fault:
            break
    return tuple(tried)


def _try_icarus(pair):
    """Compile three lines of Verilog and run them."""
    program, partner = pair
    if not partner:
        return Trial((program,), fault="stand beside its simulator vvp, which is missing")
    with scratch() as folder:
        _, words = said([program, "-V"], folder)
        version, numbers = version_in(words, r"(?<=Icarus Verilog version )(\d+)\.(\d+)[.\d]*")
        if version and numbers < OLDEST_ICARUS:
            oldest = ".".join(map(str, OLDEST_ICARUS))
            return Trial((program,), version, f"be version {oldest} or newer, not {version}", partner)
        (folder / "trial.v").write_text(VERILOG, encoding="ascii")
        status, words = said([program, "-g2005", "-o", "trial.vvp", "trial.v"], folder)
        if status == 0:
            status, words = said([partner, "-n", "trial.vvp"], folder)
        if status == 0 and "answer 42" in words:
            return Trial((program,), version, partner=partner)
    return Trial(
        (program,), version, f"compile and run three lines of Verilog, not fail ({first_words(words)})", partner
    )


def _try_compiler(command):
    """Compile a few lines of C++ for this machine."""
    with scratch() as folder:
        _, words = said([*command, "--version"], folder)
        version = version_in(words.partition("\n")[0])[0]
        (folder / "trial.cc").write_text(SOURCE, encoding="ascii")
        status, words = said([*command, *FLAGS, "-o", "trial.so", "trial.cc"], folder)
        made = folder / "trial.so"
        if status == 0 and made.exists() and _runs_here(made.read_bytes()[:20]):
            return Trial(command, version)
        if FULL in words:
            raise ToolError(temporary_rule(FULL))
    reason = first_words(words) if status != 0 else "its code is for another machine"
    return Trial(command, version, f"compile C++17 with the standard library, not fail ({reason})")


def _runs_here(head):
    """Tell whether the head of a compiled file names the kind of processor that runs this program."""
    with open(sys.executable, "rb") as handle:
        own = handle.read(20)
    is_elf = own[:4] == b"\x7fELF"
    return not is_elf or (head[:6] == own[:6] and head[18:20] == own[18:20])  # class, order of bytes, processor
