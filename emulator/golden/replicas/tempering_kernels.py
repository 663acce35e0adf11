"""Updates, energies and swaps of the replica fabric, bit for bit like the RTL."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..fabric.random_kernels import advance, outputs
from ..fabric.update_kernels import accumulate, to_field

NO_ENERGY = np.int64(1) << 40  # above every energy: no state has been kept yet


@njit(cache=True)
def update_replicas(machine, tables, slots, words, bits, scratch, color):
    """Update one colour of every replica, each by the table of its slot; see `update_kernels.update_color`."""
    graph, arithmetic = machine[0], machine[1]
    color_start, order, held, generator, right_shift = graph[0], graph[1], graph[6], graph[7], graph[8]
    field_mask, compare_mask = arithmetic[3], arithmetic[4]
    accumulators, saturated = scratch
    for position in range(color_start[color], color_start[color + 1]):
        i = order[position]
        if held[i]:
            continue
        accumulate(graph, bits, i, accumulators)
        to_field(arithmetic, accumulators, saturated)
        down = np.uint32(right_shift[i])
        random = words[generator[i]]
        for r in range(accumulators.shape[0]):
            threshold = tables[slots[r], np.uint32(accumulators[r] & field_mask)]
            bits[i, r] = np.uint8(np.uint32((random[r] >> down) & compare_mask) < threshold)


@njit(cache=True)
def add_energy(coupling, offsets, bits, step, energies):
    """Add coupling and bias number ``step`` to the energy of every replica.

    Half the energy in accumulator units, but for a constant: m (d - x_i - x_j) for a coupling of magnitude m, with
    d = 1 where the bits disagree with its sign, and minus the plane's offset where a bit is 1.
    """
    first, second, magnitude, negative = coupling
    if step < first.size:
        i, j, m, sign = first[step], second[step], magnitude[step], negative[step]
        for r in range(energies.size):
            x, y = np.int64(bits[i, r]), np.int64(bits[j, r])
            energies[r] += m * ((x ^ y ^ sign) - x - y)
    if step < offsets.size:
        for r in range(energies.size):
            energies[r] -= offsets[step] * np.int64(bits[step, r])


@njit(cache=True)
def swap_pair(pair, energies, swap_table, word, at, slots):
    """Swap the replicas at slots ``pair`` and ``pair + 1`` by Metropolis' rule; return whether it was done."""
    hot, cold = at[pair], at[pair + 1]
    difference = energies[hot] - energies[cold]
    accepted = difference <= 0 or (difference < swap_table.shape[1] and word < swap_table[pair, difference])
    if accepted:
        at[pair], at[pair + 1] = cold, hot
        slots[hot], slots[cold] = pair + 1, pair
    return accepted


@njit(cache=True)
def keep_best(replica, energies, bits, best, best_bits):
    """Keep the state of a replica if its energy lies below the best so far."""
    if energies[replica] < best[0]:
        best[0] = energies[replica]
        best_bits[:] = bits[:, replica]


@njit(cache=True)
def _exchange(energies, swap_table, source, at, slots, progress):
    """Attempt the swaps of one parity; ``source`` is (kind, leap, state, word) of the swap unit's generator."""
    kind, leap, state, word = source
    pair = progress[1]
    while True:
        outputs(kind, state, word)
        if pair < energies.size - 1:
            progress[2] += swap_pair(pair, energies, swap_table, word[0, 0] >> np.uint32(16), at, slots)
            progress[3] += 1
        advance(kind, leap, state)
        pair += 2
        if pair >= energies.size - 1:
            break
    progress[1] ^= 1


@njit(cache=True)
def _store(bits, at, spins):
    """Write the state of every slot, hottest first."""
    for k in range(at.size):
        for i in range(bits.shape[0]):
            spins[k, i] = 2 * np.int8(bits[i, at[k]]) - 1


@njit(cache=True, nogil=True)
def run_tempering(fabric, contents, state, progress, n_sweeps, records):
    """Run sweeps, energies and swaps, many clocks at once.

    Parameters
    ----------
    fabric : tuple
        (machine of `arrays.machine_of`, coupling, swap_every).
    contents : tuple
        Contents of the memories: (tables, swap_table, offsets).
    state : tuple
        (bits, random, swap_random, at, slots, best, best_bits), changed in place.
    progress : ndarray, shape (4,), int64
        Sweeps since the last swap, parity of the pairs, swaps accepted, swaps attempted.
    n_sweeps : int
        Sweeps of the run.
    records : tuple of ndarray
        (spins of every slot after each swap, (n_records, n_slots, n) int8; best energy after each swap, (n_records,));
        the first may have no rows.
    """
    machine, coupling, swap_every = fabric
    tables, swap_table, offsets = contents
    bits, random, swap_random, at, slots, best, best_bits = state
    n, n_replicas = bits.shape
    kind, leap = machine[2]
    n_colors = len(machine[0][0]) - 1
    words = np.empty((random.shape[0], n_replicas), dtype=np.uint32)
    scratch = (np.empty(n_replicas, dtype=np.int32), np.zeros(n_replicas, dtype=np.uint8))
    word = np.empty((1, 1), dtype=np.uint32)
    energies = np.empty(n_replicas, dtype=np.int64)
    n_steps, done = max(coupling[0].size, n), 0
    for _ in range(n_sweeps):
        for color in range(n_colors):
            outputs(kind, random, words)
            update_replicas(machine, tables, slots, words, bits, scratch, color)
            advance(kind, leap, random)
        progress[0] += 1
        if progress[0] < swap_every:
            continue
        progress[0] = 0
        energies[:] = 0
        for step in range(n_steps):
            add_energy(coupling, offsets, bits, step, energies)
        for replica in range(n_replicas):
            keep_best(replica, energies, bits, best, best_bits)
        _exchange(energies, swap_table, (kind, leap, swap_random, word), at, slots, progress)
        if done < records[0].shape[0]:
            _store(bits, at, records[0][done])
        records[1][done] = best[0]
        done += 1
