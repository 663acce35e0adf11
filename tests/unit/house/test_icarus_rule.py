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
LATE_TESTS = """
import pytest

@pytest.mark.late
@pytest.mark.icarus
def test_late():
    pass

def test_early():
    pass
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


def outcome(folder, text, tools, settings):
    """Run tests under this conftest; return the finished process, and outcomes by name in the order of their end."""
    programs = folder / "bin"
    programs.mkdir()
    for program in tools:
        (programs / program).touch(mode=0o755)
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  icarus\n  compiler\n  fpga\n  late\n", encoding="utf-8")
    (folder / "test_marked.py").write_text(text, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key not in ("CI", "SPINCHIP_TESTS_UNTIL")}
    environment |= {"PATH": str(programs), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | settings
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "test_marked.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done, dict(re.findall(r"^test_marked\.py::(\w+) (\w+)", done.stdout, re.MULTILINE))


@pytest.mark.parametrize(("ci", "tools", "outcomes"), CASES)
def test_outcome_of_a_marked_test(tmp_path, ci, tools, outcomes):
    done, found = outcome(tmp_path, MARKED_TEST, tools, {} if ci is None else {"CI": ci})
    assert found == dict(zip(NAMES, outcomes.split(), strict=True)), done.stdout
    assert (done.returncode == 0) == ({"ERROR", "FAILED"}.isdisjoint(outcomes.split()))


@pytest.mark.parametrize(("until", "late"), [(None, "PASSED"), ("4e9", "PASSED"), ("1e9", "SKIPPED")])
def test_late_tests_come_last_and_skip_without_failing_when_time_is_over(tmp_path, until, late):
    settings = {"CI": "true"} | ({} if until is None else {"SPINCHIP_TESTS_UNTIL": until})
    done, found = outcome(tmp_path, LATE_TESTS, TOOLS, settings)
    assert list(found.items()) == [("test_early", "PASSED"), ("test_late", late)]
    assert done.returncode == 0
