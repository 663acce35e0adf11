"""DIMACS files: satisfiability of clauses of any length."""

from __future__ import annotations

import re
import warnings

import numpy as np

from ...spec.model_size import MAX_SPINS
from ..faults import FREE_SPINS, check_spin_count, fault, named, shown
from ..long_clauses import shortened
from ..sat import penalty_model
from .lines import open_text

_LITERAL = re.compile(r"-?[0-9]{1,18}")
# numpy takes a lone minus for 0, and too large a literal for the smallest integer.
_NOT_PLAIN = re.compile(r"[^0-9 \t\n-]|[0-9]-|-(?![0-9])|[0-9]{10}")


def read_cnf(path):
    """Read a formula ``p cnf n m``; see `penalty_model` for its Ising model.

    Comments ``c`` may stand anywhere, clauses may span lines, and a line ``%`` ends the file, as in
    SATLIB. A clause of k > 3 literals costs k - 2 ancillas.

    Parameters
    ----------
    path : str or Path
        Path of the file.

    Returns
    -------
    EdgeList
    """
    n_variables, n_clauses, literals = _parse_fast(path) or _parse_lines(path)
    ends = np.flatnonzero(literals == 0)
    if len(ends) != n_clauses:
        truncated = " (truncated?)" if len(ends) < n_clauses else ""
        raise fault(
            path, f"Number of clauses must be the {n_clauses} that the header promises, not {len(ends)}{truncated}"
        )
    lengths = np.diff(ends, prepend=-1) - 1
    clauses, *products = shortened(n_variables, literals[literals != 0], lengths)
    with named(path):
        return penalty_model(n_variables, clauses, products=products)


def _parse_fast(path):
    """Return sizes and literals if the file is plain, numbers after the header, and breaks no rule; else None."""
    with open_text(path) as handle:
        for line in handle:
            if not line.startswith("c") and line.strip():
                break
        else:
            return None
        text = handle.read()
    words = line.split()
    if (
        _NOT_PLAIN.search(text)
        or words[:2] != ["p", "cnf"]
        or len(words) != 4
        or not all(re.fullmatch("[0-9]{1,9}", word) for word in words[2:])
    ):
        return None
    n_variables, n_clauses = int(words[2]), int(words[3])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # numpy only warns when a word is no number
            literals = np.fromstring(text, sep=" ", dtype=np.int64)
    except (ValueError, DeprecationWarning):
        return None
    ends = np.flatnonzero(literals == 0)
    lengths = np.diff(ends, prepend=-1) - 1
    plain = (
        1 <= n_variables <= FREE_SPINS + len(text)
        and len(ends)
        and ends[-1] == len(literals) - 1
        and lengths.min() >= 1
        and np.abs(literals).max() <= n_variables
    )
    return (n_variables, n_clauses, literals) if plain else None


def _parse_lines(path):
    """Return sizes and literals, or raise for the first line that breaks a rule."""
    sizes, literals, length = None, [], 0
    with open_text(path) as handle:
        for number, line in enumerate(handle, start=1):
            words = line.split()
            if not words or (words[0].startswith("c") if sizes is None else words[0] == "c"):
                continue
            if words[0] == "%":
                break
            if sizes is None:
                sizes = _sizes(path, number, words)
                continue
            for word in words:
                literal = _checked_literal(path, number, word, sizes[0])
                length = length + 1 if literal else 0
                if literal == 0 and (not literals or literals[-1] == 0):
                    raise fault(path, "Clause must have a literal, not be empty (nothing satisfies it)", number)
                literals.append(literal)
    if sizes is None:
        raise fault(path, "Header must be 'p cnf n m', not absent")
    if length:
        raise fault(path, "Last clause must end with 0, not with the file (truncated?)", number)
    return *sizes, np.array(literals, dtype=np.int64)


def _sizes(path, number, words):
    """Return the numbers of variables and clauses that the header states."""
    sound = len(words) == 4 and words[:2] == ["p", "cnf"] and all(re.fullmatch("[0-9]{1,18}", w) for w in words[2:])
    if not sound:
        raise fault(path, f"Header must be 'p cnf n m', not {shown(' '.join(words))}", number)
    if not 1 <= int(words[2]) <= MAX_SPINS:
        raise fault(path, f"Number of variables must be in 1..{MAX_SPINS}, not {words[2]}", number)
    check_spin_count(path, int(words[2]), number)
    return int(words[2]), int(words[3])


def _checked_literal(path, number, word, n_variables):
    """Return the literal that ``word`` spells."""
    if not _LITERAL.fullmatch(word):
        raise fault(path, f"Literal must be an integer, not {shown(word)}", number)
    if abs(int(word)) > n_variables:
        raise fault(path, f"Variable must be in 1..{n_variables}, not {abs(int(word))}", number)
    return int(word)
