"""The linear operator that an array with resistive lines is: computed once, then every product is a matrix product."""

from __future__ import annotations

import numpy as np

from .nodal import Network


def effective_conductance_S(conductance_S, wires, tolerance=1e-12):
    """Return G_eff with ``currents = voltages @ G_eff``, exact for linear devices.

    A row at 1 V, all others at 0 V, gives one row of G_eff; by reciprocity a column at 1 V gives one column. The side
    with fewer lines is solved.

    Parameters
    ----------
    conductance_S : ndarray, shape (n_rows, n_cols), float64
        Cells [S].
    wires : Wires
        Resistances.
    tolerance : float
        Relative error of each solution, see `nodal.Network.drops`.

    Returns
    -------
    ndarray, shape (n_rows, n_cols), float64
        Effective conductances [S]; the cells themselves if the wires are ideal.
    """
    network = Network(conductance_S, wires)
    cells = network.conductance_S
    if wires.are_ideal:
        return cells.copy()
    n_rows, n_cols = cells.shape
    effective = np.empty_like(cells)
    if n_rows <= n_cols:
        for i in range(n_rows):
            effective[i] = row_response(network, i, tolerance).sum(axis=0)
    else:
        for j in range(n_cols):
            effective[:, j] = column_response(network, j, tolerance).sum(axis=1)
    return effective


def row_response(network, row, tolerance=1e-12):
    """Return the currents of all cells with one row at 1 V and every other terminal at 0 V.

    Returns
    -------
    ndarray, shape (n_rows, n_cols), float64
        Cell currents from row to column [A].
    """
    cells = network.conductance_S
    sources = np.zeros_like(cells)
    sources[row] = cells[row]
    return _cell_currents(network, sources, tolerance)


def column_response(network, column, tolerance=1e-12):
    """Return the currents of all cells, from column to row, with one column at 1 V and every other terminal at 0 V."""
    cells = network.conductance_S
    sources = np.zeros_like(cells)
    sources[:, column] = cells[:, column]
    return _cell_currents(network, sources, tolerance)


def _cell_currents(network, sources, tolerance):
    rows, columns, _, _ = network.drops(sources, tolerance)
    return sources - network.conductance_S * (rows + columns)
