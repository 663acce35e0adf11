"""Files appear whole or not at all."""

import os
import signal
import subprocess
import sys

import pytest

from spinchip.emulator.spec.atomic_write import whole_file, whole_path
from spinchip.emulator.spec.errors import InputError


def test_file_is_replaced_only_at_the_end(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with whole_file(path) as handle:
        handle.write("new\n")
        handle.flush()
        assert path.read_text() == "old"
    assert path.read_bytes() == b"new\n"
    with whole_file(path, "wb") as handle:
        handle.write(b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_failed_block_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as handle:
        handle.write(f"half, then {1 / 0}")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_killed_run_leaves_no_half_file(tmp_path):
    path = tmp_path / "out.txt"
    code = (
        "import os, signal, sys\n"
        "from spinchip.emulator.spec.atomic_write import whole_file\n"
        "with whole_file(sys.argv[1]) as handle:\n"
        "    handle.write('half'); handle.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = subprocess.run([sys.executable, "-c", code, path], check=False)
    assert run.returncode == -signal.SIGKILL
    assert not path.exists()


def test_permissions_follow_the_umask(tmp_path):
    plain, whole = tmp_path / "plain", tmp_path / "whole"
    plain.write_text("")
    with whole_file(whole):
        pass
    assert whole.stat().st_mode == plain.stat().st_mode


def test_link_is_followed_and_device_written_in_place(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    with whole_file(link) as handle:
        handle.write("new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    with whole_path(os.devnull) as path:
        assert str(path) == os.devnull
    assert not os.path.isfile(os.devnull)


def test_folder_and_missing_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="^Output must be a file, not the folder '.*'$"), whole_file(tmp_path):
        pass
    rule = r"^Output must lie in a folder that can be written, not '.*' \(No such file or directory\)$"
    with pytest.raises(InputError, match=rule), whole_file(tmp_path / "none" / "out.txt"):
        pass
