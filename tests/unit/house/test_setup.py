"""Set-up says in one line what it could not install and goes on; the CI run never takes silence for success."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ("bash", "cat", "dirname", "env", "grep", "mkdir", "sha256sum", "tail", "tee", "timeout", "touch", "chmod")
INSTALLING_APT = '#!/bin/bash\nname=${!#}\ntouch "$BIN/$name"; chmod +x "$BIN/$name"\n'
WANTED = {"iverilog": "co-simulation", "g++": "compiled RTL"}
FAILING_APT = "#!/bin/bash\nexit 100\n"


def program(folder, name, text="#!/bin/bash\n"):
    """Put an executable script into ``folder``."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path):
    """Return a folder that looks like a checkout whose packages are installed, and a path with few programs."""
    folder = tmp_path / "checkout"
    for name in (".ci/setup", ".ci/run", ".ci/interpreters", "pyproject.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    contents = (folder / "pyproject.toml").read_bytes() + (folder / ".ci/setup").read_bytes()
    stamp = f"{folder.resolve()} {hashlib.sha256(contents).hexdigest()}  -"
    (folder / ".venv" / ".spinchip-setup").write_text(stamp, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    program(tmp_path / "bin", "id", "#!/bin/bash\necho 0\n")
    return folder, tmp_path / "bin"


def run(machine, script, **environment):
    """Run a script of ``.ci`` on that machine; return its status and its lines on stderr, then on stdout."""
    folder, programs = machine
    environment |= {"PATH": str(programs), "BIN": str(programs), "HOME": os.environ.get("HOME", "/")}
    command = [folder / script, *environment.pop("ARGUMENTS", "").split()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.splitlines(), done.stdout.splitlines()


def test_setup_is_silent_when_nothing_is_missing(machine):
    for name in WANTED:
        program(machine[1], name)
    assert run(machine, ".ci/setup") == (0, [], [])


@pytest.mark.promise("house.setup-missing")
@pytest.mark.parametrize(("apt", "cause"), [(None, "there is no apt-get here"), (FAILING_APT, "apt failed")])
def test_setup_names_what_is_missing_in_one_line_each_and_goes_on(machine, apt, cause):
    if apt:
        program(machine[1], "apt-get", apt)
    status, said, printed = run(machine, ".ci/setup")
    assert (status, printed) == (0, [])
    losses = [line for line in said if "could not" in line]
    assert len(losses) == len(WANTED)
    for line, (name, loss) in zip(losses, WANTED.items(), strict=True):
        assert cause in line
        assert line.endswith(f"so {loss} is skipped; get it with: sudo apt-get install {name}")


def test_setup_without_rights_says_so(machine):
    program(machine[1], "apt-get", INSTALLING_APT)
    program(machine[1], "id", "#!/bin/bash\necho 1000\n")
    assert "neither root nor sudo" in run(machine, ".ci/setup")[1][-1]


@pytest.mark.promise("house.setup-missing")
def test_setup_installs_by_apt_once(machine):
    program(machine[1], "apt-get", INSTALLING_APT)
    assert run(machine, ".ci/setup") == (0, [f"set-up: installing {name} by apt" for name in WANTED], [])
    assert run(machine, ".ci/setup") == (0, [], [])


@pytest.mark.promise("house.ci")
@pytest.mark.parametrize(
    ("closing", "make_status", "is_good"),
    [
        ("== 12 passed, 1 skipped in 3.20s ==", 0, True),
        ("== 1 failed, 12 passed in 3.20s ==", 2, False),
        ("== no tests ran in 0.01s ==", 2, False),
        ("== no tests ran in 0.01s ==", 0, False),
        ("killed", 0, False),
    ],
)
def test_ci_run_ends_with_the_closing_line_of_pytest(machine, closing, make_status, is_good):
    (machine[0] / ".venv" / "bin" / "python").unlink()
    program(machine[0] / ".venv" / "bin", "python")  # a pip that installs nothing, at once
    program(
        machine[1], "make", f"#!/bin/bash\n[ $2 = lint ] && exit 0\necho '{closing}'\necho later\nexit {make_status}\n"
    )
    status, _, printed = run(machine, ".ci/run")
    assert (status == 0) == is_good
    assert printed[-1] == (closing if "in" in closing.split() else f"pytest did not finish (status {status})")


@pytest.mark.promise("house.interpreters")
def test_interpreters_that_are_not_here_are_skipped_with_a_word(machine):
    own = "{}.{}".format(*sys.version_info)
    program(machine[1], "python3.98", "#!/bin/bash\necho 3.97\n")  # a name is no proof
    status, said, printed = run(machine, ".ci/interpreters", ARGUMENTS=f"{own} 3.98 3.99")
    cure = "get it with: uv python install"
    assert said == [
        f"interpreters: {own}: skipped, since all tests run on it",
        f"interpreters: 3.98: skipped, no interpreter is here; {cure} 3.98",
        f"interpreters: 3.99: skipped, no interpreter is here; {cure} 3.99",
    ]
    assert (status, printed) == (0, [])


@pytest.mark.promise("house.interpreters")
@pytest.mark.parametrize(
    ("closing", "is_good"),
    [("12 passed, 1 skipped in 3.20s", True), ("1 failed, 12 passed in 3.20s", False), ("killed", False)],
)
def test_a_failure_on_another_interpreter_fails(machine, closing, is_good):
    """An interpreter whose environment, rtl and tests are played."""
    folder, programs = machine
    made = folder / "build" / "python-3.98" / "bin"
    fake = f"#!/bin/bash\n[ $2 != venv ] || mkdir -p {made}\n[ $1 != -c ] || echo 3.98\n"
    program(programs, "python3.98", fake)
    made.mkdir(parents=True)
    for name, text in {"python": "", "find_libpython": "", "spinchip": "", "pytest": f"echo '{closing}'"}.items():
        program(made, name, f"#!/bin/bash\n{text}\n")
    status, said, _ = run(machine, ".ci/interpreters", ARGUMENTS="3.98")
    assert said[-1] == f"interpreters: 3.98: {closing}"
    assert (status == 0) == is_good


def test_ci_run_stops_at_failed_lint(machine):
    program(machine[1], "make", "#!/bin/bash\n[ $2 = lint ] && exit 2\necho '== 12 passed in 3.20s =='\n")
    assert run(machine, ".ci/run")[0] == 1
