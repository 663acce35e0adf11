"""Examples in docstrings run, and print what they say.

Modules are imported as ``spinchip.*``, as users do. Pytest's own doctest option imports a second copy under the name of
the checkout's folder, and numba keeps its kernels where the program finds them and cannot load them.
"""

import doctest
import importlib
import re
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("emulator", "calibration", "models", "rtl", "sim")
PROMPT = re.compile(r"^ *>>> ", re.MULTILINE)
EXTRAS = {"jax", "optax", "netket", "distributed", "optuna", "flax"}


def modules_with_examples():
    """Return the dotted name of every module of the import package that shows an example."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    shown = [path for path in [ROOT / "__init__.py", *files] if PROMPT.search(path.read_text(encoding="utf-8"))]
    return [".".join(("spinchip", *path.relative_to(ROOT).with_suffix("").parts)) for path in shown]


def failures_of(module):
    """Return how many examples of a module fail, and how many there are."""
    tests, runner = doctest.DocTestFinder().find(module, module.__name__), doctest.DocTestRunner(verbose=False)
    for test in tests:
        runner.run(test)
    return runner.summarize(verbose=False).failed, sum(len(test.examples) for test in tests)


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_of_module(name, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            module = importlib.import_module(name.removesuffix(".__init__"))
        except ModuleNotFoundError as error:
            if error.name not in EXTRAS:
                raise
            pytest.skip(f"{error.name} must be installed for this module")
        failed, found = failures_of(module)
    assert failed == 0, capsys.readouterr().out
    assert found > 0


def test_wrong_example_is_found(tmp_path, monkeypatch, capsys):
    (tmp_path / "wrong_example.py").write_text('"""Sum.\n\n>>> 1 + 1\n3\n"""\n', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert failures_of(importlib.import_module("wrong_example")) == (1, 1)
    assert "Expected:\n    3\nGot:\n    2" in capsys.readouterr().out
