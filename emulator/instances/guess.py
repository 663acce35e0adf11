"""Which format a file has, from its name and, failing that, its first bytes and its shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .bqm_check import MAGIC
from .faults import fault, shown
from .triples import data_lines, read_triples

SUFFIXES = {
    ".mat": "mat",
    ".npz": "npz",
    ".bqm": "bqm",
    ".json": "bqm",
    ".cnf": "cnf",
    ".dimacs": "cnf",
    ".rudy": "rudy",
    ".rud": "rudy",
    ".mc": "rudy",
    ".gset": "rudy",
    ".coo": "coo",
}
_FIRST_BYTES = ((MAGIC, "bqm"), (b"PK\x03\x04", "npz"), (b"MATLAB ", "mat"), (b"\x89HDF", "mat"), (b"{", "bqm"))


def format_of_name(path):
    """Return the format that the file's name tells, or None."""
    name = Path(path).name
    return "text_JOrig" if name.lower().startswith("text_jorig") else SUFFIXES.get(Path(name).suffix.lower())


def guess_format(path):
    """Return the format of an existing file.

    Parameters
    ----------
    path : str or Path
        A file that can be read and is not empty.

    Returns
    -------
    str
        One of the formats of `resolve`.

    Raises
    ------
    InputError
        If nothing fits, or two formats do.
    """
    named = format_of_name(path)
    if named:
        return named
    with open(path, "rb") as handle:
        start = handle.read(4096).lstrip()
    for magic, file_format in _FIRST_BYTES:
        if start.startswith(magic):
            return file_format
    return _format_of_text(path)


def _format_of_text(path):
    """Return the format of a text file: a header of two numbers, ``p cnf``, or three columns."""
    number, words = next(data_lines(path), (None, []))
    if words[:1] == ["c"] or words[:2] == ["p", "cnf"]:
        return "cnf"
    if all(word.isascii() and word.isdigit() for word in words[:2]):
        if len(words) == 2 or (len(words) == 3 and words[2].isalpha() and words[2].lower() not in ("nan", "inf")):
            return "rudy"
    if len(words) != 3:
        rule = "begin like a rudy, coo, text_JOrig, cnf, mat, npz or bqm file"
        raise fault(path, f"Instance must {rule}, not with {shown(' '.join(words))} (name it with --format)", number)
    return _format_of_triples(path)


def _format_of_triples(path):
    """Return coo, or text_JOrig if both triangles stand there and every value is a multiple of 4."""
    triples = read_triples(path)
    n_spins = triples.n_spins()
    up, down = triples.first < triples.second, triples.first > triples.second
    above = np.sort(triples.first[up] * n_spins + triples.second[up])
    below = np.sort(triples.second[down] * n_spins + triples.first[down])
    if len(above) + len(below) == len(triples.values) and np.array_equal(above, below):
        if np.all(np.mod(triples.values, 4) == 0):
            return "text_JOrig"
    elif not np.isin(above, below).any():
        return "coo"
    raise fault(path, "Format must be named with --format coo or text_JOrig, not guessed: pairs stand there twice")
