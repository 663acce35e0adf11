"""Example files that come with the package, found from any folder."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def shipped_or_own(path):
    """Return a path to read: the shipped copy where ``examples/...`` is asked for and is not in the current folder.

    Parameters
    ----------
    path : str or Path
        What the user wrote. Absolute paths, and those that begin otherwise or go up, stay what they are.

    Returns
    -------
    str or Path
        ``path`` itself, or the Path of the shipped file.

    >>> Path(shipped_or_own("examples/nqs/filters.npy")).name
    'filters.npy'
    >>> shipped_or_own("own/examples/nqs/filters.npy")
    'own/examples/nqs/filters.npy'
    """
    parts = Path(path).parts
    if parts[:1] != (EXAMPLES.name,) or ".." in parts:
        return path
    try:
        shipped = EXAMPLES.joinpath(*parts[1:])
        return path if Path(path).exists() or not shipped.is_file() else shipped
    except (OSError, ValueError):  # a name too long, or with a null byte: the reader says so
        return path


def shipped_files():
    """Return every example that comes with the package, relative to their folder; list of Path, sorted."""
    skipped = {"__pycache__", ".ipynb_checkpoints"}
    files = (path.relative_to(EXAMPLES) for path in EXAMPLES.rglob("*") if path.is_file())
    return sorted(path for path in files if not skipped & set(path.parts))
