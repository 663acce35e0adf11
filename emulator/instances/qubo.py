"""QUBO to Ising: x'Qx over x in {0, 1}, minimised or maximised, as couplings, biases and an offset."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ..spec.errors import InputError
from ..spec.matrix import real_matrix
from ..spec.model_size import check_size
from .edge_list import EdgeList

SENSES = {"min": 1.0, "max": -1.0}


def edge_list_of_qubo(n_spins, entries, sense, offset=0.0, labels=None):
    r"""Return the model whose energy is the objective, or minus the objective if that is to be maximised.

    .. math:: E(s) = \pm \Big( \sum_k q_k x_{i_k} x_{j_k} + c \Big), \qquad x = (1 + s) / 2

    Parameters
    ----------
    n_spins : int
        Number of variables.
    entries : tuple of (ndarray, ndarray, ndarray), each of shape (m,)
        Variables i, variables j and numbers q, as they stand in the sum: a matrix that is given by both triangles
        holds each pair twice. i = j is a linear term.
    sense : {"min", "max"}
        The lowest energy is the minimum, or minus the maximum.
    offset : float
        Constant c of the objective.
    labels : tuple, optional
        Names of the variables.

    Returns
    -------
    EdgeList
        Its notes hold ``vartype`` BINARY (a spin up is x = 1) and ``sense``.

    Raises
    ------
    InputError
        If the numbers are so large that a sum of them is not finite.

    References
    ----------
    x x' = (1 + s + s' + s s') / 4; Lucas, Front. Phys. 2, 5 (2014).
    """
    check_size(n_spins, len(entries[2]))
    factor = SENSES[sense]
    first, second = (np.asarray(column, dtype=np.int64) for column in entries[:2])
    numbers = factor * np.asarray(entries[2], dtype=np.float64)
    linear = first == second
    pairs = np.sort(np.stack([first[~linear], second[~linear]], axis=1), axis=1)
    quarter, half = numbers[~linear] / 4, numbers[linear] / 2
    with np.errstate(over="ignore", invalid="ignore"):
        fields = np.zeros(n_spins)
        np.add.at(fields, first[linear], half)
        np.add.at(fields, pairs[:, 0], quarter)
        np.add.at(fields, pairs[:, 1], quarter)
        constant = factor * offset + half.sum() + quarter.sum()
        notes = {"vartype": "BINARY", "sense": sense}
        model = EdgeList.from_sums(n_spins, pairs, -quarter, -fields, notes, offset=float(constant), labels=labels)
    if not (np.isfinite(fields).all() and np.isfinite(model.values).all() and np.isfinite(constant)):
        raise InputError("Numbers of a QUBO must have finite sums, not overflow")
    return model


def edge_list_of_qubo_matrix(matrix, sense, name="Q"):
    """Return the model of x'Qx: every entry of the matrix counts, those of both triangles and the diagonal.

    >>> edge_list_of_qubo_matrix([[-1, 2], [0, -1]], "min").instance("q", {}).energies([[1, -1], [1, 1]]).tolist()
    [-1.0, 0.0]
    """
    entries = sparse.coo_array(real_matrix(matrix, name))
    return edge_list_of_qubo(entries.shape[0], (entries.row, entries.col, entries.data), sense)
