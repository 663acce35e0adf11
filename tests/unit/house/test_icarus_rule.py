"""A co-simulation test skips where its tool is missing, and fails there when CI is set."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MARKED_TEST = """
import pytest

@pytest.mark.icarus
def test_marked():
    pass

@pytest.mark.icarus
def test_skips_itself():
    pytest.skip("no libpython")

@pytest.mark.compiler
def test_compiled():
    pass

def test_unmarked():
    pytest.skip("for another reason")
"""


ICARUS = ("iverilog", "vvp")
# name, value of CI, programs on the path, outcome
CASES = [
    ("test_marked", None, (), "1 skipped"),
    ("test_marked", "false", (), "1 skipped"),
    ("test_marked", "true", (), "1 error"),
    ("test_marked", "true", ICARUS, "1 passed"),
    ("test_skips_itself", None, ICARUS, "1 skipped"),
    ("test_skips_itself", "true", ICARUS, "1 failed"),
    ("test_compiled", None, ICARUS, "1 skipped"),
    ("test_compiled", "true", ICARUS, "1 error"),
    ("test_compiled", "true", ("g++",), "1 passed"),
    ("test_unmarked", "true", (), "1 skipped"),
]


@pytest.mark.parametrize(("name", "ci", "tools", "outcome"), CASES)
def test_outcome_of_a_marked_test(tmp_path, name, ci, tools, outcome):
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in tools:
        (programs / program).touch(mode=0o755)
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  icarus\n  compiler\n  fpga\n", encoding="utf-8")
    (tmp_path / "test_marked.py").write_text(MARKED_TEST, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    environment |= {"PATH": str(programs)} | ({} if ci is None else {"CI": ci})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_marked.py::{name}"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1].startswith(outcome), done.stdout
