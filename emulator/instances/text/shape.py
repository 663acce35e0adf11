"""Which format a text file without a telling name has: only what can be read in one way is taken for it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np

from ..faults import fault, shown
from .coo import vartype_header
from .edges import GRAPHS
from .lines import data_lines
from .triples import is_integer, is_number, read_triples

SIZED_MATRIX = "Biq Mac's matrix below its size n (delete that line: --format matrix --sense min)"
PROBLEMS = {"cnf": "cnf", "wcnf": "wcnf", "qubo": "qbsolv", **dict.fromkeys(GRAPHS, "dimacs-graph")}  # p ... of DIMACS


def format_of_text(path):
    """Return the format of a text file, if its content can be read in one way only.

    Parameters
    ----------
    path : str or Path
        Path of the file.

    Raises
    ------
    InputError
        Names the readings and the option that picks one.
    """
    if vartype_header(path):
        return "dimod-coo"
    lines = list(islice(data_lines(path), 4))
    number, words = lines[0] if lines else (None, [])
    following = lines[1][1] if len(lines) > 1 else []
    if words[:1] == ["p"] and words[1:2]:
        return PROBLEMS.get(words[1], "cnf")
    if len(words) == 1 and words[0].isdigit() and len(following) > 1:
        raise fault(path, f"Format must be one that is read here, not {_several(following)}", number)
    if _is_rudy_header(words):
        if len(following) == 2:
            return "edges"
        return "qubo" if "qubo" in Path(path).name.lower() else "rudy"
    if len(words) == 3 and not _is_real_matrix(lines) and any(is_number(word) for word in words):
        return _format_of_triples(path)
    if len(words) > 1 and all(is_number(word) for word in words):
        return "matrix"
    if len(words) == len(following) > 1 or len(words) == 3:
        return "table"  # names, or a complaint about them
    rule = "begin like a rudy, coo, text_JOrig, cnf, mat, npz or bqm file"
    raise fault(path, f"Instance must {rule}, not with {shown(' '.join(words))} (name it with --format)", number)


def _several(following):
    """Return what a file is whose first line is one number."""
    if len(following) == 2:
        return "OR-Library's, of several problems (cut one out, from its line 'n m' on: --format qubo --sense max)"
    return SIZED_MATRIX


def _is_real_matrix(lines):
    """Tell whether there are three lines of three numbers that do not all begin with two integers."""
    square = len(lines) == 3 and all(len(words) == 3 and all(map(is_number, words)) for _, words in lines)
    return square and not all(is_integer(word) for _, words in lines for word in words[:2])


def _is_rudy_header(words):
    """Tell whether the first line is ``n m``, or ``n m J`` as in some G-set files."""
    numbers = len(words) in (2, 3) and all(word.isascii() and word.isdigit() for word in words[:2])
    return numbers and (len(words) == 2 or (words[2].isalpha() and words[2].lower() not in ("nan", "inf")))


def _format_of_triples(path):
    """Return coo, unless pairs stand there twice or the rows may be those of a matrix of three spins."""
    triples = read_triples(path)
    n_spins = triples.n_spins()
    if _is_matrix(triples):
        readings = "rows of a matrix J (--format matrix), or lines i j J (--format coo)"
        raise fault(path, f"Format must be given, not guessed: three rows of three numbers are {readings}")
    up, down = triples.first < triples.second, triples.first > triples.second
    above = triples.first[up] * n_spins + triples.second[up]
    below = triples.second[down] * n_spins + triples.first[down]
    twice = np.flatnonzero(up)[np.isin(above, below)]
    if len(twice):
        i, j, value = triples.first[twice[0]], triples.second[twice[0]], triples.values[twice[0]]
        readings = f"--format coo reads J = {value:g}, --format text_JOrig reads J = {value / 4:g}"
        raise triples.fault_at(twice[0], f"Format must be given where pairs stand twice, as ({i}, {j}): {readings}")
    return "coo"


def _is_matrix(triples):
    """Tell whether three rows may be a matrix with an empty diagonal, symmetric or triangular."""
    if len(triples.values) != 3:
        return False
    rows = np.stack([triples.first, triples.second, triples.values], axis=1)
    upper, lower = np.triu(rows, 1), np.tril(rows, -1)
    return not np.diag(rows).any() and (np.array_equal(rows, rows.T) or not upper.any() or not lower.any())
