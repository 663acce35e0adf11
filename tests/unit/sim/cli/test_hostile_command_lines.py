"""Command lines that nobody should write: every option of every command with every kind of odd value.

Each ends with status 0 to 3, at most one line on stderr and no warning, and with --json one object on stdout or none.
They run in this process, where a warning of numpy is an error.
"""

import importlib
import json
import os
import typing
from pathlib import Path

import numpy as np
import pytest
import typer

from spinchip.sim.cli import app as cli

RING = "[ring n=4 J=1 h=0.3]"
NUMBERS = ("-1", "0", "99999999999999999999", "nan", "inf", "-inf", "1e308", "1e-320", "", "x", "1.5", "٣", "9" * 500)
WORDS = (
    "",
    "x",
    "ü\N{SNOWMAN}",
    "\udcff",
    "a\nb",
    "x" * 3000,
    "-",
    "--",
    "[",
    "[ring",
    "[ring n=-1]",
    "{}",
    "%s",
    "{0}",
)
PATHS = ("", ".", "/", "/proc", "/proc/none/x", "/proc/self/mem", "/dev/full", "FILE/below", "none/there", "x" * 300,
         "a\0b", "LOOP", "FILE", "FOLDER", "\udcff")  # fmt: skip
# What a command needs to run at all, cheap; options that wait, write into the checkout or take minutes are not tried.
BASES = {
    "info": [RING],
    "rtl": [RING, "--out", "OUT"],
    "sample": [RING, "--beta", "0.5", "--sweeps", "8", "--chains", "2"],
    "verify": [RING, "--beta", "0.5", "--on", "golden", "--chains", "100", "--sweeps", "20"],
    "mutants": ["[ring n=-1]"],
    "anneal": [RING, "--sweeps", "10", "--runs", "2"],
    "crossbar": ["WEIGHTS", "--device", "ideal"],
    "calibrate": ["list"],
    "workload": ["no-such-workload"],
    "project": ["no-such-projection"],
    "explore": ["FILE"],
    "digits": ["--data", "none"],
    "report": ["FOLDER"],
    "scope": ["[ring n=-1]"],
    "bench": ["none"],
    "build": [RING, "--board", "no-such-board", "--out", "OUT"],
    "demo": ["FILE"],
}
SKIPPED = set()
WHOLE_RUNS = {("demo",), ("digits",), ("scope", "FILE"), ("mutants", "FILE")}  # minutes or for ever, and right


def options(function):
    """Yield the name of each option of a command, and the type of its value; optional and repeated ones unwrapped."""
    for name, hint in typing.get_type_hints(function, include_extras=True).items():
        kind, about = hint.__origin__, hint.__metadata__[0]
        if isinstance(about, typer.models.OptionInfo):
            while inner := [part for part in typing.get_args(kind) if part is not type(None)]:
                kind = inner[0]
            decls = [text for text in (about.default, *(about.param_decls or ())) if str(text).startswith("--")]
            yield (decls or [f"--{name}"])[0].split("/")[0], kind


def commands():
    """Return the function of every command in the table by the command's name."""
    found = {}
    for module in cli.COMMANDS:
        app = typer.Typer()
        importlib.import_module(f"spinchip.sim.cli.{module}").register(app)
        found |= {one.name: one.callback for one in app.registered_commands if one.name in BASES}
    return found


def table():
    """Return (id, arguments) of every command line."""
    kinds, lines = {int: NUMBERS, float: NUMBERS, bool: ("x",), str: WORDS, Path: PATHS}, []
    for name, function in commands().items():
        for option, kind in options(function):
            if (name, option) not in SKIPPED:
                given = [[name, *BASES[name], option, text] for text in kinds[kind]]
                lines += [(f"{name} {option} {number}", one) for number, one in enumerate(given)]
        words = [text for text in (*WORDS, *PATHS) if not text.startswith("-")]
        lines += [(f"{name} argument {number}", [name, text, *BASES[name][1:]]) for number, text in enumerate(words)]
        lines += [(f"{name} alone", [name]), (f"{name} twice", [name, *BASES[name], *BASES[name]])]
    return [line for line in lines if tuple(line[1]) not in WHOLE_RUNS]


EVERY = 1 if os.environ.get("SPINCHIP_TESTS_WHOLE_TABLE") else 3  # the whole takes four minutes of two cores
TABLE = table()[::EVERY]


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Work in an empty folder; return what the words of the table stand for."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("0 1 1\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    np.save(tmp_path / "weights.npy", np.eye(3))
    return {"FILE": "file", "FOLDER": "folder", "LOOP": "loop", "WEIGHTS": "weights.npy", "OUT": "out"}


@pytest.mark.promise("cli.hostile")
def test_table_is_long_and_reaches_every_command():
    assert len(TABLE) > 300
    assert {arguments[0] for _, arguments in TABLE} == set(BASES)
    assert set(cli.COMMANDS["sample"]) < set(BASES)


def strict(text):
    """Return the value of a JSON text in which Python's NaN and Infinity are errors."""

    def refused(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refused)


@pytest.mark.promise("cli.hostile")
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(line, id=name, marks=[pytest.mark.slow] * line[:2].count("demo")) for name, line in TABLE
    ],  # a whole job
)
def test_command_line_ends_well(arguments, places, capsys):
    given = [arguments[0]]
    for word in arguments[1:]:
        first, slash, rest = word.partition("/")
        given.append(places.get(first, first) + slash + rest)
    status = cli.run([*given, "--json"])
    out, err = capsys.readouterr()
    assert status in (0, 1, 2, 3)
    assert "Traceback" not in err
    assert "Warning" not in err
    lines = [line for line in err.splitlines() if not line.startswith("skipped: ")]
    assert len(lines) <= 1, err
    assert len(err) < 2000
    if status > 1:
        assert (out, len(lines)) == ("", 1)
        assert err.startswith("spinchip: ")
    elif out:
        assert out.count("\n") == 1
        assert isinstance(strict(out), dict)
