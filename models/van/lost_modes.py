"""What a network never draws: its states beside those of parallel tempering, by their weights or by their valleys."""

from __future__ import annotations

import numpy as np
from numba import njit

from ...emulator.spec.spins import state_hashes
from ...emulator.stats.importance import shares_of
from ...emulator.stats.reweighting import LostShare, lost_share
from .tempered import tempered_states

SEED = 20  # of the tempering, whatever the network's is
LARGEST_WORK = 4e9  # products of couplings and spins that descents may cost
N_DEVIATIONS = 4.0  # of a valley's count, beyond which it holds more than its weight
LARGEST_FRESH = 0.02  # weight of valleys that are new in the second half of the states: above it valleys tell nothing


def lost_modes(couplings, beta, spins, logs, log_q=None):
    """Return how much of the Boltzmann distribution the states of a network do not reach.

    Where ln q of any state is known, a state of parallel tempering counts as lost if its weight exceeds all that were
    drawn. Otherwise valleys are compared, the states that descend to one local minimum by single flips: what a valley
    of the tempered states has beyond its weight among the drawn ones is lost. That tells nothing where there are more
    valleys than states, as on frustrated lattices.

    Parameters
    ----------
    couplings : ndarray, shape (n, n), float64
        Coupling matrix J, symmetric with an empty diagonal.
    beta : float
        Inverse temperature.
    spins : ndarray, shape (n_states, n), int8
        States -1/+1, one a row.
    logs : ndarray, shape (n_states,), float64
        -beta E - ln q of them.
    log_q : callable, optional
        Returns ln q of states, (k,) for (k, n).

    Returns
    -------
    LostShare or None
        None where it cannot be told.
    """
    other = tempered_states(couplings, beta, SEED)
    if not other.is_mixed:
        return None
    if log_q is not None:
        energies = -0.5 * np.einsum("si,si->s", other.spins @ couplings, other.spins)
        return lost_share(
            logs, -beta * energies - np.asarray(log_q(other.spins), dtype=np.float64), other.n_independent
        )
    kept = min(len(spins), int(LARGEST_WORK / len(couplings) ** 2))
    drawn = _valleys(couplings, spins[:kept])
    half = kept // 2
    fresh = ~np.isin(drawn[half:], drawn[:half])
    if float(shares_of(logs[half:kept]) @ fresh) > LARGEST_FRESH:
        return None
    excess = _excess(drawn, shares_of(logs[:kept]), _valleys(couplings, other.spins), other.n_independent)
    return LostShare(min(excess, other.n_independent), other.n_independent)


def _excess(drawn, shares, tempered, n_independent):
    """Return how many independent tempered states lie in valleys beyond what the weights of these expect; float."""
    valleys, counts = np.unique(tempered, return_counts=True)
    order = np.searchsorted(valleys, drawn).clip(max=len(valleys) - 1)
    expected = np.bincount(order, shares * (valleys[order] == drawn), len(valleys)) * n_independent
    beyond = counts * (n_independent / len(tempered)) - expected
    return float(beyond[beyond > N_DEVIATIONS * np.sqrt(expected)].sum())


def _valleys(couplings, spins):
    """Return a hash of the local minimum below each state; ndarray, shape (n_states,), uint64."""
    states = spins.astype(np.int8)
    _descend(np.ascontiguousarray(couplings, dtype=np.float64), states)
    return state_hashes(states)


@njit(cache=True)
def _descend(couplings, spins):
    """Flip the spin that gains most until none gains; states change in place."""
    n = len(couplings)
    field = np.empty(n)
    for s in range(len(spins)):
        for i in range(n):
            field[i] = 0.0
            for j in range(n):
                field[i] += couplings[i, j] * spins[s, j]
        while True:
            best, gain = -1, -1e-9
            for i in range(n):
                if field[i] * spins[s, i] < gain:
                    best, gain = i, field[i] * spins[s, i]
            if best < 0:
                break
            for j in range(n):
                field[j] -= 2.0 * couplings[best, j] * spins[s, best]
            spins[s, best] = -spins[s, best]
