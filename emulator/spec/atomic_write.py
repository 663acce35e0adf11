"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError


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
        Open for writing.

    Raises
    ------
    InputError
        If the folder is missing or not writable, or ``path`` is a folder.
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
    target = Path(os.path.realpath(path))
    if not target.exists():
        with whole_path(target):
            pass
        target.unlink()
    elif target.is_dir() or not os.access(target.parent, os.W_OK):
        with whole_path(target):
            pass


@contextmanager
def whole_path(path):
    """Yield the name of a temporary file that replaces ``path`` when the block ends; see `whole_file`.

    For libraries that open the file themselves. A link is followed; a device or pipe is written in place.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise InputError(f"Output must be a file, not the folder {str(path)!r}")
    if target.exists() and not target.is_file():  # /dev/null must not become a regular file
        yield target
        return
    # A neighbour, since a rename is atomic only inside one file system.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.touch(exist_ok=False)
    except OSError as error:
        rule = "lie in a folder that can be written"
        raise InputError(f"Output must {rule}, not {str(path)!r} ({error.strerror})") from None
    try:
        yield temporary
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
