"""Clauses of any length as clauses of three literals, by variables that stand for products."""

from __future__ import annotations

import numpy as np

MAX_LITERALS = 3


def shortened(n_variables, literals, lengths):
    r"""Return clauses of at most three literals, and the products that they were shortened by.

    With z = 1 where a literal is false, a clause z1 z2 ... zk of more than three literals becomes w z3 ... zk with a
    variable w that stands for z1 z2 (see `penalty_model`), again and again.

    Parameters
    ----------
    n_variables : int
        Variables so far; the new ones are numbered from n_variables + 1.
    literals : ndarray, shape (sum of lengths,), int64
        Literals +-v of all clauses, one clause after the other.
    lengths : ndarray, shape (m,), int64
        Literals of each clause.

    Returns
    -------
    clauses : ndarray, shape (m, 3), int64
        Padded with zeros at the end; a clause that always holds may be one that still does.
    products : ndarray, shape (p, 3), int64
        Literals z1 and z2 and the literal -w, which is false where w is true, of each new variable w.
    owners : ndarray, shape (p,), int64
        Number of the clause that each product serves.
    """
    clauses = np.zeros((len(lengths), MAX_LITERALS), dtype=np.int64)
    ends = np.cumsum(lengths)
    short = lengths <= MAX_LITERALS
    clauses[(np.arange(MAX_LITERALS) < lengths[:, None]) & short[:, None]] = literals[np.repeat(short, lengths)]
    products, owners = [], []
    for number in np.flatnonzero(~short).tolist():
        clause = list(dict.fromkeys(literals[ends[number] - lengths[number] : ends[number]].tolist()))
        if len({abs(literal) for literal in clause}) < len(clause):  # some variable with both signs
            clause = [1, -1]
        rest = clause[:0:-1]  # the last literal first, so that taking the next one costs nothing
        first = clause[0]
        while len(rest) >= MAX_LITERALS:
            product = -(n_variables + len(products) + 1)
            products.append((first, rest.pop(), product))
            owners.append(number)
            first = product
        clauses[number, : 1 + len(rest)] = [first, *reversed(rest)]
    return clauses, np.array(products, dtype=np.int64).reshape(-1, 3), np.array(owners, dtype=np.int64)
