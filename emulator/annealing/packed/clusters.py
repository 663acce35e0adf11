"""Isoenergetic cluster moves on 512 pairs of states at once."""

import numpy as np
from numba import njit

from ...kernels.lanes import any_set, splat, view
from ...kernels.random_lanes import advance
from ...reference.bit_fields import ALL_ONES, GROUP_WORDS, get_row, set_row


@njit(cache=True)
def _majority(members, n_rows, counter, n_bits):
    """Return the lanes in which more than half of the rows ``members[n_rows + i]`` are set.

    The counter starts at 2^n_bits - 1 - n/2, so that its top bit, number ``n_bits``, is set by the first one too many.
    """
    first = (1 << n_bits) - 1 - n_rows // 2
    nothing = splat(np.uint64(0), GROUP_WORDS)
    for position in range(n_bits + 1):
        set_row(counter, position, splat(ALL_ONES, GROUP_WORDS) if (first >> position) & 1 else nothing)
    for row in range(n_rows):
        carry = get_row(members, n_rows + row)
        for position in range(n_bits + 1):
            old = get_row(counter, position)
            set_row(counter, position, old ^ carry)
            carry = old & carry
            if not any_set(carry):
                break
    return get_row(counter, n_bits)


@njit(cache=True)
def _choose_seeds(members, chosen, n_rows, state):
    """Choose one member of each lane, if there is any, by a tournament.

    Rows n ... 2n - 1 are the leaves of a binary tree whose node i has the children 2i and 2i + 1. Each node of
    ``members`` is set where a leaf below is; from the top, a random bit decides where both children have one. Which
    member is likelier depends on the set alone, and the move leaves the set as it is.
    """
    for node in range(n_rows - 1, 0, -1):
        set_row(members, node, get_row(members, 2 * node) | get_row(members, 2 * node + 1))
    a, b, c, d = get_row(state, 0), get_row(state, 1), get_row(state, 2), get_row(state, 3)
    set_row(chosen, 1, get_row(members, 1))
    for node in range(1, n_rows):
        here = get_row(chosen, node)
        left = here
        if any_set(here):
            word, a, b, c, d = advance(a, b, c, d)
            left = here & get_row(members, 2 * node)
            left = left & ((get_row(members, 2 * node + 1) & word) ^ splat(ALL_ONES, GROUP_WORDS))
        set_row(chosen, 2 * node, left)
        set_row(chosen, 2 * node + 1, here ^ left)
    set_row(state, 0, a)
    set_row(state, 1, b)
    set_row(state, 2, c)
    set_row(state, 3, d)


@njit(cache=True)
def _grow_row(pointers, neighbors, members, cluster, n_rows, row):
    """Take one row into the cluster where a neighbour is in it; return the lanes that are new."""
    old = get_row(cluster, n_rows + row)
    near = old
    for entry in range(pointers[row], pointers[row + 1]):
        near = near | get_row(cluster, n_rows + np.int64(neighbors[entry]))
    new = near & get_row(members, n_rows + row)
    set_row(cluster, n_rows + row, new)
    return new ^ old


@njit(cache=True)
def grow(pointers, neighbors, order, members, cluster):
    """Grow the cluster rows through the member rows until nothing is added; return the passes that it took.

    Rows are visited forwards and backwards in the order of the spins, along which neighbours are often close, so that
    a cluster is found in few passes.
    """
    n_rows, passes = len(order), 0
    while True:
        added = splat(np.uint64(0), GROUP_WORDS)
        for place in range(n_rows):
            added = added | _grow_row(pointers, neighbors, members, cluster, n_rows, order[place])
        passes += 1
        if not any_set(added):
            return passes
        added = splat(np.uint64(0), GROUP_WORDS)
        for place in range(n_rows - 1, -1, -1):
            added = added | _grow_row(pointers, neighbors, members, cluster, n_rows, order[place])
        passes += 1
        if not any_set(added):
            return passes


@njit(cache=True, nogil=True)
def packed_cluster_move(links, one, other, state, both_signs, scratch):
    """Flip one cluster in both states of every lane; see `plain.tempering.cluster_move` for what and why.

    Parameters
    ----------
    links : tuple of ndarray
        Pointers, shape (n + 1,), int64, and neighbours, uint32, of the rows; rows in the order of the spins,
        shape (n,), int64.
    one, other : ndarray, shape ((n + 1) * 8,), uint64
        Two states of one beta; changed in place.
    state : ndarray, shape (32,), uint64
        State of the random generators.
    both_signs : bool
        Grow from the smaller of the sets of differing and agreeing spins; right at zero field alone.
    scratch : tuple of ndarray
        Members and cluster, shape (2 n * 8,), and a counter, shape (64 * 8,), uint64.

    Returns
    -------
    int
        Passes of the growth.
    """
    pointers, neighbors, order = view(links[0]), view(links[1]), links[2]
    a, b, held = view(one), view(other), view(state)
    members, cluster, counter = view(scratch[0]), view(scratch[1]), view(scratch[2])
    n_rows = len(order)
    for row in range(n_rows):
        set_row(members, n_rows + row, get_row(a, row) ^ get_row(b, row))
    if both_signs:
        n_bits = 1
        while (1 << n_bits) <= n_rows:
            n_bits += 1
        many = _majority(members, n_rows, counter, n_bits)
        for row in range(n_rows):
            set_row(members, n_rows + row, get_row(members, n_rows + row) ^ many)
    _choose_seeds(members, cluster, n_rows, held)
    passes = grow(pointers, neighbors, order, members, cluster)
    for row in range(n_rows):
        turn = get_row(cluster, n_rows + row)
        set_row(a, row, get_row(a, row) ^ turn)
        set_row(b, row, get_row(b, row) ^ turn)
    return passes
