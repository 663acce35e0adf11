"""The wheel holds what documents and help texts name, and works from a folder that is not the repository."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import spinchip as public
from spinchip.emulator.spec.files.shipped_files import shipped_files, shipped_or_own
from spinchip.sim.cli.app import COMMANDS, run
from spinchip.sim.runs import example_files

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = re.compile(r"(?<![\w./])examples/[\w./-]*\w")
LEFT_OUT = shutil.ignore_patterns("tests", "build", "out", "dist", ".*", "__pycache__", "*.egg-info")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel of a copy of the tree, offline; return its path."""
    if int(importlib.metadata.version("setuptools").partition(".")[0]) < 77:
        pytest.skip("setuptools must be 77 or newer for this test; get it with: make setup")
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=LEFT_OUT)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    command += ["--disable-pip-version-check", "--wheel-dir", str(folder), str(folder / "source")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return a folder with the wheel's contents, as an installer lays them out."""
    site = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def python(installed, folder, code, *arguments):
    """Run code that imports the installed package in a folder; return its exit status and what it printed."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {code}", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def spinchip(installed, folder, *arguments):
    """Run the installed program in a folder; return its exit status and what it printed."""
    return python(installed, folder, "from spinchip.sim.cli.app import main; main()", *arguments)


def helps(capsys):
    """Return the help texts of all commands."""
    for commands in COMMANDS.values():
        for name in commands:
            run([name, "--help"])
    return capsys.readouterr().out


@pytest.mark.promise("house.wheel")
def test_wheel_holds_every_example_that_help_or_readme_names(wheel, capsys):
    with zipfile.ZipFile(wheel) as archive:
        held = {name.removeprefix("spinchip/") for name in archive.namelist()}
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    text = helps(capsys) + "".join(path.read_text(encoding="utf-8") for path in documents)
    named = set(EXAMPLE.findall(text))
    assert {"examples/nqs/filters.npy", "examples/board_client.py"} <= named
    assert [
        name for name in sorted(named) if not any(each == name or each.startswith(f"{name}/") for each in held)
    ] == []


@pytest.mark.promise("house.wheel")
def test_wheel_holds_what_git_has_below_examples_and_no_tests(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert {f"spinchip/examples/{path.as_posix()}" for path in shipped_files()} <= held
    assert "spinchip/examples/notebooks/first_steps.ipynb" in held
    assert not [name for name in held if "__pycache__" in name or name.startswith("spinchip/tests")]


@pytest.mark.promise("house.wheel")
@pytest.mark.parametrize(
    "arguments",
    [
        ["info", "examples/ea3d/size08_0000.txt", "--json"],
        ["crossbar", "examples/nqs/filters.npy", "--device", "pcm_ibm", "--json"],
        ["anneal", "examples/max_cut/t3g5_5555", "--sweeps", "5", "--runs", "2", "--json"],
    ],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.slow
def test_installed_program_finds_examples_from_any_folder(installed, tmp_path, arguments):
    status, out, _ = spinchip(installed, tmp_path, *arguments)
    assert status == 0
    assert json.loads(out)
    assert list(tmp_path.iterdir()) == []


FUNCTIONS = """
import json, spinchip
told = {"home": spinchip.__file__, "names": spinchip.__all__}
told["heavy"] = [name for name in ("numba", "numpy", "scipy", "amaranth") if name in sys.modules]
glass = spinchip.load("examples/ea3d/size08_0000.txt")
told["energies"] = spinchip.sample(glass, 0.5, 4, chains=2).energies.shape
told["lowest"] = spinchip.anneal("examples/max_cut/t3g5_5555", sweeps=5, runs=2).energy
told["files"] = spinchip.write_rtl("[ring n=6 J=1]", "rtl", beta=0.5)["files"]
told["device"] = spinchip.device("pcm_ibm").name
print(json.dumps(told))
"""


@pytest.mark.promise("house.wheel", "house.front-door")
def test_functions_of_an_installed_wheel_work_from_any_folder(installed, tmp_path):
    status, out, error = python(installed, tmp_path, FUNCTIONS)
    assert status == 0, error
    told = json.loads(out)
    assert Path(told["home"]) == installed / "spinchip" / "__init__.py"
    assert told["names"] == public.__all__
    assert told["heavy"] == []
    assert told["energies"] == [2, 3]
    assert told["lowest"] < 0
    assert told["device"] == "pcm_ibm"
    assert {"p_computer.v", "manifest.json"} <= {Path(name).name for name in told["files"]}
    assert all((tmp_path / name).is_file() for name in told["files"])


def test_installed_program_writes_reports_and_verilog(installed, tmp_path):
    """Templates and shells are package data too."""
    status, out, _ = spinchip(installed, tmp_path, "rtl", "[ring n=6 J=1]", "--out", "rtl", "--json")
    assert status == 0
    assert all((tmp_path / name).is_file() for name in json.loads(out)["files"])
    assert sorted(path.name for path in (installed / "spinchip" / "sim" / "report").glob("*.j2"))
    assert {"compiled_shell.cc", "board_shell.cc"} <= {
        path.name for path in (installed / "spinchip" / "sim" / "cosim").glob("*.cc")
    }


@pytest.mark.promise("house.wheel")
def test_examples_are_listed_and_copied(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["examples", "--json"]) == 0
    names = [row["name"] for row in json.loads(capsys.readouterr().out)["examples"]]
    assert {"examples/board_client.py", "examples/notebooks/first_steps.ipynb", "examples/explore/glass.toml"} <= set(
        names
    )
    assert run(["examples", "first_steps.ipynb"]) == 0
    original = (ROOT / "examples" / "notebooks" / "first_steps.ipynb").read_bytes()
    assert (tmp_path / "first_steps.ipynb").read_bytes() == original
    assert run(["examples", "examples/explore", "--out", "designs"]) == 0
    assert (tmp_path / "designs" / "explore" / "glass.toml").is_file()


@pytest.mark.promise("house.wheel")
def test_nothing_is_overwritten(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "explore").mkdir()
    (tmp_path / "explore" / "search.toml").write_text("mine", encoding="utf-8")
    assert run(["examples", "explore"]) == 2
    line = capsys.readouterr().err
    assert line == (
        "spinchip: Copy must be a file that does not exist yet, since nothing is overwritten, not "
        "'explore/search.toml'; move it away, or choose a folder by --out\n"
    )
    assert [path.name for path in (tmp_path / "explore").iterdir()] == ["search.toml"]
    assert (tmp_path / "explore" / "search.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("ea3d/size08_0000.txt", ["size08_0000.txt"]),
        ("examples/ea3d/size08_0000.txt", ["size08_0000.txt"]),
        ("./examples/max_cut/t3g*", ["t3g5_5555", "t3g7_5555"]),
        ("notebooks/", ["notebooks/drifting_crossbar.ipynb", "notebooks/first_steps.ipynb"]),
        ("no*books", ["notebooks/drifting_crossbar.ipynb", "notebooks/first_steps.ipynb"]),
        ("t2g10_5555", ["t2g10_5555"]),
        ("*/CITATION.bib", ["CITATION.bib"]),
        ("[me]*/README.md", ["ea3d/README.md", "max_cut/README.md"]),  # would fall on one another
    ],
)
def test_names_of_examples(name, places):
    assert sorted(place.as_posix() for place in example_files.chosen_files(name).values()) == places


@pytest.mark.parametrize("name", ["nothing", "../README.md", "/etc/passwd", "", "*.exe"])
def test_unknown_examples_are_refused(tmp_path, capsys, name):
    assert run(["examples", name, "--out", str(tmp_path)]) == 2
    rule = "a file, folder or pattern of those that `spinchip examples` lists"
    assert capsys.readouterr().err == f"spinchip: Example must be {rule}, not {name!r}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.promise("house.wheel")
def test_only_bare_paths_that_are_missing_fall_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "examples/nqs/filters.npy"
    assert shipped_or_own(name) == ROOT / name
    for other in (
        "./../examples/nqs/filters.npy",
        "x/examples/nqs/filters.npy",
        "examples/../examples/nqs/filters.npy",
    ):
        assert shipped_or_own(other) == other
    for other in (str(tmp_path / name), "examples/nqs", "examples/none", "examples/\0", "examples/" + "x" * 400):
        assert shipped_or_own(other) == other
    (tmp_path / "examples" / "nqs").mkdir(parents=True)
    (tmp_path / name).write_bytes(b"mine")
    assert shipped_or_own(name) == name
