"""A coupling matrix and a vector of biases as an `EdgeList`."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ..spec.matrix import bias_vector, coupling_matrix
from ..spec.model_size import check_size
from .edge_list import EdgeList


def edges_of(matrix, biases, choice, triangle=None, base=0):
    """Return the edge list of E = -1/2 s'Js - h's.

    Parameters
    ----------
    matrix : array_like or sparse array, shape (n, n)
        Couplings J, as for `coupling_matrix`.
    biases : array_like, shape (n,), or None
        Biases h; None for none.
    choice : Choice
        Their names in the file, for messages and notes.
    triangle, base
        Same meaning as in `coupling_matrix`.

    Raises
    ------
    InputError
        If they are no instance; without the file's name, which `faults.named` adds.
    """
    couplings = coupling_matrix(matrix, choice.matrix, triangle, base)
    n_spins = couplings.shape[0]
    h = bias_vector(biases, n_spins, choice.biases or "h", base)
    upper = sparse.coo_array(sparse.triu(couplings, k=1))
    check_size(n_spins, upper.nnz)
    notes = {"matrix": choice.matrix} if choice.index is None else {"matrix": f"{choice.matrix}[{choice.index}]"}
    notes |= {} if choice.biases is None else {"biases": choice.biases}
    return EdgeList(n_spins, np.stack([upper.row, upper.col], axis=1), upper.data, h, notes)
