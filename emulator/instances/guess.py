"""Which format a file has, from its name and, failing that, its first bytes and its shape."""

from __future__ import annotations

import re
from pathlib import Path

from .binary.bqm_bytes import MAGIC
from .faults import fault
from .foreign import refuse_foreign
from .text.coo import vartype_header
from .text.shape import SIZED_MATRIX, format_of_text

SUFFIXES = {
    ".mat": "mat",
    ".h5": "mat",
    ".qb": "mat",
    ".hdf5": "mat",
    ".npz": "npz",
    ".npy": "npy",
    ".bqm": "bqm",
    ".json": "bqm",
    ".cnf": "cnf",
    ".dimacs": "cnf",
    ".wcnf": "wcnf",
    ".rudy": "rudy",
    ".rud": "rudy",
    ".mc": "rudy",
    ".gset": "rudy",
    ".coo": "coo",
    ".wel": "coo",
    ".sparse": "qubo",
    ".qubo": "qbsolv",
    ".qh": "qubist",
    ".col": "dimacs-graph",
    ".clq": "dimacs-graph",
    ".graphml": "graphml",
    ".gml": "gml",
    ".mtx": "matrixmarket",
    ".mm": "matrixmarket",
    ".el": "edges",
    ".edges": "edges",
    ".edgelist": "edges",
}
# Names under which files are published; the shipped glasses keep theirs.
NAMES = (
    (re.compile(r"text_jorig.*|size\d\d_\d{4}\.txt", re.IGNORECASE), "text_JOrig"),
    (re.compile(r"g\d{1,2}(\.txt)?", re.IGNORECASE), "rudy"),
    (re.compile(r"(bqp\d+([-_.]\d+)?|gka\d+[a-f]|be\d+(\.\d+)+)(\.txt)?", re.IGNORECASE), "qubo"),
)
_FIRST_BYTES = (
    (MAGIC, "bqm"),
    (b"PK\x03\x04", "npz"),
    (b"\x93NUMPY", "npy"),
    (b"MATLAB ", "mat"),
    (b"\x89HDF", "mat"),
    (b"{", "bqm"),
    (b"%%MatrixMarket", "matrixmarket"),
    (b"<", "graphml"),
    (b"graph [", "gml"),
    (b"Creator", "gml"),
)


def format_of_name(path):
    """Return the format that the file's name tells, or None."""
    name = Path(path).name
    published = next((file_format for pattern, file_format in NAMES if pattern.fullmatch(name)), None)
    return published or SUFFIXES.get(Path(name).suffix.lower())


def guess_format(path):
    """Return the format of an existing file.

    A name decides, but for dimod's header ``# vartype=``, which decides over ``.coo``; a nameless file is taken for
    what it is if it is one thing only.

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
        If nothing fits, or two readings differ.
    """
    named = format_of_name(path)
    if named == "mat" and _is_text_matrix(path):
        raise fault(path, f"Format must be one that is read here, not {SIZED_MATRIX}", 1)
    if named:
        return "dimod-coo" if named == "coo" and vartype_header(path) else named
    refuse_foreign(path)
    with open(path, "rb") as handle:
        start = handle.read(4096).lstrip()
    for magic, file_format in _FIRST_BYTES:
        if start.startswith(magic):
            return file_format
    return format_of_text(path)


def _is_text_matrix(path):
    """Tell whether a file begins with a line of one number: Biq Mac calls its matrices .mat, as MATLAB does."""
    with open(path, "rb") as handle:
        return re.match(rb"\s*\d+\s*[\r\n]", handle.read(64)) is not None
