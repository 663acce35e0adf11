"""``import spinchip`` is quick, and every public name leads to something that explains itself."""

import inspect
import subprocess
import sys

import pytest

import spinchip

HEAVY = ("numba", "numpy", "scipy", "amaranth", "matplotlib", "typer", "rich", "xarray", "arviz", "dimod", "networkx")
FUNCTIONS = "load sample summarise anneal verify calibrate crossbar write_rtl build backend device"
CLASSES = "IsingInstance Schedule Recording Samples Sampler FabricOptions InputError ToolError"


@pytest.mark.promise("house.front-door")
def test_import_of_the_package_brings_no_heavy_library():
    code = f"import sys, spinchip; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.split() == []


def test_heavy_import_would_be_seen():
    code = f"import sys, numpy; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.split() == ["numpy"]


@pytest.mark.promise("house.front-door")
def test_public_names_are_those_promised():
    promised = {*FUNCTIONS.split(), *CLASSES.split(), "__version__"}
    assert set(spinchip.__all__) == promised
    assert set(dir(spinchip)) >= promised


@pytest.mark.parametrize("name", [name for name in spinchip.__all__ if not name.startswith("__")])
def test_public_name_explains_itself(name):
    assert inspect.getdoc(getattr(spinchip, name))


def test_version_is_that_of_the_installed_package():
    from importlib.metadata import version

    assert spinchip.__version__ == version("spinchip")


def test_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="^module 'spinchip' has no attribute 'smaple'$"):
        _ = spinchip.smaple
