"""A co-simulation test skips where Icarus is missing, and fails there when CI is set."""

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

def test_unmarked():
    pytest.skip("for another reason")
"""


# name, value of CI, Icarus on the path, outcome
CASES = [
    ("test_marked", None, False, "1 skipped"),
    ("test_marked", "false", False, "1 skipped"),
    ("test_marked", "true", False, "1 error"),
    ("test_marked", "true", True, "1 passed"),
    ("test_skips_itself", None, True, "1 skipped"),
    ("test_skips_itself", "true", True, "1 failed"),
    ("test_unmarked", "true", True, "1 skipped"),
]


@pytest.mark.parametrize(("name", "ci", "with_icarus", "outcome"), CASES)
def test_outcome_of_a_marked_test(tmp_path, name, ci, with_icarus, outcome):
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in ("iverilog", "vvp") if with_icarus else ():
        (programs / program).touch(mode=0o755)
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = icarus: rule under test\n", encoding="utf-8")
    (tmp_path / "test_marked.py").write_text(MARKED_TEST, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    environment |= {"PATH": str(programs)} | ({} if ci is None else {"CI": ci})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_marked.py::{name}"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1].startswith(outcome), done.stdout
