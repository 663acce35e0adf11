"""Kernels of the exact chain: one update of a distribution, and a stationary distribution without subtraction."""

import numpy as np
from numba import njit


@njit(cache=True)
def update_one(law, up, bit):
    """Redraw one p-bit, in place.

    Parameters
    ----------
    law : ndarray, shape (2**n,), float64
        Probability of each state before, and afterwards after, the update.
    up : ndarray, shape (2**n,), float64
        Probability that the p-bit comes up, given the state.
    bit : int
        Number of the p-bit.
    """
    mask = 1 << bit
    for state in range(law.shape[0]):
        if not state & mask:
            partner = state | mask
            down_before, up_before = law[state], law[partner]
            law[partner] = down_before * up[state] + up_before * up[partner]
            law[state] = down_before * (1.0 - up[state]) + up_before * (1.0 - up[partner])


@njit(cache=True)
def update_together(law, ups, members):
    """Redraw several p-bits at once, each given the state before the update.

    Parameters
    ----------
    law : ndarray, shape (2**n,), float64
        Probability of each state before.
    ups : ndarray, shape (k, 2**n), float64
        Probability that each member comes up, given the state.
    members : ndarray, shape (k,), int64
        Numbers of the p-bits.

    Returns
    -------
    ndarray, shape (2**n,), float64
        Probability of each state after, in O(2**(n + k)).
    """
    n_outcomes = 1 << members.shape[0]
    patterns = np.zeros(n_outcomes, dtype=np.int64)
    all_members = 0
    for k in range(members.shape[0]):
        all_members |= 1 << members[k]
        for outcome in range(1 << k):
            patterns[outcome | (1 << k)] = patterns[outcome] | (1 << members[k])
    shares = np.empty(n_outcomes)
    after = np.zeros_like(law)
    for state in range(law.shape[0]):
        if law[state] == 0.0:
            continue
        shares[0] = law[state]
        for k in range(members.shape[0]):
            p = ups[k, state]
            for outcome in range(1 << k):
                shares[outcome | (1 << k)] = shares[outcome] * p
                shares[outcome] *= 1.0 - p
        others = state & ~all_members
        for outcome in range(n_outcomes):
            after[others | patterns[outcome]] += shares[outcome]
    return after


@njit(cache=True)
def stationary_of_irreducible(matrix):
    """Return the stationary distribution of an irreducible stochastic matrix, which is destroyed.

    States are eliminated one by one (Grassmann, Taksar and Heyman). Nothing is ever subtracted, so every probability
    keeps its relative accuracy, of about n^3 rounding units at worst, however slowly the chain mixes.

    Parameters
    ----------
    matrix : ndarray, shape (k, k), float64
        Row = from, column = to; the diagonal is not read.

    Returns
    -------
    ndarray, shape (k,), float64

    References
    ----------
    Grassmann, Taksar and Heyman, Oper. Res. 33, 1107 (1985); O'Cinneide, Numer. Math. 65, 109 (1993).
    """
    n_states = matrix.shape[0]
    for last in range(n_states - 1, 0, -1):
        leaving = 0.0
        for j in range(last):
            leaving += matrix[last, j]
        for i in range(last):
            matrix[i, last] /= leaving
            through = matrix[i, last]
            for j in range(last):
                matrix[i, j] += through * matrix[last, j]
    law = np.empty(n_states)
    law[0] = 1.0
    for state in range(1, n_states):
        inflow = 0.0
        for i in range(state):
            inflow += law[i] * matrix[i, state]
        law[state] = inflow
    return law / law.sum()
