"""Settings of every test run, and the rule for tests that need Icarus."""

import os
import shutil

import hypothesis
import pytest

# Before numpy and matplotlib are imported: one thread for small matrices, and no display.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

# Examples are the same in every run, and a loaded machine is no failure.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("fixed")

MISSING_ICARUS = "Icarus Verilog must be installed for this test; get it with: sudo apt-get install iverilog"


def pytest_runtest_setup(item):
    """Skip a test marked ``icarus`` where the simulator is missing."""
    if item.get_closest_marker("icarus") and not (shutil.which("iverilog") and shutil.which("vvp")):
        pytest.skip(MISSING_ICARUS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Turn the skip of a co-simulation test, whatever its reason, into a failure when CI is set."""
    report = yield
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    if in_ci and report.skipped and not hasattr(report, "wasxfail") and item.get_closest_marker("icarus"):
        report.outcome = "failed"
        report.longrepr = f"Co-simulation must not be skipped in CI: {report.longrepr[2]}"
    return report
