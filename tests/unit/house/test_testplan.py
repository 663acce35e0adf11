"""The plan of promises names only tests that exist, and calls proven only what a test shows."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KEYS = {"id", "room", "promise", "source", "status", "tests"}
ROOMS = {".", "emulator", "calibration", "rtl", "models", "sim", "tests", "benchmarks", "docs", "examples"}
ORGANISATION = re.compile(r"#\d|\bissue\b|\bsprint\b|\bmilestone\b|\bagent\b", re.IGNORECASE)


def plan():
    """Return the plan as a dictionary with ``sources`` and ``promise``."""
    return tomllib.loads((ROOT / "tests" / "testplan.toml").read_text(encoding="utf-8"))


def runnable_tests(root):
    """Return ``{node id: whether it always runs}`` of every test function below ``root/tests``."""
    found = {}
    for path in sorted((root / "tests").rglob("test_*.py")):
        name = path.relative_to(root).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            methods = node.body if isinstance(node, ast.ClassDef) else []
            found |= _runnable(name, [node])
            found |= _runnable(f"{name}::{getattr(node, 'name', '')}", methods)
    return found


def _runnable(prefix, nodes):
    """Return the test functions among ``nodes``; a skip or xfail mark means that they do not always run."""
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    marks = {f.name: " ".join(ast.unparse(d) for d in f.decorator_list) for f in functions}
    tests = {name: mark for name, mark in marks.items() if name.startswith("test")}
    return {f"{prefix}::{name}": not re.search(r"\bmark\.(skip|xfail)", mark) for name, mark in tests.items()}


def commands():
    """Return the commands that a row may name: targets of the Makefile and subcommands of spinchip."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {f"make {name}" for name in re.findall(r"^([a-z]+):", makefile, re.MULTILINE)}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "sim" / "cli").glob("*.py")]
    names = {name for text in sources for name in re.findall(r"\.command\(\"([a-z-]+)\"", text)}
    return targets | {f"spinchip {name}" for name in names}


def faults(promises, sources, tests, known_commands):
    """Return one line for everything that is wrong with ``promises``."""
    lines = []
    ids = [row.get("id", "") for row in promises]
    lines += [f"{name} stands twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
    for row in promises:
        name = row.get("id", "a row without id")
        if set(row) != KEYS:
            lines.append(f"{name} must have the keys {sorted(KEYS)}")
            continue
        checks = {
            "must be open or proven": row["status"] in ("open", "proven"),
            "must name a test to be proven": row["status"] == "open" or row["tests"],
            "must name a listed source": row["source"] in sources,
            "must name a room": row["room"].split(".")[0] in ROOMS or row["room"] == ".",
            "must state a promise in one line": row["promise"].strip() and "\n" not in row["promise"],
            "must not speak of how work is organised": not ORGANISATION.search(" ".join(map(str, row.values()))),
        }
        lines += [f"{name} {rule}" for rule, holds in checks.items() if not holds]
        lines += [f"{name}: {fault}" for fault in _test_faults(row, tests, known_commands)]
    return lines


def _test_faults(row, tests, known_commands):
    """Return what is wrong with the tests of one row."""
    for named in row["tests"]:
        is_command = " ".join(named.split()[:2]) in known_commands
        if not is_command and named not in tests:
            yield f"{named} is no test and no command"
        if row["status"] == "proven" and not tests.get(named, is_command):
            yield f"{named} does not always run, so it proves nothing"


def test_plan_is_sound():
    found = plan()
    assert faults(found["promise"], found["sources"], runnable_tests(ROOT), commands()) == []


def test_every_source_is_used():
    found = plan()
    assert {row["source"] for row in found["promise"]} == set(found["sources"])


def test_every_paper_is_in_the_plan():
    papers = {"slides", "doi:10.22214/ijraset.2022.46914", "arXiv:2103.06246", "arXiv:1812.01729", "arXiv:1809.10606"}
    assert papers <= {row["source"] for row in plan()["promise"]}


GOOD = {
    "id": "house.testplan",
    "room": "tests",
    "promise": "A row",
    "source": "design",
    "status": "proven",
    "tests": ["tests/unit/house/test_testplan.py::test_plan_is_sound"],
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"tests": ["tests/unit/house/test_testplan.py::test_bogus"]}, "is no test"),
        ({"tests": ["tests/unit/house/test_nowhere.py::test_plan_is_sound"]}, "is no test"),
        ({"tests": ["spinchip bogus"]}, "is no test"),
        ({"tests": ["make test"]}, None),
        ({"tests": []}, "to be proven"),
        ({"status": "done"}, "open or proven"),
        ({"source": "hearsay"}, "listed source"),
        ({"room": "cellar"}, "name a room"),
        ({"promise": "Part of issue 2"}, "organised"),
    ],
)
def test_fault_of_a_row_is_found(change, fault):
    found = faults([GOOD | change], {"design"}, runnable_tests(ROOT), commands())
    assert (found == []) if fault is None else any(fault in line for line in found)


def test_doubled_id_is_found():
    assert "house.testplan stands twice" in faults([GOOD, GOOD], {"design"}, runnable_tests(ROOT), commands())


def test_skipped_test_proves_nothing(tmp_path):
    (tmp_path / "tests").mkdir()
    lines = ["@pytest.mark.skip", "def test_a():", "    pass", "class TestB:", "    def test_c(self):", "        pass"]
    (tmp_path / "tests" / "test_x.py").write_text("\n".join(lines), encoding="utf-8")
    found = runnable_tests(tmp_path)
    assert found == {"tests/test_x.py::test_a": False, "tests/test_x.py::TestB::test_c": True}
    assert faults([GOOD | {"tests": ["tests/test_x.py::test_a"]}], {"design"}, found, set())
