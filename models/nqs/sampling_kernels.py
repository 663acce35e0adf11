"""Block Gibbs sampling of a network's Boltzmann machine, and Metropolis moves on |psi|^2."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from .ratio_kernels import exchange_changes, hidden_probabilities, log_ratio

UNIT = 2.0**-53


@njit(cache=True, inline="always")
def _uniform(state):
    """Return a number in [0, 1) and the next state of Marsaglia's xorshift64*."""
    state ^= state >> np.uint64(12)
    state ^= state << np.uint64(25)
    state ^= state >> np.uint64(27)
    word = state * np.uint64(0x2545F4914F6CDD1D)
    return np.float64(word >> np.uint64(11)) * UNIT, state


# tanh as a ratio of polynomials, to 1e-7 where abs(x) < 7.9. Source: Eigen, generic_fast_tanh_float.
LARGEST_FIELD = np.float32(7.9)
_UPPER = (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8)
_UPPER += (1.48572235717979e-5, 6.37261928875436e-4, 4.89352455891786e-3)
_LOWER = (1.19825839466702e-6, 1.18534705686654e-4, 2.26843463243900e-3, 4.89352518554385e-3)
UPPER, LOWER = (tuple(np.float32(c) for c in part) for part in (_UPPER, _LOWER))
HALF_RANGE = np.float32(2.0**-31)


@njit(cache=True, fastmath={"contract", "nnan", "ninf", "nsz"})
def draw_pbits(field, spins, streams):
    """Replace spins by p-bits, sgn(tanh field - U(-1, 1)); one xorshift32 a p-bit, so that the loop vectorises.

    Parameters
    ----------
    field : ndarray, shape (n_chains, n), float32
        Local fields, beta included.
    spins : ndarray, shape (n_chains, n), float32
        Written: -1 or +1.
    streams : ndarray, shape (n_chains, n), uint32
        Random states, not 0, changed in place.
    """
    for c in range(field.shape[0]):
        row, state, out = field[c], streams[c], spins[c]
        for i in range(row.size):
            x = state[i]
            x ^= x << np.uint32(13)
            x ^= x >> np.uint32(17)
            x ^= x << np.uint32(5)
            state[i] = x
            y = min(max(row[i], -LARGEST_FIELD), LARGEST_FIELD)
            z = y * y
            upper = UPPER[0] * z + UPPER[1]
            upper = upper * z + UPPER[2]
            upper = upper * z + UPPER[3]
            upper = upper * z + UPPER[4]
            upper = upper * z + UPPER[5]
            upper = (upper * z + UPPER[6]) * y
            lower = ((LOWER[0] * z + LOWER[1]) * z + LOWER[2]) * z + LOWER[3]
            share = np.float32(np.int32(x)) * HALF_RANGE
            out[i] = np.float32(1.0) if share * lower < upper else np.float32(-1.0)


@njit(cache=True)
def block_gibbs(network, visible, streams, plan, out, counts):
    """Run chains of two colours: all hidden spins, then all visible ones.

    Parameters
    ----------
    network : tuple of ndarray
        Couplings (n, m), their transpose (m, n), biases of the hidden spins (m,) and of the visible ones (n,), float32.
    visible : ndarray, shape (n_chains, n), float32
        States, changed in place.
    streams : tuple of ndarray
        Random states of the hidden and of the visible spins, (n_chains, m) and (n_chains, n), uint32.
    plan : tuple of (int, int, bool, int)
        States that are passed over before the first record, records of each chain, whether only states without
        magnetisation count, and the most sweeps between two of them. The first state that counts is no fair one: it is
        where the chain entered, and so states are passed over, not sweeps.
    out : ndarray, shape (n_chains, n_records, n), int8
        Recorded states.
    counts : ndarray, shape (n_chains, 3), int64
        Records so far, sweeps since recording began, and since the last state that counted.

    Returns
    -------
    int
        -1, or the chain that found no state to record within the limit.
    """
    weights, transposed, biases, visible_biases = network
    burn_in, n_records, is_neutral, most = plan
    n_chains = visible.shape[0]
    hidden = np.empty((n_chains, weights.shape[1]), dtype=np.float32)
    done = 0
    counts[:, 0] = -burn_in
    while done < n_chains:
        draw_pbits(np.dot(visible, weights) + biases, hidden, streams[0])
        draw_pbits(np.dot(hidden, transposed) + visible_biases, visible, streams[1])
        for c in range(n_chains):
            if counts[c, 0] == n_records:
                continue
            counts[c, 1] += counts[c, 0] >= 0
            counts[c, 2] += 1
            if not is_neutral or visible[c].sum() == 0.0:
                counts[c, 2] = 0
                if counts[c, 0] >= 0:
                    out[c, counts[c, 0]] = visible[c].astype(np.int8)
                counts[c, 0] += 1
                done += counts[c, 0] == n_records
            elif counts[c, 2] > most:
                return c
    return -1


