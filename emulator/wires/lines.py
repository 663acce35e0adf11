"""Kernels of single lines: what the cells of a row or column do to its potential, and back.

A line carries the currents of its cells to one terminal. The *drop* of a node is how far its potential lies from that
of the terminal's source. With the resistance r of a segment and r_first of the link to the terminal, the drops D that
cell currents I cause obey T D = I, T being the tridiagonal conductance matrix of the line. All kernels work on r T,
where no entry grows when wires become ideal, and eliminate from the far end, where every step adds positive numbers:
nothing cancels.

Arrays have shape (n_rows, n_cols), float64. ``first`` is r_first of every line [ohm]; infinity marks a floating line.
Rows are walked four at a time where that pays, since each step of a row waits for the one before: 3 times faster at 256
columns.
"""

import numpy as np
from numba import njit


@njit(cache=True)
def factor_columns(conductance, segment, first):
    """Return the elimination factors of (T + G) for columns whose terminal is at the bottom.

    Returns
    -------
    inverse : ndarray, shape (n_rows, n_cols)
        1 / (1 + S), S the scaled conductance seen from a node towards the far end.
    last : ndarray, shape (n_cols,)
        The pivot's inverse at the terminal's node.
    """
    n_rows, n_cols = conductance.shape
    inverse = np.empty((n_rows, n_cols))
    last = np.empty(n_cols)
    seen = np.zeros(n_cols)
    for i in range(n_rows):
        for j in range(n_cols):
            seen[j] = segment * conductance[i, j] + (seen[j] * inverse[i - 1, j] if i > 0 else 0.0)
            inverse[i, j] = 1.0 / (1.0 + seen[j])
    for j in range(n_cols):
        pivot = segment / first[j] + seen[j]
        last[j] = 1.0 / pivot if pivot > 0 else 0.0
    return inverse, last


@njit(cache=True)
def solve_columns(factors, segment, sources, drops):
    """Write (T + G)^-1 of ``sources`` [A] into ``drops`` [V]; columns, terminal at the bottom, ``segment`` > 0."""
    inverse, last = factors
    n_rows, n_cols = sources.shape
    for j in range(n_cols):
        drops[0, j] = segment * sources[0, j]
    for i in range(1, n_rows):
        for j in range(n_cols):
            drops[i, j] = segment * sources[i, j] + inverse[i - 1, j] * drops[i - 1, j]
    for j in range(n_cols):
        drops[n_rows - 1, j] *= last[j]
    for i in range(n_rows - 2, -1, -1):
        for j in range(n_cols):
            drops[i, j] = inverse[i, j] * (drops[i, j] + drops[i + 1, j])


@njit(cache=True)
def factor_rows(conductance, segment, first):
    """Return the elimination factors of (T + G) for rows whose terminal is at the left; see `factor_columns`."""
    n_rows, n_cols = conductance.shape
    inverse = np.empty((n_rows, n_cols))
    seen = np.empty(n_rows)
    for i in range(0, n_rows - 3, 4):
        _factor_four_rows(conductance, segment, inverse, seen, i)
    for i in range(n_rows - n_rows % 4, n_rows):
        a = 0.0
        for j in range(n_cols - 1, -1, -1):
            a = segment * conductance[i, j] + (a * inverse[i, j + 1] if j < n_cols - 1 else 0.0)
            inverse[i, j] = 1.0 / (1.0 + a)
        seen[i] = a
    last = np.empty(n_rows)
    for i in range(n_rows):
        pivot = segment / first[i] + seen[i]
        last[i] = 1.0 / pivot if pivot > 0 else 0.0
    return inverse, last


@njit(cache=True)
def _factor_four_rows(conductance, segment, inverse, seen, i):
    g_0, g_1, g_2, g_3 = conductance[i], conductance[i + 1], conductance[i + 2], conductance[i + 3]
    inverse_0, inverse_1, inverse_2, inverse_3 = inverse[i], inverse[i + 1], inverse[i + 2], inverse[i + 3]
    a = b = c = d = 0.0
    p = q = r = s = 0.0
    for j in range(len(g_0) - 1, -1, -1):
        a, b = segment * g_0[j] + a * p, segment * g_1[j] + b * q
        c, d = segment * g_2[j] + c * r, segment * g_3[j] + d * s
        p, q, r, s = 1.0 / (1.0 + a), 1.0 / (1.0 + b), 1.0 / (1.0 + c), 1.0 / (1.0 + d)
        inverse_0[j], inverse_1[j], inverse_2[j], inverse_3[j] = p, q, r, s
    seen[i], seen[i + 1], seen[i + 2], seen[i + 3] = a, b, c, d


@njit(cache=True)
def lumped_columns(total, first, sources, drops):
    """As `solve_columns` for segments without resistance: each column is one node; ``total`` is its conductance [S]."""
    n_rows, n_cols = sources.shape
    for j in range(n_cols):
        current = 0.0
        for i in range(n_rows):
            current += sources[i, j]
        drop = lumped_drop(current, total[j], first[j])
        for i in range(n_rows):
            drops[i, j] = drop


@njit(cache=True)
def lumped_drop(current, total, first):
    """Return the drop of one node with conductance ``total`` that ``first`` links to its terminal."""
    if np.isinf(first):
        return current / total if total > 0 else 0.0
    return first * current / (1.0 + first * total)


@njit(cache=True)
def add_row_stiffness(drops, segment, first, out):
    """Add T of the rows times ``drops`` to ``out`` [A]: the currents that leave each node along the line."""
    n_rows, n_cols = drops.shape
    for i in range(n_rows):
        if segment == 0:
            if first[i] > 0 and not np.isinf(first[i]):
                share = drops[i, 0] / (first[i] * n_cols)  # only the sum over the line has a meaning
                for j in range(n_cols):
                    out[i, j] += share
        else:
            row, into = drops[i], out[i]
            link = 1.0 / segment
            into[0] += row[0] / first[i]
            if n_cols > 1:
                into[0] += link * (row[0] - row[1])
                into[n_cols - 1] += link * (row[n_cols - 1] - row[n_cols - 2])
            for j in range(1, n_cols - 1):
                into[j] += link * ((row[j] - row[j - 1]) - (row[j + 1] - row[j]))
