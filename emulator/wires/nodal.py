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
from numba import njit

from ..spec.errors import InputError, SpinchipError
from .lines import (
    add_row_stiffness,
    factor_columns,
    factor_rows,
    lumped_columns,
    lumped_rows,
    solve_columns,
    solve_rows,
)

MAX_ITERATIONS = 5000
RESTARTS = 6


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
        Resistances.
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
        row_first = _first(wires.driver_ohm + wires.row_ohm, self.driven, n_rows, "driven")
        column_first = _first(wires.sense_ohm + wires.column_ohm, self.sensed, n_cols, "sensed")
        object.__setattr__(self, "conductance_S", cells)
        object.__setattr__(self, "lines", (wires.row_ohm, row_first, wires.column_ohm, column_first))
        no_factors = (np.zeros((1, 1)), np.zeros(1))
        rows = factor_rows(cells, wires.row_ohm, row_first) if wires.row_ohm else no_factors
        columns = factor_columns(cells, wires.column_ohm, column_first) if wires.column_ohm else no_factors
        object.__setattr__(self, "factors", (rows, columns, cells.sum(axis=1), cells.sum(axis=0)))

    def drops(self, sources_A, tolerance=1e-12):
        """Return the drops that cells without them would cause.

        Parameters
        ----------
        sources_A : ndarray, shape (n_rows, n_cols), float64
            C: the cell currents, were there no drops [A].
        tolerance : float
            Largest error of the drops in the energy norm, relative to the energy that the sources stand for.

        Returns
        -------
        row_drops_V, column_drops_V : ndarray, shape (n_rows, n_cols)
            Drops [V].
        iterations : int
        residual_A : float
            Largest violation of Kirchhoff's law [A].

        Raises
        ------
        ConvergenceError
            If the tolerance is not reached.
        """
        sources = np.ascontiguousarray(sources_A, dtype=np.float64)
        rows, columns = np.zeros_like(sources), np.zeros_like(sources)
        steps, reached, residual = _conjugate_gradients(
            self.conductance_S, sources, self.lines, self.factors, (rows, columns), tolerance
        )
        if reached > tolerance:
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
        Cells [S].
    voltages_V : ndarray, shape (n_rows,) or (n_batch, n_rows), float64
        Sources at the left end of the rows [V]; those of floating rows do not count.
    wires : Wires
        Resistances.
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
    parts = [_solved(network, vector, tolerance) for vector in batch]
    currents, words, bits = (np.stack([part[k] for part in parts]) for k in range(3))
    steps, residual = max(part[3] for part in parts), max(part[4] for part in parts)
    if voltages.ndim == 1:
        currents, words, bits = currents[0], words[0], bits[0]
    return Solution(currents, words, bits, steps, residual)


def _solved(network, vector, tolerance):
    cells = network.conductance_S
    rows, columns, steps, residual = network.drops(cells * vector[:, None], tolerance)
    cell_currents = cells * (vector[:, None] - rows - columns)
    sensed = np.isfinite(network.lines[3])
    return np.where(sensed, cell_currents.sum(axis=0), 0.0), vector[:, None] - rows, columns, steps, residual


@njit(cache=True)
def _column_drops(cells, sources, lines, factors, out):
    """Write (T_c + G)^-1 ``sources`` into ``out``."""
    if lines[2] > 0:
        solve_columns(factors[1], lines[2], sources, out)
    else:
        lumped_columns(factors[3], lines[3], sources, out)


@njit(cache=True)
def _row_drops(sources, lines, factors, out):
    """Write (T_r + G)^-1 ``sources`` into ``out``: the preconditioner."""
    if lines[0] > 0:
        solve_rows(factors[0], lines[0], sources, out)
    else:
        lumped_rows(factors[2], lines[1], sources, out)


@njit(cache=True)
def _apply(cells, drops, lines, factors, work, out):
    """Write the left-hand side for row drops ``drops`` into ``out``; ``work`` holds G D and column drops."""
    n_rows, n_cols = cells.shape
    flow, columns = work
    for i in range(n_rows):
        for j in range(n_cols):
            flow[i, j] = cells[i, j] * drops[i, j]
    _column_drops(cells, flow, lines, factors, columns)
    for i in range(n_rows):
        for j in range(n_cols):
            out[i, j] = flow[i, j] - cells[i, j] * columns[i, j]
    add_row_stiffness(drops, lines[0], lines[1], out)


