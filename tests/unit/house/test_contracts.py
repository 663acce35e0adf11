"""The import contracts hold, cover every room, and can break."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BROKEN_CONTRACT = """
[importlinter]
root_package = spinchip
include_external_packages = True

[importlinter:contract:1]
name = Bound to break
type = forbidden
source_modules =
    spinchip.emulator.spec
forbidden_modules =
    numpy
"""


def lint_imports(*arguments):
    """Run import-linter beside this interpreter and return the finished process."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *arguments]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def contracts():
    """Return the contracts of pyproject.toml by name."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    return {table["name"]: table for table in tables}


def emulator_rooms():
    """Return the emulator's own rooms, ``spec`` left out, as module names."""
    folders = (path.parent.name for path in (ROOT / "emulator").glob("*/__init__.py"))
    return {f"spinchip.emulator.{name}" for name in folders if name != "spec"}


@pytest.mark.promise("house.contracts")
def test_contracts_hold():
    done = lint_imports()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.promise("house.contracts")
def test_broken_contract_is_found(tmp_path):
    config = tmp_path / "broken.ini"
    config.write_text(BROKEN_CONTRACT, encoding="utf-8")
    done = lint_imports("--config", str(config))
    assert done.returncode == 1
    assert "Bound to break BROKEN" in done.stdout


@pytest.mark.promise("house.contracts")
def test_rtl_and_spec_are_kept_from_every_emulator_room():
    for name in ("Hardware descriptions see shared parameters only", "The shared parameters know no room"):
        assert emulator_rooms() <= set(contracts()[name]["forbidden_modules"])


@pytest.mark.promise("house.contracts")
def test_golden_never_sees_rtl():
    layers = contracts()["Rooms import downwards only"]["layers"]
    above = {room.strip() for layer in layers[: layers.index("spinchip.emulator")] for room in layer.split("|")}
    assert {"spinchip.rtl", "spinchip.sim", "spinchip.models", "spinchip.calibration"} <= above
