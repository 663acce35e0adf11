"""An independent solver: the whole nodal matrix, assembled branch by branch and solved densely."""

import numpy as np
import pytest


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
