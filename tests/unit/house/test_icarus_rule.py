"""A co-simulation test skips where its tool is missing, and fails there when CI is set."""

import os
import re
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


NAMES = ("test_marked", "test_skips_itself", "test_compiled", "test_unmarked")
TOOLS = ("iverilog", "vvp", "g++")
# value of CI, programs on the path, outcomes in the order of NAMES
CASES = [
    (None, (), "SKIPPED SKIPPED SKIPPED SKIPPED"),
    ("false", TOOLS, "PASSED SKIPPED PASSED SKIPPED"),
    ("true", ("vvp",), "ERROR ERROR ERROR SKIPPED"),
    ("true", TOOLS, "PASSED FAILED PASSED SKIPPED"),
]


@pytest.mark.parametrize(("ci", "tools", "outcomes"), CASES)
def test_outcome_of_a_marked_test(tmp_path, ci, tools, outcomes):
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in tools:
        (programs / program).touch(mode=0o755)
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  icarus\n  compiler\n  fpga\n", encoding="utf-8")
    (tmp_path / "test_marked.py").write_text(MARKED_TEST, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    environment |= {"PATH": str(programs), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | ({} if ci is None else {"CI": ci})
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "test_marked.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    found = dict(re.findall(r"^test_marked\.py::(\w+) (\w+)", done.stdout, re.MULTILINE))
    assert found == dict(zip(NAMES, outcomes.split(), strict=True)), done.stdout
    assert (done.returncode == 0) == ({"ERROR", "FAILED"}.isdisjoint(outcomes.split()))
