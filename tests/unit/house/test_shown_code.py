"""README and tutorial: every code block runs as it stands, or another test runs it, and that is named here."""

import re
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from spinchip.sim.cli.app import run

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = ("README.md", "docs/tutorial.md")
# The first words of commands that take long, wait for a browser or need an extra, and the test that runs each.
ELSEWHERE = {
    "make": "test_setup.py, test_main_job.py",
    "pip install": "test_wheel.py",
    "spinchip mutants": "test_main_job.py",
    "spinchip anneal": "test_cli_anneal.py",
    "spinchip workload": "test_cli_workload.py",
    "spinchip scope": "test_scope.py",
    "spinchip project": "test_projected_workloads.py",
    "spinchip explore": "test_exploration.py",
    "spinchip demo": "test_own_demo.py",
    "spinchip bench": "test_cli_bench.py",
    "spinchip build": "test_build_bitstream.py",
    "spinchip board": "test_fast_board.py",
}


def blocks(name, kind):
    """Return the code blocks of a document that are marked as ``kind``; a bare one is a terminal's."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for mark, block in found if mark == kind]


def terminal_lines(name):
    """Return the lines of a document's terminal blocks that are commands."""
    known = re.compile(r"(spinchip|make|pip|cd) ")
    return [line for block in blocks(name, "") for line in block.splitlines() if known.match(line)]


def is_elsewhere(line):
    """Tell whether another test runs a command."""
    return any(line.startswith(start) for start in ELSEWHERE)


SHOWN = [(name, line) for name in DOCUMENTS for line in terminal_lines(name) if not is_elsewhere(line)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with the files that the tutorial speaks of."""
    folder = tmp_path_factory.mktemp("shown")
    upper = np.triu(np.random.default_rng(1).normal(size=(12, 12)), 1)
    couplings = upper + upper.T
    np.save(folder / "J.npy", couplings)
    np.savez(folder / "model.npz", J=couplings, h=np.ones(12))
    savemat(folder / "measured.mat", {"W": couplings, "b": np.ones(12), "other": np.eye(3)})
    np.save(folder / "stack.npy", np.stack([couplings * k for k in range(1, 5)]))
    return folder


@pytest.mark.promise("docs.shown-code")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_python_of_a_document_runs(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    shown = blocks(name, "python")
    assert shown
    for block in shown:
        exec(compile(block, name, "exec"), names)
    assert capsys.readouterr().err == ""


@pytest.mark.promise("docs.shown-code")
@pytest.mark.icarus
@pytest.mark.parametrize(("name", "line"), SHOWN, ids=lambda value: value[:50])
def test_command_of_a_document_runs(name, line, place, monkeypatch):
    """A command whose comment says so ends with the verdict fail."""
    monkeypatch.chdir(place)
    if line.startswith("cd "):
        done = subprocess.run(["bash", "-ec", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "PASS: 100 states equal golden's" in done.stdout
        return
    command, _, comment = line.partition(" #")
    assert run(shlex.split(command)[1:]) == int(comment.rstrip().endswith("fail"))


def test_tests_that_run_the_others_exist():
    names = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert {name for value in ELSEWHERE.values() for name in value.split(", ")} <= names
    shown = [line for name in DOCUMENTS for line in terminal_lines(name)]
    assert [start for start in ELSEWHERE if not any(line.startswith(start) for line in shown)] == []