@njit(cache=True)
def _pick(n, exchanges, stream):
    """Return two sites, equal for a flip, and a number in [0, 1)."""
    share, stream = _uniform(stream)
    i = int(share * n)
    j = i
    if exchanges:
        share, stream = _uniform(stream)
        j = (i + 1 + int(share * (n - 1))) % n
    share, stream = _uniform(stream)
    return i, j, share, stream


@njit(cache=True)
def metropolis(network, gamma, spins, streams, plan, out):
    """Run Metropolis chains on |psi|^2: single flips, or exchanges of two sites.

    Nothing transcendental is computed for a hidden unit but at records, where its probabilities start afresh from the
    field, so that they neither drift nor stay at 0.

    Parameters
    ----------
    network : tuple of ndarray
        Couplings (n, m), their exponentials e^2w and e^-2w, one row a site, and biases of the hidden units (m,).
    gamma : float
        Of the network.
    spins : ndarray, shape (n_chains, n), int8
        States, changed in place.
    streams : ndarray, shape (n_chains,), uint64
        Random states, changed in place.
    plan : tuple of (int, int, int, bool)
        Attempts before the first record, between records, records, and whether sites are exchanged.
    out : ndarray, shape (n_chains, n_records, n), int8
        Recorded states.
    """
    weights, grown, shrunk, hidden_biases = network
    burn_in, between, n_records, exchanges = plan
    n, m = weights.shape
    up, down, factors, inverses = np.empty(m), np.empty(m), np.empty(m), np.empty(m)
    for c in range(spins.shape[0]):
        stream, state = streams[c], spins[c]
        theta = hidden_biases.copy()
        for i in range(n):
            theta += weights[i] * state[i]
        hidden_probabilities(theta, up, down)
        for attempt in range(burn_in + n_records * between):
            i, j, share, stream = _pick(n, exchanges, stream)
            if not exchanges or state[i] != state[j]:
                if exchanges:
                    exchange_changes(grown, shrunk, state, i, j, factors, inverses)
                else:
                    factors[:] = shrunk[i] if state[i] > 0 else grown[i]
                    inverses[:] = grown[i] if state[i] > 0 else shrunk[i]
                if share < math.exp(min(0.0, 2.0 * gamma * log_ratio(up, down, factors, inverses))):
                    _accept(weights, state, i, (theta, up, down), (factors, inverses))
                    if exchanges:
                        theta -= 2.0 * state[j] * weights[j]
                        state[j] = -state[j]
            if (attempt - burn_in + 1) % between == 0:
                hidden_probabilities(theta, up, down)
                if attempt >= burn_in:
                    out[c, (attempt - burn_in) // between] = state
        streams[c] = stream


@njit(cache=True, inline="always")
def _accept(weights, state, i, hidden, changes):
    """Flip site i, and bring the probabilities of the hidden units to where the whole change leaves them."""
    (theta, up, down), (factors, inverses) = hidden, changes
    for h in range(theta.size):
        higher, lower = up[h] * factors[h], down[h] * inverses[h]
        up[h] = higher / (higher + lower)
        down[h] = lower / (higher + lower)
        theta[h] -= 2.0 * state[i] * weights[i, h]
    state[i] = -state[i]
