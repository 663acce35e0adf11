"""Reconstruction of every update of recorded chains: fields seen, bits drawn, residuals."""

import numpy as np
from numba import njit


@njit(cache=True)
def _table_index(i, bits, graph, arithmetic):
    """Return the table index of the field that p-bit i sees; exact, like `FabricSpec.field_words`."""
    start, index, weight, offsets = graph
    shift, lowest, highest, mask = arithmetic
    accumulator = offsets[i]
    for k in range(start[i], start[i + 1]):
        accumulator += weight[k] * bits[index[k]]
    if shift > 0:
        accumulator = (accumulator + (1 << (shift - 1))) >> shift
    else:
        accumulator = accumulator << -shift
    return min(max(accumulator, lowest), highest) & mask


@njit(cache=True)
def count_updates(spins, pages, order, graph, arithmetic, counts):
    """Count the bits that each p-bit drew at each field.

    Parameters
    ----------
    spins : ndarray, shape (n_chains, n_states, n), int8
        Recorded states; state t follows from state t - 1.
    pages : ndarray, shape (n_states,), int64
        Table page of the sweep that led to each state; entry 0 is not read.
    order : ndarray, shape (n_tested,), int64
        P-bits to test, in update order. All others are taken as updated before them.
    graph : tuple of ndarray
        (neighbour start, neighbour index, twice the weight, offset), CSR by p-bit, int64.
    arithmetic : tuple of int
        (field shift, lowest word, highest word, index mask).
    counts : ndarray, shape (n_pages, n, n_table_entries, 2), int64
        Raised by one at (page, p-bit, table index, drawn bit).
    """
    n_chains, n_states, n = spins.shape
    is_tested = np.zeros(n, dtype=np.bool_)
    is_tested[order] = True
    bits = np.zeros(n, dtype=np.int64)
    for chain in range(n_chains):
        for t in range(1, n_states):
            for i in range(n):
                bits[i] = spins[chain, t - 1 if is_tested[i] else t, i] > 0
            for i in order:
                drawn = np.int64(spins[chain, t, i] > 0)
                counts[pages[t], i, _table_index(i, bits, graph, arithmetic), drawn] += 1
                bits[i] = drawn


@njit(cache=True)
def correlate_residuals(spins, pages, plan, graph, arithmetic, probabilities):
    """Sum residual times something known before, for several kinds of something.

    Parameters
    ----------
    spins, pages, graph, arithmetic
        Same meaning as in `count_updates`.
    plan : tuple of ndarray
        (order as in `count_updates`, position in ``order`` where each colour ends, partners). ``partners`` has
        shape (n_kinds, n), int64: the p-bit whose latest residual multiplies that of p-bit i; -1 is none, -2 is
        the spin of p-bit i before the update.
    probabilities : ndarray, shape (n_pages, n_table_entries), float64
        Probability of a 1.

    Returns
    -------
    sums : ndarray, shape (n_kinds, n, 3), float64
        Sum, conditional variance and conditional third moment of each kind and p-bit.
    pairs : ndarray, shape (n_colors, 3), float64
        The same for the sum over all pairs of one colour of r_i r_j.
    wires : ndarray, shape (n_neighbors, 3), float64
        The same for each entry of the neighbour lists, reader's residual times neighbour's spin.
    """
    start, index = graph[0], graph[1]
    order, color_end, partners = plan
    n_chains, n_states, n = spins.shape
    n_kinds = partners.shape[0]
    sums = np.zeros((n_kinds, n, 3))
    pairs = np.zeros((len(color_end), 3))
    wires = np.zeros((len(index), 3))
    is_tested = np.zeros(n, dtype=np.bool_)
    is_tested[order] = True
    bits = np.zeros(n, dtype=np.int64)
    residuals = np.zeros(n)
    for chain in range(n_chains):
        residuals[:] = 0.0
        for t in range(1, n_states):
            for i in range(n):
                bits[i] = spins[chain, t - 1 if is_tested[i] else t, i] > 0
            first = 0
            for color in range(len(color_end)):
                r1, r2, v1, v2, v3, k1, k2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
                for position in range(first, color_end[color]):
                    i = order[position]
                    p = probabilities[pages[t], _table_index(i, bits, graph, arithmetic)]
                    drawn = np.int64(spins[chain, t, i] > 0)
                    residual, variance = drawn - p, p * (1.0 - p)
                    third = variance * (1.0 - 2.0 * p)
                    for kind in range(n_kinds):
                        partner = partners[kind, i]
                        if partner != -1:
                            x = residuals[partner] if partner >= 0 else 2.0 * bits[i] - 1.0
                            sums[kind, i, 0] += x * residual
                            sums[kind, i, 1] += x * x * variance
                            sums[kind, i, 2] += x * x * x * third
                    for k in range(start[i], start[i + 1]):
                        spin = 2.0 * bits[index[k]] - 1.0
                        wires[k, 0] += spin * residual
                        wires[k, 1] += variance
                        wires[k, 2] += spin * third
                    bits[i] = drawn
                    residuals[i] = residual
                    r1, r2 = r1 + residual, r2 + residual * residual
                    v1, v2, v3 = v1 + variance, v2 + variance * variance, v3 + variance * variance * variance
                    k1, k2 = k1 + third, k2 + third * third
                first = color_end[color]
                # Elementary symmetric sums over pairs and triples, from power sums (Newton).
                pairs[color, 0] += 0.5 * (r1 * r1 - r2)
                pairs[color, 1] += 0.5 * (v1 * v1 - v2)
                pairs[color, 2] += 0.5 * (k1 * k1 - k2) + (v1 * v1 * v1 - 3.0 * v1 * v2 + 2.0 * v3)
    return sums, pairs, wires
