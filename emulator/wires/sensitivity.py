r"""How noise of the cells reaches the columns through resistive lines: exact to first order, by the adjoint.

A cell at voltage v whose conductance grows by dG changes the current of column j by a_j v dG, where a_j is the voltage
over that cell when the terminal of column j alone is at 1 V: the adjoint field. With ideal wires it is 1 in column j
and 0 elsewhere.
"""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError
from .elimination import row_potentials, sweep_back
from .nodal import Network


def current_variance_A2(conductance_S, sigma_S, voltages_V, wires):
    r"""Return the variance of the column currents for independent noise of the cells, to first order in that noise.

    .. math:: \mathrm{var}(I_j) = \sum_{ik} (a_{j,ik} v_{ik})^2 \sigma_{ik}^2

    Both fields come from one elimination of the rows, some 7 n_cols^3 operations each, and are never stored.

    Parameters
    ----------
    conductance_S, sigma_S : ndarray, shape (n_rows, n_cols), float64
        Cells, and the standard deviation of each [S].
    voltages_V : ndarray, shape (n_rows,) or (n_batch, n_rows), float64
        Input vectors [V].
    wires : Wires
        Resistances of the wires along rows and columns.

    Returns
    -------
    ndarray, shape (n_batch, n_cols), float64
        Variances [A^2]; ``voltages^2 @ sigma^2`` with ideal wires.

    Raises
    ------
    InputError
        If shapes do not fit.
    """
    voltages, variance = np.atleast_2d(np.asarray(voltages_V, dtype=np.float64)), np.square(sigma_S)
    network = Network(conductance_S, wires)
    n_rows, n_cols = network.conductance_S.shape
    if variance.shape != (n_rows, n_cols) or voltages.ndim != 2 or voltages.shape[1] != n_rows:
        text = f"Noise and voltages must have shapes ({n_rows}, {n_cols}) and (n_batch, {n_rows})"
        raise InputError(f"{text}, not {variance.shape} and {voltages.shape}")
    if wires.are_ideal:
        return np.square(voltages) @ variance
    total = np.zeros((len(voltages), n_cols))
    for i, across in _cell_voltages(network, voltages, wires):
        np.square(across, out=across)
        total += (across[:, n_cols:].T * variance[i]) @ across[:, :n_cols]
    return total


def adjoint_fields(conductance_S, wires):
    """Return what part of a cell's extra current leaves by each column.

    Returns
    -------
    ndarray, shape (n_cols, n_rows, n_cols), float64
        ``a[j]`` is the field of column j [1].
    """
    network = Network(conductance_S, wires)
    n_rows, n_cols = network.conductance_S.shape
    fields = np.empty((n_cols, n_rows, n_cols))
    for i, across in _cell_voltages(network, np.zeros((0, n_rows)), wires):
        fields[:, i, :] = across.T
    return fields


def _cell_voltages(network, voltages, wires):
    """Yield a row and the voltages over its cells, last row first: the adjoint fields, then those of the inputs.

    The array of shape (n_cols, n_cols + n_batch) is overwritten by the next row.
    """
    cells, lines = network.conductance_S, network.lines
    n_cols = cells.shape[1]
    columns, rows = np.empty((2, n_cols, n_cols + len(voltages)))
    for i, potentials in sweep_back(network, voltages, wires.column_ohm + wires.sense_ohm):
        np.copyto(columns, potentials)
        columns[:, n_cols:] -= voltages[:, i]  # all potentials of the row are counted from its source
        row_potentials(cells[i], lines[0], lines[1][i], columns, rows)
        columns -= rows
        yield i, columns
