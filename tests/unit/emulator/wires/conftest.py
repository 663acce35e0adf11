"""Independent solvers: the whole nodal matrix, assembled branch by branch, solved densely or by sparse factors."""

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import spsolve


class DenseArray:
    """Conductances, lines and sources as one matrix of node equations."""

    def __init__(self, cells, voltages, wires):
        n_rows, n_cols = cells.shape
        size = n_rows * n_cols
        self._matrix, self._known = np.zeros((2 * size, 2 * size)), np.zeros(2 * size)
        row = np.arange(size).reshape(n_rows, n_cols)
        column = row + size
        for i in range(n_rows):
            for j in range(n_cols):
                self._branch(row[i, j], column[i, j], cells[i, j])
                if j:
                    self._branch(row[i, j], row[i, j - 1], 1 / wires.row_ohm)
                if i:
                    self._branch(column[i, j], column[i - 1, j], 1 / wires.column_ohm)
            self._terminal(row[i, 0], 1 / (wires.row_ohm + wires.driver_ohm), voltages[i])
        for j in range(n_cols):
            self._terminal(column[-1, j], 1 / (wires.column_ohm + wires.sense_ohm), 0.0)
        nodes = np.linalg.solve(self._matrix, self._known)
        self.word_V, self.bit_V = nodes[row], nodes[column]
        self.currents_A = self.bit_V[-1] / (wires.column_ohm + wires.sense_ohm)

    def _branch(self, a, b, conductance):
        for one, other in ((a, b), (b, a)):
            self._matrix[one, one] += conductance
            self._matrix[one, other] -= conductance

    def _terminal(self, node, conductance, voltage):
        self._matrix[node, node] += conductance
        self._known[node] += conductance * voltage


@pytest.fixture
def dense():
    """Return a function (cells, voltages, wires) -> `DenseArray`."""
    return DenseArray


def sparse_nodes(cells, voltages, wires):
    """Return the voltages of row and of column nodes by sparse factors of A^T g A; no wire without resistance."""
    n_rows, n_cols = cells.shape
    row, one = np.arange(cells.size).reshape(n_rows, n_cols), np.ones_like
    column = row + cells.size
    ends = [
        (row, column, cells),
        (row[:, 1:], row[:, :-1], one(cells[:, 1:]) / wires.row_ohm),
        (column[:-1], column[1:], one(cells[1:]) / wires.column_ohm),
        (row[:, 0], np.full(n_rows, -1), one(cells[:, 0]) / (wires.row_ohm + wires.driver_ohm)),
        (column[-1], np.full(n_cols, -1), one(cells[-1]) / (wires.column_ohm + wires.sense_ohm)),
    ]
    start, stop, conductance = (np.concatenate([np.ravel(each[k]) for each in ends]) for k in range(3))
    branch, inner = np.arange(len(start)), stop >= 0
    incidence = sparse.coo_matrix((one(conductance), (branch, start)), (len(start), 2 * cells.size)).tocsr()
    incidence -= sparse.coo_matrix((one(conductance[inner]), (branch[inner], stop[inner])), incidence.shape).tocsr()
    known = np.zeros(2 * cells.size)
    known[row[:, 0]] = voltages / (wires.row_ohm + wires.driver_ohm)
    nodes = spsolve((incidence.T @ sparse.diags(conductance) @ incidence).tocsc(), known)
    return nodes[row], nodes[column]


@pytest.fixture
def sparse_solution():
    """Return a function (cells, voltages, wires) -> (row node voltages, column node voltages)."""
    return sparse_nodes
