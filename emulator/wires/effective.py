"""The linear operator that an array with resistive lines is: computed once, then every product is a matrix product."""

from __future__ import annotations

import numpy as np

from .elimination import fold
from .nodal import Network
from .wires import Wires


def effective_conductance_S(conductance_S, wires):
    """Return G_eff with ``currents = voltages @ G_eff``, exact for linear devices.

    Rows are eliminated one by one, some 4 n_cols^3 operations each; by reciprocity an array with more columns than rows
    is turned round.

    Parameters
    ----------
    conductance_S : ndarray, shape (n_rows, n_cols), float64
        Conductance of each cell [S].
    wires : Wires
        Resistances of the wires along rows and columns.

    Returns
    -------
    ndarray, shape (n_rows, n_cols), float64
        Effective conductances [S]; the cells themselves if the wires are ideal.
    """
    network = Network(conductance_S, wires)
    cells = network.conductance_S
    if wires.are_ideal:
        return cells.copy()
    if cells.shape[1] > cells.shape[0]:
        return effective_conductance_S(turned(cells), turned_wires(wires))[::-1, ::-1].T.copy()
    admittance, currents = fold(network)
    link = wires.column_ohm + wires.sense_ohm
    return np.linalg.solve(np.eye(len(admittance)) + link * admittance, currents).T


def turned(cells):
    """Return the array turned round: columns as rows whose first cell is nearest to the terminal."""
    return np.ascontiguousarray(cells[::-1, ::-1].T)


def turned_wires(wires):
    """Return the wires of the array turned round."""
    return Wires(wires.column_ohm, wires.row_ohm, wires.sense_ohm, wires.driver_ohm)
