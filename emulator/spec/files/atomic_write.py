"""Files that are written whole or not at all, and the folders that take them."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError

LONGEST_STEM = 40  # letters of the target's name in that of its temporary file; a name has 255 bytes at most


@contextmanager
def whole_file(path, mode="w"):
    """Open a file that replaces ``path`` when the block ends, and vanishes if the block fails.

    Parameters
    ----------
    path : str or Path
        Where the file shall be; its folder must exist.
    mode : {"w", "wb"}
        Text (UTF-8, line feeds) or bytes.

    Yields
    ------
    file object
        File, open for writing.

    Raises
    ------
    InputError
        If the folder is missing or not writable, ``path`` is a folder, or the system refuses the writing: a full
        device, a read-only one, a name too long.
    """
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    with whole_path(path) as temporary, open(temporary, mode, **text) as handle:
        yield handle


def check_output(path):
    """Refuse a path that could not be written, before the work whose result it shall take.

    Raises
    ------
    InputError
        As `whole_file` would.
    """
    target = _target(path)
    if target.is_dir() or not (target.exists() and not target.is_file()):
        with _temporary(target, path):
            pass


def check_folder(path):
    """Refuse a path that could not be a folder with new files in it, before the work; nothing is made.

    Parameters
    ----------
    path : str or Path
        A folder, or where one shall be made with its parents.

    Raises
    ------
    InputError
        If the path or a part of it is a file, cannot be reached, or lies where nothing can be written.
    """
    nearest = _target(path)
    while True:
        try:
            os.stat(nearest)
            break
        except FileNotFoundError:
            nearest = nearest.parent
        except (OSError, ValueError) as error:
            raise _no_folder(path, error) from None
    if not nearest.is_dir():
        raise InputError(f"Output must be a folder, not the file {_shown(path)}")
    probe = nearest / f".{secrets.token_hex(8)}.tmp"
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise _no_folder(path, error) from None


def made_folder(path):
    """Return a folder, made with its parents if need be; Path.

    Raises
    ------
    InputError
        As `check_folder` would, or if it cannot be made.
    """
    check_folder(path)
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_folder(path, error) from None
    return folder


@contextmanager
def whole_path(path):
    """Yield the name of a temporary file that replaces ``path`` when the block ends; see `whole_file`.

    For libraries that open the file themselves. A link is followed; a device or pipe is written in place. What the
    system says about the writing, a full device for one, comes as InputError.
    """
    target = _target(path)
    if target.exists() and not target.is_file() and not target.is_dir():  # /dev/null must not become a regular file
        with _refusals(path, target):
            yield target
        return
    with _temporary(target, path) as temporary, _refusals(path, temporary):
        yield temporary
        os.replace(temporary, target)


@contextmanager
def _temporary(target, path):
    """Make an empty neighbour of a target, since a rename is atomic only inside one file system; it is gone after."""
    if target.is_dir():
        raise InputError(f"Output must be a file, not the folder {_shown(path)}")
    temporary = target.with_name(f".{target.name[:LONGEST_STEM]}.{secrets.token_hex(4)}.tmp")
    try:
        os.lstat(target)  # a name that is too long, or lies below a file, is refused here
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        raise _not_writable(path, error) from None
    try:
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise _not_writable(path, error) from None
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _refusals(path, written):
    """Turn what the system says about writing a file into InputError; errors about other files pass."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EPIPE or (error.filename is not None and Path(error.filename) != written):
            raise
        raise InputError(f"Output must be written whole, not {_shown(path)} ({_reason(error)})") from None


def _target(path):
    """Return the path behind all links; one that the system cannot follow is refused."""
    try:
        target = Path(os.path.realpath(path))
        target.exists()  # raises on a name that is too long
    except (OSError, ValueError) as error:
        raise _not_writable(path, error) from None
    return target


def _not_writable(path, error):
    return InputError(f"Output must lie in a folder that can be written, not {_shown(path)} ({_reason(error)})")


def _no_folder(path, error):
    return InputError(f"Output must be a folder that can be made, not {_shown(path)} ({_reason(error)})")


def _reason(error):
    return getattr(error, "strerror", None) or str(error)


def _shown(path):
    """Return a path as an error shows it; a very long one is cut.

    >>> _shown("a/b"), len(_shown("x" * 5000))
    ("'a/b'", 124)
    """
    text = repr(str(path))
    return text if len(text) <= 200 else f"{text[:100]} ... {text[-19:]}"
