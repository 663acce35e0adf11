"""How noise of the cells reaches the columns through resistive lines: exact to first order, by the adjoint."""

from __future__ import annotations

import numpy as np

from .nodal import Network


def transfer(network, tolerance=1e-12):
    """Return what part of a cell's extra current leaves by each column.

    A cell at voltage v whose conductance grows by dG changes the current of column j by ``a_j v dG``, where a_j is the
    voltage over the cell when column j alone is at 1 V: the adjoint field. With ideal wires it is 1 in column j and 0
    elsewhere.

    Parameters
    ----------
    network : Network
        The array.
    tolerance : float
        Relative error of each solution.

    Returns
    -------
    ndarray, shape (n_cols, n_rows, n_cols), float64
        ``a[j]`` is the field of column j [1].
    """
    cells = network.conductance_S
    n_cols = cells.shape[1]
    fields = np.empty((n_cols, *cells.shape))
    for j in range(n_cols):
        sources = np.zeros_like(cells)
        sources[:, j] = cells[:, j]
        rows, columns, _, _ = network.drops(sources, tolerance)
        fields[j] = -(rows + columns)
        fields[j][:, j] += 1.0
    return fields


def current_variance_A2(conductance_S, sigma_S, voltages_V, wires, tolerance=1e-12):
    r"""Return the variance of the column currents for independent noise of the cells, to first order in that noise.

    .. math:: \mathrm{var}(I_j) = \sum_{ik} (a_{j,ik} v_{ik})^2 \sigma_{ik}^2

    Parameters
    ----------
    conductance_S, sigma_S : ndarray, shape (n_rows, n_cols), float64
        Cells, and the standard deviation of each [S].
    voltages_V : ndarray, shape (n_batch, n_rows), float64
        Input vectors [V].
    wires : Wires
        Resistances.
    tolerance : float
        Relative error of the fields.

    Returns
    -------
    ndarray, shape (n_batch, n_cols), float64
        Variances [A^2]; ``voltages^2 @ sigma^2`` with ideal wires.
    """
    voltages, variance = np.atleast_2d(np.asarray(voltages_V, dtype=np.float64)), np.square(sigma_S)
    if wires.are_ideal:
        return np.square(voltages) @ variance
    network = Network(conductance_S, wires)
    cells = network.conductance_S
    weights = np.empty((len(voltages), cells.size))
    for k, vector in enumerate(voltages):
        rows, columns, _, _ = network.drops(cells * vector[:, None], tolerance)
        weights[k] = (np.square(vector[:, None] - rows - columns) * variance).ravel()
    fields = np.square(transfer(network, tolerance)).reshape(cells.shape[1], -1)
    return weights @ fields.T
