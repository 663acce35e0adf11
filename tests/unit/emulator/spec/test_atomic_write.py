"""Files appear whole or not at all."""

import os
import signal
import subprocess
import sys

import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.files.atomic_write import check_folder, check_output, made_folder, whole_file, whole_path


@pytest.mark.promise("cli.atomic")
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


@pytest.mark.promise("cli.atomic")
def test_killed_run_leaves_no_half_file(tmp_path):
    path = tmp_path / "out.txt"
    code = (
        "import os, signal, sys\n"
        "from spinchip.emulator.spec.files.atomic_write import whole_file\n"
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


LIMITED = """
import resource, sys
from spinchip.emulator.spec.files.atomic_write import whole_file
from spinchip.emulator.spec.errors import InputError
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with whole_file(sys.argv[1]) as handle:
        handle.write("x" * 100_000)
except InputError as error:
    print(error)
"""


@pytest.mark.promise("cli.outputs")
def test_a_device_that_is_full_leaves_nothing(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    done = subprocess.run([sys.executable, "-c", LIMITED, path], capture_output=True, text=True, check=False)
    assert done.stdout == f"Output must be written whole, not {str(path)!r} (File too large)\n", done.stderr
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.txt"]
    rule = r"^Output must be written whole, not '/dev/full' \(No space left on device\)$"
    with pytest.raises(InputError, match=rule), whole_file("/dev/full") as handle:
        handle.write("x")


BAD_PLACES = {
    "below a file": "file/x",
    "no real folder": "/proc/none/x",
    "a folder of the kernel": "/proc/x",
    "too long": "x" * 300,
    "too long a path": "/".join(["x" * 200] * 30),
    "links in a ring": "loop/x",
    "a zero byte": "a\0b",
}


@pytest.mark.promise("cli.outputs")
@pytest.mark.parametrize("what", BAD_PLACES)
@pytest.mark.parametrize("check", [check_output, check_folder, made_folder])
def test_places_where_nothing_can_be_are_refused_before_the_work(tmp_path, what, check):
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(InputError, match=r"^Output must .*, not '.*\)$") as refused:
        check(tmp_path / BAD_PLACES[what])
    assert len(str(refused.value)) < 500
    assert sorted(os.listdir(tmp_path)) == ["file", "loop"]


def test_places_that_do_are_left_as_they_were(tmp_path):
    (tmp_path / "there").write_text("old")
    check_output(tmp_path / "there")
    check_output(tmp_path / ("é" * 120))  # 240 bytes: a legal name, though a longer temporary one would not be
    check_folder(tmp_path / "a" / "b" / "c")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("there", "old")]
    assert made_folder(tmp_path / "a" / "b").is_dir()
    with whole_file(tmp_path / ("é" * 120)) as handle:
        handle.write("x")
    with pytest.raises(InputError, match="^Output must be a folder, not the file '.*there'$"):
        check_folder(tmp_path / "there")


def test_errors_about_other_files_pass(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "x"):
        open(tmp_path / "none")
    with pytest.raises(BrokenPipeError), whole_file(tmp_path / "x"):
        raise BrokenPipeError(32, "Broken pipe")
    assert os.listdir(tmp_path) == []
