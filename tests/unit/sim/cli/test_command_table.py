"""Commands are imported when they are asked for; the table that stands for the others says what they say."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from spinchip.sim.cli import app as cli

# What takes long to import, and what only some commands need.
HEAVY = ("numba", "scipy", "numpy", "matplotlib", "amaranth", "arviz", "xarray", "pandas", "dimod", "networkx", "h5py")


@pytest.mark.promise("cli.start-up")
@pytest.mark.parametrize("module", cli.COMMANDS)
def test_table_holds_every_command_and_the_first_sentence_of_its_help(module):
    app = typer.Typer()
    for name in ("one", "other"):  # with a single command typer makes no group
        app.command(name)(cli._not_asked_for)
    importlib.import_module(f"spinchip.sim.cli.{module}").register(app)
    commands = dict(typer.main.get_command(app).commands)
    for name in ("one", "other"):
        del commands[name]
    assert {name: found.get_short_help_str(200) for name, found in commands.items()} == cli.COMMANDS[module]


@pytest.mark.promise("cli.start-up")
def test_table_holds_every_module_of_commands():
    folder = Path(cli.__file__).parent
    found = {path.stem for path in folder.glob("*.py") if "def register(" in path.read_text(encoding="utf-8")}
    assert found == set(cli.COMMANDS)


COMMAND_MODULES = {f"spinchip.sim.cli.{module}" for module in cli.COMMANDS}


def imported_by(*arguments):
    """Return the modules that a run of the program has imported when it ends."""
    code = (
        f"import sys, json, io; from spinchip.sim.cli.app import run; shown, sys.stdout = sys.stdout, io.StringIO(); "
        f"status = run({list(arguments)!r}); sys.stdout = shown; print(json.dumps([status, sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    status, names = json.loads(done.stdout)
    assert status == 0, done.stderr
    return set(names)


@pytest.mark.promise("cli.start-up")
def test_help_imports_nothing_heavy():
    names = imported_by("--help")
    assert names & set(HEAVY) == set()
    assert names & COMMAND_MODULES == set()


# What each command has no use for; names as in sys.modules.
IDLE = ("dimod", "networkx", "amaranth", "cocotb", "cocotb_tools", "matplotlib", "pandas", "h5py", "jax", "serial")


@pytest.mark.promise("cli.start-up")
def test_info_of_a_ring_imports_what_it_needs():
    """It quantises and solves a small chain: numpy, parts of scipy, kernels."""
    names = imported_by("info", "[ring n=6 J=1 h=0.3]")
    assert names & {*IDLE, "arviz", "xarray", "scipy.stats", "scipy.io", "scipy.optimize"} == set()
    assert names & COMMAND_MODULES == {"spinchip.sim.cli.inspect"}
    assert "spinchip.rtl" not in names


def test_info_of_a_file_imports_its_reader_alone():
    names = imported_by("info", "examples/max_cut/t3g5_5555")
    assert names & {"dimod", "networkx", "amaranth", "h5py", "arviz", "matplotlib"} == set()


@pytest.mark.promise("cli.start-up")
def test_a_backend_is_imported_when_it_is_asked_for():
    """ArviZ, which tells effective samples, brings matplotlib and pandas of its own."""
    names = imported_by("sample", "[ring n=6 J=1 h=0.3]", "--beta", "0.5", "--sweeps", "8", "--chains", "2")
    assert names & {"dimod", "networkx", "amaranth", "cocotb_tools", "serial", "spinchip.rtl"} == set()
    assert "spinchip.emulator.golden.fabric.sampler" not in names


@pytest.mark.promise("cli.start-up")
def test_the_package_imports_nothing_heavy():
    code = "import sys; before = set(sys.modules); import spinchip; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & set(HEAVY) == set()
    assert "spinchip.emulator.cache_folders" in done.stdout
