"""Stationary distributions of the quantised chromatic chain, by elimination rather than iteration."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csgraph, csr_array

from ..spec.errors import InputError, SpinchipError
from .chain_kernels import stationary_of_irreducible
from .chain_law import sweep_operator
from .law_distance import total_variation
from .states import state_indices

MAX_RESIDUAL = 1e-13  # total variation between the distribution and itself one sweep later
MAX_MATRIX_BITS = 24  # 2^24 numbers: 128 MiB


class StationaryError(SpinchipError):
    """A distribution that should be stationary moves by ``residual`` in one sweep."""

    def __init__(self, residual):
        self.residual = residual
        super().__init__(
            f"Stationary distribution must stay within {MAX_RESIDUAL:g} in one sweep, not move by {residual:g}"
        )


def is_solvable(operator):
    """Tell whether `stationary_law` takes the chain of a `SweepOperator`."""
    return 2 * len(operator.kept) <= MAX_MATRIX_BITS and operator.n_pbits + len(operator.kept) <= MAX_MATRIX_BITS


def stationary_law(program, page=0, order=None):
    """Return the exact stationary distribution of the chain of a program, as seen after whole sweeps.

    What the first clock of a sweep redraws unread is forgotten, so the other free p-bits form a Markov chain of
    their own: of 12 p-bits on a bipartite graph 6 remain, 64 states. Its distribution is found by elimination, exact to
    rounding however slowly the chain mixes, and one more sweep makes it the distribution of all p-bits.

    Parameters
    ----------
    program : Program
        Any formats, tables and clamps; at most 12 p-bits, or as many as keep ``n + kept`` within 24.
    page : int
        Page of the activation tables.
    order : sequence of sequences of int, optional
        Blocks of p-bits, one block a clock; the fabric's colours in order by default.

    Returns
    -------
    ndarray, shape (2**n,), float64
        Numbered as in `states`; 0 where a state contradicts the clamps. 12 p-bits of which 8
        are kept take 30 ms, 11 kept 2 s, all 12 (updated at once) 15 s on one core.

    Raises
    ------
    InputError
        If the chain is too large, or if it has more than one stationary distribution.
    StationaryError
        If the result moves by more than 1e-13 in total variation within one sweep.
    """
    operator = sweep_operator(program, page, order)
    kept = operator.kept
    if not is_solvable(operator):
        size = 8 * 4.0 ** len(kept) / 2**20
        raise InputError(
            f"P-bits must be fewer for an exact stationary distribution: n + kept is {operator.n_pbits + len(kept)}, "
            f"at most {MAX_MATRIX_BITS}; the {len(kept)} kept ones take a matrix of {size:.0f} MiB"
        )
    matrix = _matrix_of_kept(program, operator)
    law = operator.apply(_embed(program, kept, _stationary_of(matrix)))
    residual = total_variation(law, operator.apply(law))
    if not residual <= MAX_RESIDUAL:
        raise StationaryError(residual)
    return law


def relaxation_sweeps(program, page=0, order=None):
    """Return the number of sweeps in which the slowest mode decays to 1/e: -1 / ln |lambda_2|.

    Parameters
    ----------
    program, page, order
        Chain to look at, as for `stationary_law`; the eigenvalues of its reduced chain are taken, 4 s for 11 kept
        p-bits.

    Returns
    -------
    float
        0 if one sweep forgets everything, infinite if the chain never does.
    """
    operator = sweep_operator(program, page, order)
    if not is_solvable(operator):
        raise InputError(
            f"P-bits must be fewer for exact eigenvalues: {len(operator.kept)} of them are kept by a sweep"
        )
    sizes = np.sort(np.abs(np.linalg.eigvals(_matrix_of_kept(program, operator))))
    second = min(float(sizes[-2]), 1.0) if len(sizes) > 1 else 0.0
    if second == 0.0:
        return 0.0
    return float("inf") if second == 1.0 else -1.0 / np.log(second)


def _states_of_kept(program, kept):
    """Return the index of the state for each setting of the kept p-bits: forgotten ones down, clamped ones held."""
    states = np.atleast_1d(state_indices(program.clamps))
    for pbit in kept:
        states = np.concatenate([states, states | (np.int64(1) << pbit)])
    return states


def _embed(program, kept, law_of_kept):
    """Return a distribution of all p-bits whose kept ones have the given distribution."""
    law = np.zeros(1 << program.spec.n_pbits)
    law[_states_of_kept(program, kept)] = law_of_kept
    return law


def _matrix_of_kept(program, operator):
    """Return the transition matrix of the kept p-bits' own chain, row = from, column = to."""
    kept = operator.kept
    numbers = np.arange(1 << operator.n_pbits)
    settings = sum(((numbers >> pbit) & 1) << k for k, pbit in enumerate(kept)) + np.zeros_like(numbers)
    matrix = np.empty((1 << len(kept), 1 << len(kept)))
    for row, state in enumerate(_states_of_kept(program, kept)):
        law = np.zeros(1 << operator.n_pbits)
        law[state] = 1.0
        matrix[row] = np.bincount(settings, weights=operator.apply(law), minlength=1 << len(kept))
    return matrix


def _stationary_of(matrix):
    """Return the stationary distribution of a stochastic matrix with a single closed class of states."""
    if matrix.min() > 0:
        return stationary_of_irreducible(matrix)
    n_classes, labels = csgraph.connected_components(csr_array(matrix), directed=True, connection="strong")
    rows, columns = np.nonzero(matrix)
    is_closed = np.ones(n_classes, dtype=bool)
    is_closed[labels[rows[labels[rows] != labels[columns]]]] = False
    if is_closed.sum() != 1:
        raise InputError(
            f"Chain must have one closed class of states for one stationary distribution, not {is_closed.sum()}"
        )
    members = np.flatnonzero(is_closed[labels])
    law = np.zeros(len(matrix))
    law[members] = stationary_of_irreducible(np.ascontiguousarray(matrix[np.ix_(members, members)]))
    return law
