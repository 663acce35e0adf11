"""Published approximations of wire resistance, behind one call each, to be held against the exact solution.

All take ``(conductance_S, voltages_V, wires)``, shapes (n_rows, n_cols) and (n_rows,), and return column currents [A].
None is exact; `errors` says by how much they miss.
"""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError
from .nodal import solve

PICARD_STEPS = 200


def fast_polynomial(conductance_S, voltages_V, wires):
    """Return the fast form of aihwkit: one polynomial a column; row wires are taken as ideal.

    With the load a = n R sum G |V| / V_max of a column of n cells, c = a (a (0.05 a - 0.2) + 0.5) and the distance d
    of a cell from the sense end, each current falls by its share c (1 - (1 - d/n)^2).

    Source: aihwkit, forward pass with ``ir_drop``; Rasch et al., arXiv:2104.02184.
    """
    n_rows = len(conductance_S)
    largest = np.abs(voltages_V).max()
    load = n_rows * wires.column_ohm * (np.abs(voltages_V) @ conductance_S) / (largest or 1.0)
    share = load * (load * (0.05 * load - 0.2) + 0.5)
    distance = np.arange(n_rows, 0, -1) / n_rows
    return voltages_V @ conductance_S - share * ((voltages_V * (1.0 - (1.0 - distance) ** 2)) @ conductance_S)


def thevenin(conductance_S, voltages_V, wires):
    """Return the columns folded from their far end as Thevenin sources; row wires are taken as ideal.

    A source (v', r') behind one more segment meets a cell (V, 1/G): r = (r' + R) || 1/G. With ideal rows this is exact.

    Source: aihwkit, ``IRDropT``; arXiv:2506.00004.
    """
    link = np.zeros(conductance_S.shape[1])  # conductance and short-circuit current of what is folded so far
    current = np.zeros_like(link)
    for cells, voltage in zip(conductance_S, voltages_V, strict=True):
        shrink = 1.0 / (1.0 + wires.column_ohm * link)
        link, current = link * shrink + cells, current * shrink + cells * voltage
    return current / (1.0 + (wires.column_ohm + wires.sense_ohm) * link)


def picard(conductance_S, voltages_V, wires):
    """Return the fixed point of "currents give drops, drops give currents", relaxed until it settles.

    The relaxation is halved when the error grows, as CrossSim lowers its own. Strong wires leave it unsettled, which is
    why it counts as approximate: at most 200 steps are made, and what is there is returned.

    Source: CrossSim 3, parasitic resistance solver.
    """
    source = voltages_V[:, None]
    drops, before, relaxation = np.zeros_like(conductance_S), np.inf, 0.9
    for _ in range(PICARD_STEPS):
        currents = conductance_S * (source - drops)
        error = _drops_of(currents, wires) - drops
        size = np.abs(error).max()
        if size < 1e-12 * np.abs(voltages_V).max():
            break
        relaxation = 0.5 * relaxation if size > before else relaxation
        drops, before = drops + relaxation * error, size
    return currents.sum(axis=0)


def _drops_of(currents, wires):
    """Return the drops along rows and columns that given cell currents cause [V]."""
    along_rows = wires.row_ohm * np.cumsum(currents[:, ::-1], axis=1)[:, ::-1]
    along_rows[:, 0] += wires.driver_ohm * currents.sum(axis=1)
    along_columns = wires.column_ohm * np.cumsum(currents, axis=0)
    along_columns[-1] += wires.sense_ohm * currents.sum(axis=0)
    return np.cumsum(along_rows, axis=1) + np.cumsum(along_columns[::-1], axis=0)[::-1]


def equal_currents(conductance_S, voltages_V, wires):
    """Return each cell in series with the wires that it would see if all cells carried the same current.

    A segment that n cells share counts n times: row segments carry n_cols, n_cols - 1, ... cells from the driver on,
    column segments 1, 2, ..., n_rows down to the sense end.

    Source: Jeong et al., IEEE Trans. Nanotechnol. 17, 184 (2018), as in alambertini01/Crossbar_Models_Comparison, where
    the column's last segment carries one cell and the first all; here the last one, which leads to the sense end, does.
    """
    series = _drops_of(np.ones(conductance_S.shape), wires)
    return voltages_V @ (conductance_S / (1.0 + conductance_S * series))


def diagonal_regression(conductance_S, voltages_V, wires):
    """Return G scaled by one factor a row and one a column, from the mean cell of each (DMR).

    The far end of a line of mean cells g is taken to carry u: node i then lies at u (1 + R sum_k<i (i - k) g_k), which
    ends at the terminal's potential. Its share of that is the factor.

    Source: alambertini01/Crossbar_Models_Comparison, DMRModel; terminal resistances added by the same argument.
    """
    along_columns = _shares(conductance_S.mean(axis=1)[:, None], wires.column_ohm, wires.sense_ohm)
    along_rows = _shares(conductance_S.mean(axis=0)[::-1, None], wires.row_ohm, wires.driver_ohm)[::-1]
    return voltages_V @ (along_columns * conductance_S * along_rows.T)


def alpha_beta(conductance_S, voltages_V, wires):
    """Return G scaled by a factor along its column and one along its row, each from the cells of that line alone.

    Source: alambertini01/Crossbar_Models_Comparison, alpha-beta model, as `diagonal_regression` without the means.
    """
    alpha = _shares(conductance_S, wires.column_ohm, wires.sense_ohm)
    beta = _shares(conductance_S[:, ::-1].T, wires.row_ohm, wires.driver_ohm).T[:, ::-1]
    return voltages_V @ (alpha * conductance_S * beta)


def _shares(cells, segment, terminal):
    """Return potentials along axis 0 over that of the terminal at its end, if every cell saw the first node's."""
    carried = np.cumsum(cells, axis=0)  # by the link that follows each cell, for 1 V at all of them
    rises = np.vstack([np.zeros((1, cells.shape[1])), segment * np.cumsum(carried, axis=0)])
    return (1.0 + rises[:-1]) / (1.0 + rises[-1] + terminal * carried[-1])


APPROXIMATIONS = {
    "fast-polynomial": fast_polynomial,
    "thevenin": thevenin,
    "picard": picard,
    "equal-currents": equal_currents,
    "diagonal-regression": diagonal_regression,
    "alpha-beta": alpha_beta,
}


def approximation(name):
    """Return a published approximation by name.

    Raises
    ------
    InputError
        If there is none of that name; the text lists them.
    """
    if name not in APPROXIMATIONS:
        raise InputError(f"Approximation must be one of {', '.join(APPROXIMATIONS)}, not {name!r}")
    return APPROXIMATIONS[name]


def errors(conductance_S, voltages_V, wires):
    """Return how far each approximation, and neglect of the wires, misses the exact column currents.

    Returns
    -------
    dict of str to float
        Largest error of a column over the largest exact current [1]; "ideal wires" is the price of neglect.
    """
    exact = solve(conductance_S, voltages_V, wires).currents_A
    found = {name: method(conductance_S, voltages_V, wires) for name, method in APPROXIMATIONS.items()}
    found["ideal wires"] = voltages_V @ conductance_S
    return {name: float(np.abs(value - exact).max() / np.abs(exact).max()) for name, value in found.items()}