@njit(cache=True)
def _energy(cells, sources):
    """Return the energy that the sources stand for, the sum of C^2 / G [W]."""
    total = 0.0
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            if cells[i, j] > 0:
                total += sources[i, j] ** 2 / cells[i, j]
    return total


@njit(cache=True)
def _dot(a, b):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total += a[i, j] * b[i, j]
    return total


@njit(cache=True)
def _conjugate_gradients(cells, sources, lines, factors, drops, tolerance):
    """Solve for both drops in place; return steps, the relative error reached, and the largest residual [A].

    The recursion's residual drifts from the true one by rounding, so the true one is computed when it claims to be
    done, and a run goes on from there if the cells see too much of it: G z^2, where z is what the preconditioner makes
    of it. (Its energy in the wires, which the recursion watches, is rounding where they are almost ideal.)
    """
    rows, columns = drops
    shape = cells.shape
    residual, z, direction = np.empty(shape), np.empty(shape), np.empty(shape)
    work = (np.empty(shape), np.empty(shape), np.empty(shape))
    energy = _energy(cells, sources)
    goal = tolerance**2 * energy
    steps, seen = 0, np.inf
    for _ in range(RESTARTS):
        _true_residual(cells, sources, lines, factors, (rows, columns), work, residual)
        _row_drops(residual, lines, factors, z)
        before, seen = seen, _seen_by_cells(cells, z)
        if seen <= goal or seen > 0.25 * before or steps >= MAX_ITERATIONS:
            break
        steps += _descend(cells, lines, factors, (rows, residual, z, direction), work, goal, _dot(residual, z))
    reached = np.sqrt(seen / energy) if energy > 0 else 0.0
    return steps, reached, _worst_residual(residual, lines)


@njit(cache=True)
def _seen_by_cells(cells, z):
    total = 0.0
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            total += cells[i, j] * z[i, j] ** 2
    return total


@njit(cache=True)
def _true_residual(cells, sources, lines, factors, drops, work, residual):
    """Write the column drops that belong to the row drops, and what the rows' law misses."""
    rows, columns = drops
    flow, image = work[0], work[2]
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            flow[i, j] = sources[i, j] - cells[i, j] * rows[i, j]
            image[i, j] = 0.0
    _column_drops(cells, flow, lines, factors, columns)
    add_row_stiffness(rows, lines[0], lines[1], image)
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            residual[i, j] = flow[i, j] - cells[i, j] * columns[i, j] - image[i, j]


@njit(cache=True)
def _descend(cells, lines, factors, vectors, work, goal, power):
    """Run conjugate gradients until the residual's energy reaches ``goal`` or no longer falls; return the steps."""
    rows, residual, z, direction = vectors
    image = work[2]
    n_rows, n_cols = cells.shape
    direction[:] = z
    best, since_best, steps = power, 0, 0
    while power > goal and steps < MAX_ITERATIONS and since_best < 100:
        _apply(cells, direction, lines, factors, (work[0], work[1]), image)
        step = power / _dot(direction, image)
        for i in range(n_rows):
            for j in range(n_cols):
                rows[i, j] += step * direction[i, j]
                residual[i, j] -= step * image[i, j]
        _row_drops(residual, lines, factors, z)
        before, power = power, _dot(residual, z)
        keep = power / before
        for i in range(n_rows):
            for j in range(n_cols):
                direction[i, j] = z[i, j] + keep * direction[i, j]
        steps += 1
        since_best = 0 if power < best else since_best + 1
        best = min(best, power)
    return steps


@njit(cache=True)
def _worst_residual(residual, lines):
    """Return the largest residual of a node; a row without resistance is one node, or none if its source holds it."""
    worst = 0.0
    for i in range(residual.shape[0]):
        total = 0.0
        for j in range(residual.shape[1]):
            total += residual[i, j]
            if lines[0] > 0:
                worst = max(worst, abs(residual[i, j]))
        if lines[0] == 0 and lines[1][i] > 0:
            worst = max(worst, abs(total))
    return worst
