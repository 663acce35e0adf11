"""Weighted formulas (``.wcnf``) of both layouts: ``p wcnf n m top``, and hard clauses marked by ``h``."""

from __future__ import annotations

import numpy as np

from ...spec.model_size import MAX_SPINS
from ..faults import check_spin_count, fault, named, shown
from ..long_clauses import shortened
from ..sat import penalty_model
from .lines import open_text
from .triples import finite, integer


def read_wcnf(path):
    """Read clauses with weights; the energy is the weight of the violated ones, up to the offset of the notes.

    A hard clause weighs 1 more than all soft ones together (notes: ``hard_weight``), so that no ground state violates
    one that need not be.

    Parameters
    ----------
    path : str or Path
        The file, a clause on each line: its weight, its literals and 0. With a header ``p wcnf n m top`` weights of
        ``top`` or more are hard; without, a clause that begins with ``h`` is.

    Returns
    -------
    EdgeList

    References
    ----------
    maxhs.org/docs/wdimacs.html; maxsat-evaluations.github.io/2020/format.html, for the layout without a header.
    """
    header, weights, clauses = None, [], []
    with open_text(path) as handle:
        for number, line in enumerate(handle, start=1):
            words = line.split()
            if not words or words[0].startswith("c"):
                continue
            if words[0] == "p" and header is None and not clauses:
                header = _header(path, words, number)
                continue
            weights.append(_weight(path, words, header, number))
            clauses.append(_literals(path, words[1:], number))
    n_variables = _checked_sizes(path, header, clauses)
    return _model(path, n_variables, np.array(weights), clauses)


def _header(path, words, number):
    """Return the numbers of variables and clauses, and the weight from which clauses are hard."""
    if words[:2] != ["p", "wcnf"] or len(words) not in (4, 5):
        raise fault(path, f"Header must be 'p wcnf n m top', not {shown(' '.join(words))}", number)
    sizes = [integer(path, word, number, "Number in the header") for word in words[2:4]]
    if not 1 <= sizes[0] <= MAX_SPINS:
        raise fault(path, f"Number of variables must be in 1..{MAX_SPINS}, not {sizes[0]}", number)
    return (*sizes, finite(path, words[4], number, "Top weight") if len(words) == 5 else np.inf)


def _weight(path, words, header, number):
    """Return the weight of a clause, infinite if it is hard."""
    if header is None and words[0] == "h":
        return np.inf
    weight = finite(path, words[0], number, "Weight")
    if weight <= 0:
        raise fault(path, f"Weight must be above 0, not {shown(words[0])}", number)
    return np.inf if header is not None and weight >= header[2] else weight


def _literals(path, words, number):
    """Return the literals of a clause, which ends with 0."""
    literals = [integer(path, word, number, "Literal") for word in words]
    if literals[-1:] != [0] or 0 in literals[:-1]:
        raise fault(path, f"Clause must end with its only 0, not be {shown(' '.join(words))} (truncated?)", number)
    if len(literals) == 1:
        raise fault(path, "Clause must have a literal, not be empty (nothing satisfies it)", number)
    return literals[:-1]


def _checked_sizes(path, header, clauses):
    """Return the number of variables; refuse counts that are not those of the header."""
    if not clauses:
        raise fault(path, "Formula must have a clause, not be empty")
    highest = max(abs(literal) for clause in clauses for literal in clause)
    n_variables = highest if header is None else header[0]
    if highest > n_variables:
        raise fault(path, f"Variable must be in 1..{n_variables}, not {highest}")
    if header is not None and header[1] != len(clauses):
        truncated = " (truncated?)" if len(clauses) < header[1] else ""
        rule = f"be the {header[1]} that the header promises, not {len(clauses)}{truncated}"
        raise fault(path, f"Number of clauses must {rule}")
    check_spin_count(path, n_variables)
    return n_variables


def _model(path, n_variables, weights, clauses):
    """Return the penalty model, hard clauses weighing 1 more than all soft ones."""
    hard = np.isinf(weights)
    with np.errstate(over="ignore"):
        hard_weight = float(1.0 + weights[~hard].sum())
    if not np.isfinite(hard_weight * len(clauses)):
        raise fault(path, "Sum of the weights must be finite, not overflow")
    weights = np.where(hard, hard_weight, weights)
    literals = np.array([literal for clause in clauses for literal in clause], dtype=np.int64)
    short, *products = shortened(n_variables, literals, np.array([len(clause) for clause in clauses]))
    with named(path):
        model = penalty_model(n_variables, short, weights, products)
    model.notes["hard_weight"] = hard_weight if hard.any() else None
    return model
