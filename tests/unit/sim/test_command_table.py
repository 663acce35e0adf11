"""Commands are imported when they are asked for; the table that stands for the others says what they say."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from spinchip.sim import cli

# What takes long to import, and what only some commands need.
HEAVY = ("numba", "scipy", "numpy", "matplotlib", "amaranth", "arviz", "xarray", "pandas", "dimod", "networkx", "h5py")


@pytest.mark.parametrize("module", cli.COMMANDS)
def test_table_holds_every_command_and_the_first_sentence_of_its_help(module):
    app = typer.Typer()
    for name in ("one", "other"):  # with a single command typer makes no group
        app.command(name)(cli._not_asked_for)
    importlib.import_module(f"spinchip.sim.{module}").register(app)
    commands = dict(typer.main.get_command(app).commands)
    for name in ("one", "other"):
        del commands[name]
    assert {name: found.get_short_help_str(200) for name, found in commands.items()} == cli.COMMANDS[module]


def test_table_holds_every_module_of_commands():
    folder = Path(cli.__file__).parent
    found = {path.stem for path in folder.glob("cli_*.py") if "def register(" in path.read_text(encoding="utf-8")}
    assert found == set(cli.COMMANDS)


def imported_by(*arguments):
    """Return the modules that a run of the program has imported when it ends."""
    code = (
        f"import sys, json, io; from spinchip.sim.cli import run; shown, sys.stdout = sys.stdout, io.StringIO(); "
        f"status = run({list(arguments)!r}); sys.stdout = shown; print(json.dumps([status, sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    status, names = json.loads(done.stdout)
    assert status == 0, done.stderr
    return set(names)


def test_help_imports_nothing_heavy():
    names = imported_by("--help")
    assert names & set(HEAVY) == set()
    assert not [name for name in names if name.startswith("spinchip.sim.cli_")]
