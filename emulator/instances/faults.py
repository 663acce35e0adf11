"""One line that says what is wrong in a file, and where."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

from ..spec.errors import InputError

# What the parsers of scipy, numpy and dimod raise on damaged files, each seen when bytes were flipped.
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OverflowError,
    OSError,
    MemoryError,
)

# A file of a few lines must not take gigabytes: a spin costs some 100 bytes in memory, and a file that names each of
# its spins spends 2 bytes or more on each.
FREE_SPINS, SPINS_PER_BYTE = 100_000, 4
MAX_SHOWN = 40  # characters of a bad value that a message repeats


def fault(path, complaint, line=None):
    """Return the `InputError` for ``complaint``, which reads ``<Subject> must be <rule>, not <value>``.

    >>> str(fault("glass.txt", "Coupling must be finite, not 'nan'", line=3))
    "File 'glass.txt', line 3: Coupling must be finite, not 'nan'"
    """
    place = "" if line is None else f", line {line}"
    return InputError(f"File {str(path)!r}{place}: {complaint}")


def shown(text):
    """Return ``text`` as a message may repeat it: quoted, printable, and not too long.

    >>> shown("a" * 50)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'"
    """
    return repr(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "...")


def check_spin_count(path, n_spins, line=None):
    """Refuse more spins than a file of that size can name: `FREE_SPINS` and `SPINS_PER_BYTE` for each byte."""
    most = FREE_SPINS + SPINS_PER_BYTE * Path(path).stat().st_size
    if n_spins > most:
        rule = f"at most {FREE_SPINS} + {SPINS_PER_BYTE} for each byte of the file ({most})"
        raise fault(path, f"Number of spins must be {rule}, not {n_spins} (is a spin's number mistyped?)", line)


@contextmanager
def named(path):
    """Put the file's name in front of the `InputError` that the block raises."""
    try:
        yield
    except InputError as error:
        raise fault(path, str(error)) from None


def check_readable(path):
    """Refuse what is not a file, cannot be opened, or is empty."""
    path = Path(path)
    if path.is_dir():
        raise fault(path, "Instance must be a file, not a folder")
    if path.exists() and not path.is_file():  # it is opened more than once: to guess, to read, to hash
        raise fault(path, "Instance must be a regular file, not a pipe or device")
    try:
        with open(path, "rb") as handle:
            first = handle.read(1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise fault(path, f"Instance must be a file that can be read, not one that gives {reason!r}") from None
    if not first:
        raise fault(path, "Instance must be a file with content, not an empty one")
