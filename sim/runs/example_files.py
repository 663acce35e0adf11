"""Examples that come with the package: listed, and copied to where the user works."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import made_folder, whole_file
from ...emulator.spec.files.shipped_files import EXAMPLES, shipped_files


def listed():
    """Return every example as a row: name, as commands take it, and size [byte]; list of dict."""
    names = shipped_files()
    return [{"name": f"{EXAMPLES.name}/{name.as_posix()}", "bytes": (EXAMPLES / name).stat().st_size} for name in names]


def chosen_files(name):
    """Return the examples that a name means, a file, a folder, or a pattern of either.

    The leading ``examples/`` may be left out, and so may the folder of a file.

    Returns
    -------
    dict of Path to Path
        Each file below `EXAMPLES`, and its place in the folder that takes the copies: a file stands there, a folder
        with its files; those that would fall on one another keep their folders.

    Raises
    ------
    InputError
        If there is none.
    """
    files = shipped_files()
    pattern = name.rstrip("/").removeprefix("./")
    if pattern in (".", EXAMPLES.name):
        return {path: Path(EXAMPLES.name) / path for path in files}
    pattern = pattern.removeprefix(f"{EXAMPLES.name}/")
    found = {path: named for path in files if (named := _named(path, pattern))}
    found = found or {path: path for path in files if fnmatchcase(path.name, pattern)}
    if not found:
        rule = "a file, folder or pattern of those that `spinchip examples` lists"
        raise InputError(f"Example must be {rule}, not {name!r}")
    places = {path: path.relative_to(named.parent) for path, named in found.items()}
    return places if len(set(places.values())) == len(places) else {path: path for path in found}


def _named(path, pattern):
    """Return the file, or the outermost folder around it, that a pattern matches, or None."""
    around = [*reversed(path.parents), path][1:]
    return next((each for each in around if fnmatchcase(each.as_posix(), pattern)), None)


def copied(name, folder):
    """Copy the examples that a name means into a folder.

    Parameters
    ----------
    name : str
        Name of the examples, as in `chosen_files`.
    folder : path
        Takes them; made if need be.

    Returns
    -------
    list of Path
        Paths of the files that were written.

    Raises
    ------
    InputError
        If one of the files exists: nothing is copied then. Or if one cannot be written.
    """
    targets = {path: Path(folder) / place for path, place in chosen_files(name).items()}
    for target in targets.values():
        if target.exists() or target.is_symlink():
            rule = "a file that does not exist yet, since nothing is overwritten"
            raise InputError(f"Copy must be {rule}, not {str(target)!r}; move it away, or choose a folder by --out")
    for path, target in targets.items():
        made_folder(target.parent)
        with whole_file(target, "wb") as handle:
            handle.write((EXAMPLES / path).read_bytes())
    return list(targets.values())
