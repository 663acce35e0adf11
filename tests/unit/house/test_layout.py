"""The tree keeps the rules of ARCHITECTURE.md: packages, rooms, names, sizes, no path of one machine."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NOT_PACKAGES = {"tests", "docs", "examples", "build", "dist", "out"}
VAGUE_NAMES = {"utils", "util", "core", "common", "helpers", "helper", "misc"}
MODULE_LINES, README_LINES = 400, 60
# Put together here, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.:/~$}])/(?:" + "|".join(["tmp", "home", "root", "work", "farm"]) + r")/\w")


def code_files(root):
    """Return the Python files of the import package, relative to ``root``."""
    found = (path.relative_to(root) for path in root.rglob("*.py"))
    return sorted(p for p in found if p.parts[0] not in NOT_PACKAGES and not p.parts[0].startswith("."))


def packages_of_tree(root):
    """Return the dotted name of every folder that holds Python files of the import package."""
    return sorted({".".join(("spinchip", *path.parent.parts)) for path in code_files(root)})


def bare_folders(root):
    """Return the folders with Python files that lack their ``__init__.py``."""
    return sorted({str(p.parent) for p in code_files(root) if not (root / p.parent / "__init__.py").is_file()})


def machine_paths(text):
    """Return the lines that name an absolute path of one machine."""
    return [line for line in text.splitlines() if MACHINE_PATH.search(line)]


def tracked_files():
    """Return what git tracks here."""
    command = ["git", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("Files must be in a git checkout for this test")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def declared():
    """Return pyproject.toml as a dictionary."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def rooms():
    """Return every folder that must explain itself."""
    nested = [path.parent for path in (ROOT / "emulator").glob("*/__init__.py")]
    top = [path.parent for path in ROOT.glob("*/__init__.py")]
    return sorted([*top, *nested, ROOT / "tests", ROOT / "docs", ROOT / "examples"])


@pytest.mark.promise("house.packages")
def test_package_list_equals_the_tree():
    assert declared()["tool"]["setuptools"]["packages"] == packages_of_tree(ROOT)
    assert bare_folders(ROOT) == []


def test_package_list_sees_a_new_folder(tmp_path):
    for name in ("__init__.py", "rtl/__init__.py", "rtl/new/thing.py", "tests/test_x.py", ".venv/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert packages_of_tree(tmp_path) == ["spinchip", "spinchip.rtl", "spinchip.rtl.new"]
    assert bare_folders(tmp_path) == ["rtl/new"]


@pytest.mark.promise("house.packages")
def test_root_holds_no_other_module():
    assert [path.name for path in ROOT.glob("*.py")] == ["__init__.py"]


def test_tests_are_no_package():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.promise("house.rooms")
@pytest.mark.parametrize("room", rooms(), ids=lambda path: str(path.relative_to(ROOT)))
def test_room_has_a_short_readme(room):
    text = (room / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.count("\n") <= README_LINES


ROOM_INITS = [
    p for p in code_files(ROOT) if p.name == "__init__.py" and len(p.parts) > 1
]  # the root's is the front door


@pytest.mark.promise("house.rooms")
@pytest.mark.parametrize("path", ROOM_INITS, ids=str)
def test_init_holds_one_docstring_line(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    docstring = ast.get_docstring(tree)
    # The root alone chooses cache folders, before any library is imported that wants one.
    expected = ["from .emulator import cache_folders", "cache_folders.prepare()"] if path == Path("__init__.py") else []
    assert [ast.unparse(line) for line in tree.body[1:]] == expected
    assert docstring
    assert "\n" not in docstring


@pytest.mark.promise("house.rooms")
@pytest.mark.parametrize("path", code_files(ROOT), ids=str)
def test_module_is_named_and_sized(path):
    assert path.stem not in VAGUE_NAMES
    assert (ROOT / path).read_text(encoding="utf-8").count("\n") <= MODULE_LINES


@pytest.mark.promise("house.no-machine-path")
def test_files_name_no_path_of_one_machine():
    found = {}
    for path in tracked_files():
        try:
            lines = machine_paths(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # a binary file
        if lines:
            found[str(path.relative_to(ROOT))] = lines[0]
    assert found == {}


def test_machine_path_is_found():
    for folder in ("tmp", "home", "work"):
        assert machine_paths(f"open('/{folder}/me/x.txt')")
    assert not machine_paths("see https://example.org/home/page, ./work/x, tests/root/x and /dev/null")


def test_names_of_test_files_are_unique():
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
