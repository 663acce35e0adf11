"""Accounts and machines that are not ours: nothing may be written but the temporary folder, or not even that."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest

from spinchip.emulator import cache_folders

ROOT = Path(__file__).resolve().parents[3]
RING = "[ring n=6 J=1 h=0.3]"
STRANGER = 64_321  # a user without an entry in the password file, as in a container that is run as some number
IDENTITY = {"user": STRANGER, "group": STRANGER, "extra_groups": []} if os.geteuid() == 0 else {}
LEFT_OUT = shutil.ignore_patterns(
    "tests", "docs", "examples", "build", "out", "dist", ".*", "__pycache__", "*.egg-info", "spin_glass*"
)
PROGRAM = "import sys; from spinchip.sim.cli.app import main; main()"


@pytest.fixture(scope="module")
def machine():
    """Yield a folder with a read-only install, a space and an accent in its name, and a scratch folder."""
    with tempfile.TemporaryDirectory(prefix="spinchip test é ") as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(ROOT, folder / "site" / "spinchip", ignore=LEFT_OUT)
        (folder / "scratch").mkdir()
        (folder / "scratch").chmod(0o777)
        (folder / "home").mkdir()
        for path in [folder / "home", *(folder / "site").rglob("*"), folder / "site"]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield folder
        for path in [folder / "home", folder / "site", *(folder / "site").rglob("*")]:
            path.chmod(0o755)


@lru_cache
def interpreter(libraries):
    """Return an interpreter of this version that the stranger may run, with its libraries; skip where there is none."""
    for program in (sys.executable, f"/usr/bin/python3.{sys.version_info[1]}"):
        try:
            command = [program, "-c", "import numpy, numba"]
            environment = {"PYTHONPATH": str(libraries), "PATH": os.environ["PATH"]}
            subprocess.run(command, check=True, capture_output=True, cwd="/", env=environment, **IDENTITY)
        except (OSError, subprocess.CalledProcessError):
            continue
        return program
    pytest.skip("interpreter and libraries must be ones that another user may read, not below a closed folder")


def spinchip(machine, *arguments, code=PROGRAM, **environment):
    """Run the program there as a stranger, or without rights by the files' modes where this is not root."""
    libraries = Path(pytest.__file__).parents[1]
    environment = {
        "PATH": os.environ["PATH"],
        "OPENBLAS_NUM_THREADS": "1",
        "SPINCHIP_PROGRESS_S": "0",
        "TMPDIR": str(machine / "scratch"),
        "PYTHONPATH": os.pathsep.join([str(machine / "site"), str(libraries)]),
    } | environment
    command = [interpreter(libraries), "-W", "error", "-c", code, *arguments]
    return subprocess.run(
        command, env=environment, cwd=machine / "scratch", capture_output=True, text=True, check=False, **IDENTITY
    )


@pytest.mark.promise("house.foreign-machines")
@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"HOME": "/nonexistent"},
        {"HOME": "HERE/home", "XDG_CACHE_HOME": "/proc"},
        {"HOME": "HERE/home", "NUMBA_CACHE_DIR": "HERE/home/kernels", "MPLCONFIGDIR": "HERE/home/settings"},
    ],
    ids=lambda value: " ".join(f"{name}={text}" for name, text in value.items()) or "without a home",
)
def test_commands_work_where_only_the_temporary_folder_can_be_written(machine, environment):
    environment = {name: text.replace("HERE", str(machine)) for name, text in environment.items()}
    done = spinchip(machine, "info", RING, "--json", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["n_spins"] == 6
    kept = list((machine / "scratch").rglob("*.nbi"))
    assert kept, "kernels are kept for the next run"
    assert all(not path.lstat().st_mode & 0o077 for path in (machine / "scratch").glob("spinchip-cache-*"))


@pytest.mark.promise("house.foreign-machines")
def test_help_works_without_home(machine):
    done = spinchip(machine, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "calibrate" in done.stdout


@pytest.mark.promise("house.foreign-machines")
def test_rtl_works_without_home(machine):
    """Yosys runs as web assembly, whose runtime wants a folder of settings."""
    done = spinchip(machine, "rtl", RING, "--out", str(machine / "scratch" / "ü rtl"), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(Path(name).is_file() for name in json.loads(done.stdout)["files"])


@pytest.mark.promise("house.foreign-machines")
@pytest.mark.slow
def test_signs_beyond_the_encoding_are_written_plainly(machine):
    """The install folder's name is beyond it too, which keeps numba from naming files: one line more."""
    environment = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = spinchip(machine, "sample", RING, "--beta", "0.5", "--sweeps", "400", **environment)
    assert done.stderr == f"spinchip: compiled kernels are not kept, since {cache_folders.NO_ENCODING}\n"
    assert done.returncode == 0
    assert " +- " in done.stdout


@pytest.mark.promise("house.foreign-machines")
def test_full_disks_cost_the_kept_kernels_and_one_line(machine):
    """`statvfs` as a full disk answers: nothing is kept, and the run goes on."""
    code = (
        "import os; real = os.statvfs; "
        "os.statvfs = lambda path: os.statvfs_result((*real(path)[:4], 0, *real(path)[5:])); "
        f"from spinchip.sim.cli.app import main; main(['info', {RING!r}, '--json'])"
    )
    place = machine / "scratch" / "full"
    place.mkdir(exist_ok=True)
    place.chmod(0o777)
    done = spinchip(machine, code=code, TMPDIR=str(place))
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"spinchip: compiled kernels are not kept, since {cache_folders.NO_FOLDER}\n"
    assert json.loads(done.stdout)["n_spins"] == 6
    assert list(place.rglob("*.nbi")) == []


@pytest.mark.promise("house.foreign-machines")
@pytest.mark.parametrize("squat", ["open folder", "link", "file"])
def test_a_folder_that_others_could_write_is_never_taken(tmp_path, monkeypatch, squat):
    """Compiled code is run when it is read."""
    name = tmp_path / f"spinchip-cache-{os.getuid()}"
    if squat == "open folder":
        name.mkdir()
        name.chmod(0o777)
    elif squat == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        name.symlink_to(tmp_path / "elsewhere")
    else:
        name.touch()
    monkeypatch.setattr(cache_folders, "_temporary_places", lambda: [tmp_path])
    monkeypatch.setattr(cache_folders.atexit, "register", lambda *_: None)
    folder = cache_folders._temporary_folder()
    assert folder != name
    assert cache_folders._is_own(folder)


def test_own_folder_is_taken_again(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_folders, "_temporary_places", lambda: [tmp_path])
    assert (
        cache_folders._temporary_folder()
        == cache_folders._temporary_folder()
        == tmp_path / f"spinchip-cache-{os.getuid()}"
    )


@pytest.mark.promise("house.foreign-machines")
def test_a_home_that_can_be_written_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    before = dict(os.environ)
    cache_folders.prepare()
    assert dict(os.environ) == before


@pytest.mark.parametrize("home", ["", "not/absolute"])
def test_a_home_that_means_nothing_is_that_of_the_password_file(monkeypatch, home):
    monkeypatch.setenv("HOME", home)
    assert cache_folders._home() == pwd.getpwuid(os.getuid()).pw_dir
