"""Files that are read whole: regular ones, of a size that ends."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError


def check_regular(path, subject):
    """Refuse a folder, a pipe or a device, some of which never end; a path without a file passes.

    Parameters
    ----------
    path : str or Path
        Path of the file to read.
    subject : str
        What it should be; starts the sentence.

    Raises
    ------
    InputError
        If it exists and is no regular file, or the system cannot follow it.
    """
    try:
        is_other = Path(path).exists() and not Path(path).is_file()
    except OSError as error:
        raise InputError(f"{path}: {subject} must be a file that can be reached ({error.strerror})") from None
    if is_other:
        raise InputError(f"{path}: {subject} must be a regular file, not a folder, pipe or device")
