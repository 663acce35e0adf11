"""The plan of promises and the marks of the tests agree, and what is called proven has a test that always runs."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KEYS = {"id", "room", "promise", "source", "status"}
ROOMS = {".", "emulator", "calibration", "rtl", "models", "sim", "tests", "benchmarks", "docs", "examples"}
ORGANISATION = re.compile(r"#\d|\bissue\b|\bsprint\b|\bmilestone\b|\bagent\b", re.IGNORECASE)


def plan():
    """Return the plan as a dictionary with ``sources`` and ``promise``."""
    return tomllib.loads((ROOT / "tests" / "testplan.toml").read_text(encoding="utf-8"))


def marked_tests(root):
    """Return ``{promise: {node id: whether that test always runs}}`` of the marks below ``root/tests``."""
    found = {}
    for path in sorted((root / "tests").rglob("test_*.py")):
        name = path.relative_to(root).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            functions = node.body if isinstance(node, ast.ClassDef) else [node]
            for function in functions:
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    for promise in _promises(function):
                        found.setdefault(promise, {})[f"{name}::{function.name}"] = _always_runs(function)
    return found


def _promises(function):
    """Return the promises that the marks of a test name."""
    calls = [d for d in function.decorator_list if isinstance(d, ast.Call)]
    marks = [call for call in calls if ast.unparse(call.func).endswith("mark.promise")]
    return [ast.literal_eval(argument) for call in marks for argument in call.args]


def _always_runs(function):
    """Tell whether no mark skips the test or expects it to fail."""
    return not any(re.search(r"\bmark\.(skip|xfail)", ast.unparse(d)) for d in function.decorator_list)


def commands():
    """Return the commands that a row may name: targets of the Makefile and subcommands of spinchip."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {f"make {name}" for name in re.findall(r"^([a-z]+):", makefile, re.MULTILINE)}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "sim" / "cli").glob("*.py")]
    names = {name for text in sources for name in re.findall(r"\.command\(\"([a-z-]+)\"", text)}
    return targets | {f"spinchip {name}" for name in names}


def faults(promises, sources, marks, known_commands):
    """Return one line for everything that is wrong with ``promises``, or with the marks that name them."""
    lines = []
    ids = [row.get("id", "") for row in promises]
    lines += [f"{name} stands twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
    lines += [f"{name} is marked in {next(iter(marks[name]))} and no promise" for name in sorted(set(marks) - set(ids))]
    for row in promises:
        name = row.get("id", "a row without id")
        if set(row) - {"commands"} != KEYS:
            lines.append(f"{name} must have the keys {sorted(KEYS)}, and may have commands")
            continue
        shown = row.get("commands", [])
        tests = marks.get(name, {})
        checks = {
            "must be open or proven": row["status"] in ("open", "proven"),
            "must have a marked test, or a command, to be proven": row["status"] == "open" or tests or shown,
            "must have a test that always runs": row["status"] == "open" or shown or any(tests.values()),
            "must name a listed source": row["source"] in sources,
            "must name a room": row["room"].split(".")[0] in ROOMS or row["room"] == ".",
            "must state a promise in one line": row["promise"].strip() and "\n" not in row["promise"],
            "must not speak of how work is organised": not ORGANISATION.search(" ".join(map(str, row.values()))),
            "must name commands that exist": all(" ".join(c.split()[:2]) in known_commands for c in shown),
        }
        lines += [f"{name} {rule}" for rule, holds in checks.items() if not holds]
    return lines


def test_plan_is_sound():
    found = plan()
    assert faults(found["promise"], found["sources"], marked_tests(ROOT), commands()) == []


def test_every_source_is_used():
    found = plan()
    assert {row["source"] for row in found["promise"]} == set(found["sources"])


def test_every_paper_is_in_the_plan():
    papers = {"slides", "doi:10.22214/ijraset.2022.46914", "arXiv:2103.06246", "arXiv:1812.01729", "arXiv:1809.10606"}
    assert papers <= {row["source"] for row in plan()["promise"]}


GOOD = {"id": "tests.one", "room": "tests", "promise": "A row", "source": "design", "status": "proven"}
MARKS = {"tests.one": {"tests/test_x.py::test_a": True}}


@pytest.mark.promise("house.testplan")
@pytest.mark.parametrize(
    ("change", "marks", "fault"),
    [
        ({}, MARKS, None),
        ({}, {}, "to be proven"),
        ({}, {"tests.one": {"tests/test_x.py::test_a": False}}, "always runs"),
        ({}, MARKS | {"tests.two": {"tests/test_x.py::test_b": True}}, "no promise"),
        ({"commands": ["spinchip bogus"]}, MARKS, "commands that exist"),
        ({"commands": ["make test"]}, {}, None),
        ({"status": "open"}, {}, None),
        ({"status": "done"}, MARKS, "open or proven"),
        ({"source": "hearsay"}, MARKS, "listed source"),
        ({"room": "cellar"}, MARKS, "name a room"),
        ({"promise": "Part of issue 2"}, MARKS, "organised"),
        ({"tests": []}, MARKS, "must have the keys"),
    ],
)
def test_fault_of_a_row_is_found(change, marks, fault):
    found = faults([GOOD | change], {"design"}, marks, commands())
    assert (found == []) if fault is None else any(fault in line for line in found)


def test_doubled_id_is_found():
    assert "tests.one stands twice" in faults([GOOD, GOOD], {"design"}, MARKS, commands())


def test_marks_are_read_from_functions_and_classes(tmp_path):
    (tmp_path / "tests").mkdir()
    lines = ["@pytest.mark.promise('a', 'b')", "@pytest.mark.skip", "def test_a():", "    pass"]
    lines += ["class TestB:", "    @pytest.mark.promise('b')", "    def test_c(self):", "        pass"]
    (tmp_path / "tests" / "test_x.py").write_text("\n".join(lines), encoding="utf-8")
    assert marked_tests(tmp_path) == {
        "a": {"tests/test_x.py::test_a": False},
        "b": {"tests/test_x.py::test_a": False, "tests/test_x.py::test_c": True},
    }
