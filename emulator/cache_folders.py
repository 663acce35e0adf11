"""Where compiled kernels, fonts and compiled designs are kept: a folder that can be written, chosen before use.

Numba, matplotlib, wasmtime and this package keep files below the user's cache folder, and some of them end with an
error where that cannot be written: a system account, a container, a read-only home, a full disk. `prepare` runs when
``spinchip`` is imported, before any of them is, and leaves everything as it is where that works.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

ROOM_BYTES = 64 * 2**20  # free space below which a cache folder counts as full; all kernels together take 40 MiB
WORK_BYTES = 8 * 2**20  # the same of a temporary folder; Verilog, C++ and simulations of a design take a few
KEEPERS = ("numba", "matplotlib", "spinchip", "wasmtime", "fontconfig")  # have a folder of their own in a cache folder
NO_CACHE = "SPINCHIP_NO_KERNEL_CACHE"  # tells children what was found out and said
NO_FOLDER = "no cache or temporary folder can be written: set XDG_CACHE_HOME to one that can"
NO_ENCODING = "the system's encoding lacks a letter of the install folder's name: set PYTHONUTF8=1"
PACKAGE = Path(__file__).resolve().parents[1]


def prepare():
    """Choose a cache folder that can be written, and tell libraries and child processes by the environment.

    In this order: the user's (``$XDG_CACHE_HOME``, else ``~/.cache``), one below the temporary folder that belongs to
    the user alone, none. Without any, kernels are compiled anew in every process, and one line on stderr says so.
    A temporary folder that is missing or full is passed over first, for this process and the tools that it starts.
    """
    if os.name != "posix":
        return
    _pass_over_full_temporaries()
    environment = os.environ
    folder = _user_folder("XDG_CACHE_HOME", ".cache")
    if not _keeps(folder, KEEPERS):
        folder = _temporary_folder()
        environment |= {"XDG_CACHE_HOME": str(folder)} if folder else {}
    if _home() is None:  # several libraries end with an error where ~ means nothing
        environment["HOME"] = str(folder or "/")
    if folder is None:
        _compile_without_cache(NO_FOLDER)
        return
    if str(PACKAGE).encode("utf-8", "replace") != os.fsencode(PACKAGE):  # numba then cannot name a file of its own
        _compile_without_cache(NO_ENCODING)
    # Numba looks beside the sources first: a place that can be written but is full would end a run.
    asked, beside = environment.get("NUMBA_CACHE_DIR"), os.access(PACKAGE, os.W_OK) and not _has_room(PACKAGE)
    if (asked and not _keeps(Path(asked))) or (beside and not asked):
        _tell_numba(str(folder / "numba"))
    asked = environment.get("MPLCONFIGDIR")
    settings = Path(asked) if asked else _user_folder("XDG_CONFIG_HOME", ".config")
    if not _keeps(settings, () if asked else ("matplotlib",)):
        environment["MPLCONFIGDIR"] = str(folder / "matplotlib")


def _user_folder(variable, name):
    """Return a folder of the user as the XDG rules have it, or None where there is no home."""
    asked = os.environ.get(variable)
    if asked and os.path.isabs(asked):
        return Path(asked)
    home = _home()
    return Path(home) / name if home and os.path.isdir(home) else None


def _home():
    """Return the user's home, which need not exist, or None where neither environment nor password file has one."""
    asked = os.environ.get("HOME", "")
    if os.path.isabs(asked):
        return asked
    import pwd  # nowhere but on POSIX

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return None


def _keeps(folder, keepers=()):
    """Tell whether a folder, made if need be, and those of the keepers in it can be written and have room."""
    if folder is None:
        return False
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        inside = [folder / name for name in keepers if (folder / name).exists()]
        inside += [path for path in (folder / "numba").glob("*_*") if path.is_dir()] if "numba" in keepers else []
    except OSError:
        return False
    return all(os.access(path, os.W_OK | os.X_OK) for path in (folder, *inside)) and _has_room(folder)


def _has_room(folder, room=ROOM_BYTES):
    """Tell whether the disk of a folder has the room that a cache takes."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= room or found.f_blocks == 0  # 0: a file system without sizes


def _temporary_folder():
    """Return a folder below a temporary one that this user alone can write, or None.

    Compiled code is run when it is read, so a folder that somebody else made under the same name is never taken: then
    there is a new one, for this process and its children.
    """
    for place in _temporary_places():
        folder = place / f"spinchip-cache-{os.getuid()}"
        try:
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
            if _is_own(folder):
                return folder
            folder = Path(tempfile.mkdtemp(prefix="spinchip-cache-", dir=place))
        except OSError:
            continue
        atexit.register(_remove, folder, os.getpid())
        return folder
    return None


def _temporary_places(room=ROOM_BYTES):
    """Return the temporary folders that have room, the user's choice first."""
    asked = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    places = [Path(name) for name in (*asked, "/tmp", "/var/tmp", "/dev/shm") if name and os.path.isabs(name)]
    return [place for place in places if os.access(place, os.W_OK | os.X_OK) and _has_room(place, room)]


def _pass_over_full_temporaries():
    """Name the first temporary folder with room in ``TMPDIR``: Python looks further, the tools it starts do not."""
    places = _temporary_places(WORK_BYTES)
    usual = os.environ.get("TMPDIR") or "/tmp"
    if places and str(places[0]) != os.path.normpath(usual):
        os.environ["TMPDIR"] = str(places[0])
        tempfile.tempdir = None  # chosen anew when it is next asked for


def _is_own(folder):
    """Tell whether a folder is no link, belongs to this user, and is closed to others."""
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _remove(folder, process):
    """Remove the folder of one process; a child that was forked leaves its parent's alone."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


def _tell_numba(folder):
    """Set numba's cache folder, also where numba was imported before."""
    os.environ["NUMBA_CACHE_DIR"] = folder
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = folder


def _compile_without_cache(reason):
    """Let numba keep nothing; say so once."""
    dispatcher = importlib.import_module("numba.core.dispatcher")
    dispatcher.Dispatcher.enable_caching = lambda kernel: None
    if NO_CACHE not in os.environ:
        os.environ[NO_CACHE] = "1"
        sys.stderr.write(f"spinchip: compiled kernels are not kept, since {reason}\n")
