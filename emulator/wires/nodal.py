"""Exact node voltages of a crossbar with resistive lines, at any ratio of wire to device.

With drops D_W of the row nodes and D_B of the column nodes, and cell currents I = C - G (D_W + D_B), where C = G V for
a linear array, both lines ask T_r D_W = I and T_c D_B = I. Columns are eliminated exactly,
D_B = (T_c + G)^-1 (C - G D_W), which leaves

    (T_r + G - G (T_c + G)^-1 G) D_W = C - G (T_c + G)^-1 C,

symmetric and positive definite. Conjugate gradients solve it, preconditioned by (T_r + G)^-1, line by line. Drops
instead of voltages keep full accuracy when wires are almost ideal; lines without resistance are single nodes, not
small resistors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError, SpinchipError
from .descent import column_currents, conjugate_gradients
from .lines import factor_columns, factor_rows
from .workspace import workspace


class ConvergenceError(SpinchipError, ArithmeticError):
    """A solution did not reach its tolerance; ``error`` is what it reached."""

    def __init__(self, text, error):
        super().__init__(text)
        self.error = error


@dataclass(frozen=True, eq=False)
class Solution:
    """Node voltages and currents of one array under one or several input vectors.

    Parameters
    ----------
    currents_A : ndarray, shape (n_cols,) or (n_batch, n_cols), float64
        Current out of every column [A].
    word_V, bit_V : ndarray, shape (n_rows, n_cols) or (n_batch, n_rows, n_cols), float64
        Voltages of the nodes where a cell meets its row, its column [V].
    iterations : int
        Most steps of conjugate gradients that an input vector took.
    residual_A : float
        Largest violation of Kirchhoff's current law at a node [A].
    """

    currents_A: np.ndarray
    word_V: np.ndarray
    bit_V: np.ndarray
    iterations: int
    residual_A: float


@dataclass(frozen=True, eq=False)
class Network:
    """The lines of one array, factored once for all its solutions.

    Parameters
    ----------
    conductance_S : ndarray, shape (n_rows, n_cols), float64
        Cells, 0 or more [S]; of a nonlinear array, the slopes.
    wires : Wires
        Resistances of the wires along rows and columns.
    driven : ndarray, shape (n_rows,), bool, optional
        Rows with a source; the others float. All by default.
    sensed : ndarray, shape (n_cols,), bool, optional
        Columns that are held at 0 V; the others float. All by default.
    """

    conductance_S: np.ndarray
    wires: object
    driven: np.ndarray | None = None
    sensed: np.ndarray | None = None

    def __post_init__(self):
        cells = np.ascontiguousarray(self.conductance_S, dtype=np.float64)
        if cells.ndim != 2 or cells.size == 0:
            raise InputError(f"Conductances must be a matrix, not of shape {cells.shape}")
        if not np.isfinite(cells).all() or cells.min() < 0:
            raise InputError("Conductances must be finite and 0 or more")
        n_rows, n_cols = cells.shape
        wires = self.wires
        row, column = float(wires.row_ohm), float(wires.column_ohm)  # kernels are compiled for one type
        row_first = _first(wires.driver_ohm + row, self.driven, n_rows, "driven")
        column_first = _first(wires.sense_ohm + column, self.sensed, n_cols, "sensed")
        object.__setattr__(self, "conductance_S", cells)
        object.__setattr__(self, "lines", (row, row_first, column, column_first))
        no_factors = (np.zeros((1, 1)), np.zeros(1))
        rows = factor_rows(cells, row, row_first) if row else no_factors
        columns = factor_columns(cells, column, column_first) if column else no_factors
        object.__setattr__(self, "factors", (rows, columns, cells.sum(axis=1), cells.sum(axis=0)))

    def drops(self, sources_A, tolerance=1e-12, out=None):
        """Return the drops that cells without them would cause.

        Parameters
        ----------
        sources_A : ndarray, shape (n_rows, n_cols), float64
            C: the cell currents, were there no drops [A].
        tolerance : float
            Largest error of the drops in the energy norm, relative to the energy that the sources stand for.
        out : pair of ndarray, optional
            Arrays into which the drops are written.

        Returns
        -------
        row_drops_V, column_drops_V : ndarray, shape (n_rows, n_cols)
            Voltage drops along rows and columns [V].
        iterations : int
        residual_A : float
            Largest violation of Kirchhoff's law [A].

        Raises
        ------
        ConvergenceError
            If the tolerance is not reached.
        """
        sources = np.ascontiguousarray(sources_A, dtype=np.float64)
        rows, columns = out or (np.empty_like(sources), np.empty_like(sources))
        steps, reached, residual = conjugate_gradients(
            self.conductance_S,
            sources,
            self.lines,
            self.factors,
            (rows, columns),
            workspace(sources.shape, 5)[:4],
            tolerance,
        )
        if not reached <= tolerance:
            text = (
                f"Node voltages must reach a tolerance of {tolerance:g}, not stop at {reached:.2g} after {steps} steps"
            )
            raise ConvergenceError(text, reached)
        return rows, columns, steps, residual


def _first(resistance, linked, n_lines, name):
    """Return the link of every line to its terminal [ohm]; infinite where it floats."""
    if linked is None:
        return np.full(n_lines, float(resistance))
    linked = np.asarray(linked, dtype=bool)
    if linked.shape != (n_lines,):
        raise InputError(f"Mask of {name} lines must have shape ({n_lines},), not {linked.shape}")
    return np.where(linked, float(resistance), np.inf)


def solve(conductance_S, voltages_V, wires, tolerance=1e-12, driven=None, sensed=None):
    """Return the exact solution of an array of linear devices.

    Parameters
    ----------
    conductance_S : ndarray, shape (n_rows, n_cols), float64
        Conductance of each cell [S].
    voltages_V : ndarray, shape (n_rows,) or (n_batch, n_rows), float64
        Sources at the left end of the rows [V]; those of floating rows do not count.
    wires : Wires
        Resistances of the wires along rows and columns.
    tolerance : float
        Relative error, see `Network.drops`.
    driven, sensed : ndarray of bool, optional
        Lines that are linked to a terminal, see `Network`.

    Returns
    -------
    Solution

    Raises
    ------
    ConvergenceError
        If the tolerance is not reached.
    InputError
        If shapes do not fit, or a number is not finite or a conductance negative.
    """
    network = Network(conductance_S, wires, driven, sensed)
    cells = network.conductance_S
    voltages = np.asarray(voltages_V, dtype=np.float64)
    batch = np.atleast_2d(voltages)
    if batch.ndim != 2 or batch.shape[1] != cells.shape[0] or not np.isfinite(batch).all():
        raise InputError(f"Voltages must be finite, {cells.shape[0]} a vector, not of shape {voltages.shape}")
    if driven is not None:
        batch = np.where(np.asarray(driven, dtype=bool), batch, 0.0)
    currents = np.empty((len(batch), cells.shape[1]))
    words, bits = np.empty((len(batch), *cells.shape)), np.empty((len(batch), *cells.shape))
    steps, residual = 0, 0.0
    for vector, current, word, bit in zip(batch, currents, words, bits, strict=True):
        sources = np.multiply(cells, vector[:, None], out=workspace(cells.shape, 5)[4])
        _, _, taken, left = network.drops(sources, tolerance, out=(word, bit))
        column_currents(cells, sources, (word, bit), current)
        np.subtract(vector[:, None], word, out=word)
        steps, residual = max(steps, taken), max(residual, left)
    _read_at_terminals(network, bits, currents)
    if voltages.ndim == 1:
        currents, words, bits = currents[0], words[0], bits[0]
    return Solution(currents, words, bits, steps, residual)


def _read_at_terminals(network, bits, currents):
    """Read currents off the links of columns to their terminals where that errs less than the sum over the cells.

    An error of the voltages counts 1 / link there and sum G in the sum. Floating columns carry nothing.
    """
    link, total = network.lines[3], network.factors[3]
    strong = np.where(np.isinf(link), 0.0, link) * total > 1.0
    currents[:, strong] = bits[:, -1, strong] / link[strong]
    currents[:, np.isinf(link)] = 0.0
