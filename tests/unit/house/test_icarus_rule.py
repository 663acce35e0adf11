"""A co-simulation test skips where its tool is missing, and fails there in CI; so does a promise that nothing shows."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

TESTS = Path(__file__).resolve().parents[2]
TOOLS = ("iverilog", "vvp", "g++")


@pytest.fixture(scope="module")
def rules():
    """Return tests/conftest.py as a module of its own."""
    spec = importlib.util.spec_from_file_location("rules_of_tests", TESTS / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def item(*marks, promises=()):
    """Return what the hooks ask of a test."""
    return SimpleNamespace(
        get_closest_marker=lambda name: name in marks,
        iter_markers=lambda name: [SimpleNamespace(args=promises)] if promises else [],
        user_properties=[],
    )


def report_of(rules, test, outcome):
    """Return a report with that outcome after the hook."""
    hook = rules.pytest_runtest_makereport(test)
    next(hook)
    made = SimpleNamespace(outcome=outcome, skipped=outcome == "skipped", longrepr=("file", 1, "Skipped: no libpython"))
    with pytest.raises(StopIteration) as end:
        hook.send(made)
    return end.value.value


@pytest.mark.promise("house.ci")
@pytest.mark.parametrize(
    ("mark", "tools", "skips"),
    [
        ("icarus", (), True),
        ("icarus", ("vvp",), True),
        ("icarus", ("iverilog", "vvp"), False),
        ("compiler", ("iverilog", "vvp"), True),
        ("compiler", ("g++",), False),
        ("slow", (), False),
    ],
)
def test_marked_test_skips_where_its_tool_is_missing(rules, mark, tools, skips, tmp_path, monkeypatch):
    for name in tools:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    if skips:
        with pytest.raises(pytest.skip.Exception, match="must be installed for this test; get it with: "):
            rules.pytest_runtest_setup(item(mark))
    else:
        rules.pytest_runtest_setup(item(mark))


@pytest.mark.promise("house.ci")
@pytest.mark.parametrize(
    ("ci", "marks", "outcome", "wanted"),
    [
        ("true", ("icarus",), "skipped", "failed"),
        ("1", ("compiler",), "skipped", "failed"),
        ("true", ("icarus",), "passed", "passed"),
        ("true", ("icarus", "fpga"), "skipped", "skipped"),
        ("true", (), "skipped", "skipped"),
        ("false", ("icarus",), "skipped", "skipped"),
        (None, ("icarus",), "skipped", "skipped"),
    ],
)
def test_skip_of_a_co_simulation_is_a_failure_in_ci(rules, ci, marks, outcome, wanted, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    if ci is not None:
        monkeypatch.setenv("CI", ci)
    assert report_of(rules, item(*marks), outcome).outcome == wanted


def run_config(args=("tests",), keyword="", collectonly=False):
    """Return what a tally asks of pytest's configuration."""
    option = SimpleNamespace(keyword=keyword, markexpr="", collectonly=collectonly)
    return SimpleNamespace(option=option, args=list(args), getini=lambda name: ["tests"])


@pytest.mark.promise("house.testplan")
@pytest.mark.parametrize(
    ("config", "extras", "outcomes", "fails"),
    [
        (run_config(), "all", ["x is missing"], True),
        (run_config(), "all", ["passed"], False),
        (run_config(), "all", ["passed", "x is missing"], True),
        (run_config(), "all", ["passed", "Verilator 5 must be installed"], False),
        (run_config(), "all", [], True),
        (run_config(), None, ["x is missing"], False),
        (run_config(args=["tests/unit/spec"]), "all", ["x is missing"], False),
        (run_config(keyword="ring"), "all", ["x is missing"], False),
    ],
)
def test_whole_run_must_show_every_proven_promise(rules, config, extras, outcomes, fails, tmp_path, monkeypatch):
    monkeypatch.delenv("SPINCHIP_EXTRAS", raising=False)
    if extras:
        monkeypatch.setenv("SPINCHIP_EXTRAS", extras)
    rows = [("a", "proven", ""), ("b", "open", ""), ("c", "proven", 'commands = ["make demo"]')]
    blocks = (f'[[promise]]\nid = "{name}"\nstatus = "{status}"\n{more}\n' for name, status, more in rows)
    monkeypatch.setattr(rules, "PLAN", tmp_path / "plan.toml")
    rules.PLAN.write_text("".join(blocks), encoding="utf-8")
    test = item(promises=("a",))
    rules.pytest_runtest_setup(test)
    tally, session = rules.PromiseTally(config), SimpleNamespace(exitstatus=0)
    properties = test.user_properties
    for text in outcomes:
        passed = text == "passed"
        report = SimpleNamespace(
            when="call", passed=passed, skipped=not passed, user_properties=properties, longrepr=text
        )
        tally.pytest_runtest_logreport(report)
    tally.pytest_sessionfinish(session)
    assert (session.exitstatus, tally.not_shown()) == ((1, ["a"]) if fails else (0, []))
