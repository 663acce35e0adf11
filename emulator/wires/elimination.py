"""Arrays with resistive lines as one dense matrix a row: eliminated from the far end of the columns, row by row.

Seen from its column nodes at potentials b, a row with its source at V gives the currents a V - P b. The rows above one
row are an admittance Y and short-circuit currents C; one more segment of the columns, r, and one more row make them

    Y' = M Y + P,    C' = (M C, a),    M = (1 + r Y)^-1.

Y is symmetric and positive semidefinite and bounded by P + 1/r, so that no step is worse conditioned than 2 + r G.
P and a come from sums of positive numbers only, so that neither ideal wires nor strong ones cancel anything.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.linalg.lapack import dpotrf, dpotrs

KEPT_BYTES = 2**28


@njit(cache=True)
def row_law(cells, lines, i, admittance, currents):
    """Write P and a of row ``i`` into ``admittance``, shape (n_cols, n_cols), and ``currents``, shape (n_cols,) [S].

    Off the diagonal P is -G_j H_jk G_k, where H_jk is the drop at j of a current at k; a_j = G_j w_j is its row sum,
    where w is the profile of the row at 1 V with grounded columns.
    """
    line, n_cols = cells[i], cells.shape[1]
    segment, first = lines[0], lines[1][i]
    shrink, profile, onset = _row_profile(line, segment, first)
    for j in range(n_cols):
        currents[j] = line[j] * profile[j]
        admittance[j, j] = 0.0
    for k in range(n_cols):
        # A current at k enters the line with the drops that lie to its left, and falls off to its right.
        drop = onset[k]
        for j in range(k + 1, n_cols):
            drop *= shrink[j]
            coupling = line[j] * drop * line[k]
            admittance[j, k] = admittance[k, j] = -coupling
            admittance[j, j] += coupling
            admittance[k, k] += coupling
    for j in range(n_cols):
        admittance[j, j] += currents[j]


@njit(cache=True)
def row_potentials(line, segment, first, columns, potentials):
    """Write the potentials of a row with its source at 0 V, for columns at given ones; both shape (n_cols, n_cases)."""
    n_cols, n_cases = columns.shape
    right = 0.0
    shrink = np.empty(n_cols)
    for k in range(n_cols - 1, -1, -1):
        passed = shrink[k + 1] if k < n_cols - 1 else 0.0
        right = line[k] + right * passed
        shrink[k] = 1.0 / (1.0 + segment * right)
        for j in range(n_cases):
            further = passed * potentials[k + 1, j] if k < n_cols - 1 else 0.0
            potentials[k, j] = line[k] * columns[k, j] + further
    for j in range(n_cases):
        potentials[0, j] *= first / (1.0 + first * right)
    for k in range(1, n_cols):
        for j in range(n_cases):
            potentials[k, j] = shrink[k] * (potentials[k - 1, j] + segment * potentials[k, j])


@njit(cache=True)
def _row_profile(line, segment, first):
    """Return how potentials pass from node to node, the potential of each for 1 V at the source, and H_kk [ohm].

    H_kk is what lies to the left of node k in parallel with what lies to its right.
    """
    n_cols = len(line)
    shrink, profile, onset = np.ones(n_cols), np.ones(n_cols), np.empty(n_cols)
    right = np.zeros(n_cols)  # conductance of node j and all to its right
    for j in range(n_cols - 1, -1, -1):
        right[j] = line[j] + (right[j + 1] * shrink[j + 1] if j < n_cols - 1 else 0.0)
        shrink[j] = 1.0 / (1.0 + segment * right[j])
    profile[0] = 0.0 if np.isinf(first) else 1.0 / (1.0 + first * right[0])
    left = first  # resistance from node j to the source
    for j in range(n_cols):
        if j > 0:
            profile[j] = profile[j - 1] * shrink[j]
            left = segment + (1.0 / line[j - 1] if np.isinf(left) else left / (1.0 + left * line[j - 1]))
        onset[j] = 1.0 / right[j] if np.isinf(left) else left / (1.0 + left * right[j])
    return shrink, profile, onset


def fold(network):
    """Return Y and C of the whole array, before the link of its columns to their terminals.

    Returns
    -------
    admittance : ndarray, shape (n_cols, n_cols), float64
        Admittance matrix Y [S].
    currents : ndarray, shape (n_cols, n_rows), float64
        C: the short-circuit currents of the columns for 1 V at each row [S].
    """
    n_rows, n_cols = network.conductance_S.shape
    state, law = np.zeros((n_cols, n_cols + n_rows), order="F"), _room(n_cols)
    for i in range(n_rows):
        if i > 0:
            _pass(_segment_factor(state, network.lines[2]), state[:, : n_cols + i])
        state[:, n_cols + i] = _add_row(network, i, state, law)
    return state[:, :n_cols], state[:, n_cols:]


def sweep_back(network, voltages_V, link_ohm):
    """Yield the potentials of the column nodes, from the last row to the first.

    What a row left behind is kept for as many rows as `KEPT_BYTES` hold, sqrt(n_rows) at least; states before that are
    kept at the first row of every such block, and the rest is computed again.

    Parameters
    ----------
    network : Network
        The array; all lines have terminals.
    voltages_V : ndarray, shape (n_batch, n_rows)
        Sources of the rows [V].
    link_ohm : float
        Resistance from the last node of a column to its terminal [ohm].

    Yields
    ------
    row : int
    potentials : ndarray, shape (n_cols, n_cols + n_batch), float64
        First with the terminal of each column at 1 V and all rows at 0 V, then with the sources; overwritten [V].
    """
    n_rows, n_cols = network.conductance_S.shape
    segment, stride = network.lines[2], _rows_kept(n_rows, n_cols, len(voltages_V))
    state, law = np.zeros((n_cols, n_cols + len(voltages_V)), order="F"), _room(n_cols)
    kept, steps, factor = [], [], None
    for i in range(n_rows):
        if i % stride == 0:
            kept.append((state.copy(order="F"), factor))
            steps = []
        factor = _step(network, i, voltages_V, state, (law, factor))
        steps.append((i, factor, state[:, n_cols:].copy(order="F")))
    potentials = np.asfortranarray(np.hstack([np.eye(n_cols), link_ohm * state[:, n_cols:]]))
    _pass(_segment_factor(state, link_ohm), potentials)
    for start in range((n_rows - 1) // stride * stride, -1, -stride):
        state, factor = kept.pop()
        for i in range(start, start + stride) if not steps else ():
            factor = _step(network, i, voltages_V, state, (law, factor))
            steps.append((i, factor, state[:, n_cols:].copy(order="F")))
        while steps:
            i, factor, currents = steps.pop()
            if i < n_rows - 1:  # (1 + r Y) b = b of the row below + r C
                potentials[:, n_cols:] += segment * currents
                _pass(factor, potentials)
            yield i, potentials


def _rows_kept(n_rows, n_cols, n_batch):
    """Return how many rows are kept at once."""
    return int(np.clip(KEPT_BYTES // (8 * n_cols * (n_cols + n_batch)), np.ceil(np.sqrt(n_rows)), n_rows))


def _step(network, i, voltages_V, state, room):
    """Let ``state`` take in row ``i`` and return the factor of the segment that follows."""
    law, factor = room
    _pass(factor, state)
    state[:, len(state) :] += np.outer(_add_row(network, i, state, law), voltages_V[:, i])
    return _segment_factor(state, network.lines[2])


def _room(n_cols):
    return np.empty((n_cols, n_cols)), np.empty(n_cols)


def _add_row(network, i, state, law):
    """Add P of row ``i`` to the admittance in ``state`` and return a."""
    admittance, currents = law
    row_law(network.conductance_S, network.lines, i, admittance, currents)
    state[:, : len(state)] += admittance.T  # symmetric; turned to the order of the state
    return currents


def _segment_factor(state, resistance):
    """Return the Cholesky factor of 1 + r Y; None stands for 1."""
    if resistance == 0:
        return None
    matrix = resistance * state[:, : len(state)]
    matrix.T.flat[:: len(matrix) + 1] += 1.0
    return dpotrf(matrix, lower=1, overwrite_a=1)[0]


def _pass(factor, columns):
    """Solve (1 + r Y) x = ``columns`` in place; Fortran order."""
    if factor is None:
        return
    solved = dpotrs(factor, columns, lower=1, overwrite_b=1)[0]
    if not np.shares_memory(solved, columns):
        columns[:] = solved
