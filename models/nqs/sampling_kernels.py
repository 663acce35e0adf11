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


# e^x by Taylor's polynomial of x / 32 and five squarings: at x = 8.5, (x / 32)^7 / 7! = 2e-8, times 32 = 6e-7;
# the squarings bring up to 32 rounding errors of float32, 2e-6.
HALF_LARGEST, TWO = np.float32(4.25), np.float32(2.0)  # 1 / (1 + e^8.5) = 2.03e-4 < 2^-12: no coarse word turns it
SCALE = np.float32(1 / 32)
C2, C3, C4, C5, C6 = (np.float32(1 / math.factorial(k)) for k in range(2, 7))
ZERO, ONE = np.float32(0.0), np.float32(1.0)
STEP = np.float32(2.0**-32)
BATCH = 256  # p-bits whose words are looked through where one is too coarse: 6 % of batches
FEW = np.uint32(1 << 20)  # words below it, one in 4096, are settled with 106 more bits


@njit(cache=True)
def _fine(state):
    """Return a number in (0, 2^-12) that is fine down to 2^-118, and the next state."""
    first, state = _uniform(state)
    second, state = _uniform(state)
    return 2.0**-12 * (first + UNIT * (second + UNIT)), state


@njit(cache=True, fastmath={"contract", "nnan", "ninf", "nsz"})
def _draw_batch(fields, words, out):
    """Draw p-bits by their 32-bit words; return whether one of these is too coarse.

    With x = 2 abs(field) and u uniform, a spin points against its field if u (1 + e^x) < 1: no division, and near zero
    u keeps its relative precision. One xorshift32 a p-bit, so that the loop vectorises.
    """
    few = np.uint32(0)
    for i in range(fields.size):
        word = words[i]
        word = np.uint32(word ^ (word << np.uint32(13)))
        word = np.uint32(word ^ (word >> np.uint32(17)))
        word = np.uint32(word ^ (word << np.uint32(5)))
        words[i] = word
        few = np.uint32(few | np.uint32(word < FEW))
        y = fields[i]
        x = SCALE * np.float32(min(abs(y), HALF_LARGEST) * TWO)
        power = (((((C6 * x + C5) * x + C4) * x + C3) * x + C2) * x + ONE) * x + ONE
        power *= power
        power *= power
        power *= power
        power *= power
        power *= power
        uniform = np.float32(np.int32(word >> np.uint32(1))) * (STEP + STEP)
        side = ONE if y >= ZERO else -ONE
        out[i] = -side if uniform * power + uniform < ONE else side
    return few


@njit(cache=True)
def draw_pbits(field, spins, streams, fine):
    """Replace spins by p-bits, P(+1) = 1 / (1 + exp(-2 field)): to 3e-6 of the smaller chance, at any field.

    Parameters
    ----------
    field : ndarray, shape (n_chains, n), float32 or float64
        Local fields, beta included.
    spins : ndarray, shape (n_chains, n), float32 or float64
        Written: -1 or +1.
    streams : ndarray, shape (n_chains, n), uint32
        Random states, not 0, changed in place.
    fine : ndarray, shape (n_chains,), uint64
        Random states, not 0, that settle what 32 bits cannot: chances below 2^-12, changed in place.
    """
    n, fields, words, out = field.shape[1], field.reshape(-1), streams.reshape(-1), spins.reshape(-1)
    for start in range(0, fields.size, BATCH):
        end = min(start + BATCH, fields.size)
        if _draw_batch(fields[start:end], words[start:end], out[start:end]):
            for k in range(start, end):
                if words[k] < FEW:
                    y = np.float64(fields[k])
                    uniform, fine[k // n] = _fine(fine[k // n])
                    is_against = uniform * (1.0 + math.exp(2.0 * abs(y))) < 1.0
                    out[k] = 1.0 if (y >= 0.0) != is_against else -1.0


@njit(cache=True)
def block_gibbs(network, visible, streams, plan, out, counts):
    """Run chains of two colours: all hidden spins, then all visible ones.

    Parameters
    ----------
    network : tuple of ndarray
        Couplings (n, m), their transpose (m, n), biases of the hidden spins (m,) and of the visible ones (n,), all
        float32 or all float64.
    visible : ndarray, shape (n_chains, n), as the network
        States, changed in place.
    streams : tuple of ndarray
        Random states of the hidden and of the visible spins, (n_chains, m) and (n_chains, n), uint32, and those of each
        chain for small chances, (n_chains,), uint64.
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
    hidden = np.empty((n_chains, weights.shape[1]), dtype=weights.dtype)
    done = 0
    counts[:, 0] = -burn_in
    while done < n_chains:
        draw_pbits(np.dot(visible, weights) + biases, hidden, streams[0], streams[2])
        draw_pbits(np.dot(hidden, transposed) + visible_biases, visible, streams[1], streams[2])
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
        Parameter gamma of the network.
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
