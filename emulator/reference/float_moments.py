"""Energies and moments of a block of chains, added up without keeping the states."""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..kernels.activation_lanes import LANES
from ..kernels.lanes import convert_like, fma, lane_sum, load, splat, store
from .float_kernels import sweep


class Edges(NamedTuple):
    """Pairs in the instance's order: rows of both ends, and couplings; biases by row. All float64 but the rows."""

    rows: np.ndarray
    values: np.ndarray
    biases: np.ndarray


class Tally(NamedTuple):
    """What is kept of a block.

    Parameters
    ----------
    energies, magnetizations : ndarray, shape (n_samples, width), float64
        Energy and magnetisation of each kept state.
    spin_sums : ndarray, shape (n_spins,), int64
        Sum of each row's spins over kept states and chains.
    edge_sums : ndarray, shape (n_couplings,), int64
        Sum of s_i s_j likewise.
    spins : ndarray, shape (n_samples, n_spins * width) or (0, 0), int8
        Kept states, if they are wanted.
    """

    energies: np.ndarray
    magnetizations: np.ndarray
    spin_sums: np.ndarray
    edge_sums: np.ndarray
    spins: np.ndarray


class Program(NamedTuple):
    """Doubled beta and sweeps of each segment; sweeps before the first kept state, and from one to the next."""

    betas2: np.ndarray
    n_sweeps: np.ndarray
    after: int
    every: int


@njit(cache=True)
def _record_vectors(block, edges, tally, sample):
    """Record a block whose width is a multiple of 16."""
    width, spins, energies = block.width, block.spins, tally.energies[sample]
    ups = tally.magnetizations[sample]
    for k in range(len(edges.values)):
        i, j = np.int64(edges.rows[k, 0]) * width, np.int64(edges.rows[k, 1]) * width
        total = splat(np.int8(0), LANES)
        for chain in range(0, width, LANES):
            product = load(spins, i + chain, LANES) * load(spins, j + chain, LANES)
            energy = load(energies, chain, LANES)
            store(energies, chain, fma(splat(-edges.values[k], LANES), convert_like(product, energy), energy))
            total = total + product
        tally.edge_sums[k] += lane_sum(total)
    for row in range(len(edges.biases)):
        total = splat(np.int8(0), LANES)
        for chain in range(0, width, LANES):
            spin = load(spins, row * width + chain, LANES)
            energy, up = load(energies, chain, LANES), load(ups, chain, LANES)
            store(energies, chain, fma(splat(-edges.biases[row], LANES), convert_like(spin, energy), energy))
            store(ups, chain, up + convert_like(spin, up))
            total = total + spin
        tally.spin_sums[row] += lane_sum(total)
    for chain in range(width):
        ups[chain] /= len(edges.biases)


@njit(cache=True)
def _record_one(block, edges, tally, sample):
    """Record a block of one chain."""
    spins, energy, up = block.spins, 0.0, 0
    for k in range(len(edges.values)):
        product = spins[edges.rows[k, 0]] * spins[edges.rows[k, 1]]
        energy -= edges.values[k] * product
        tally.edge_sums[k] += product
    for row in range(len(edges.biases)):
        energy -= edges.biases[row] * spins[row]
        up += spins[row]
        tally.spin_sums[row] += spins[row]
    tally.energies[sample, 0] = energy
    tally.magnetizations[sample, 0] = up / len(edges.biases)


@njit(cache=True, nogil=True)
def run(graph, block, program, edges, tally):
    """Run the whole schedule on one block and fill its tally.

    Parameters
    ----------
    graph : Graph
        Couplings and biases, by neighbour lists.
    block : Block
        Chains; changed in place.
    program : Program
        Schedule and recording of the run.
    edges : Edges
        Edges for energies and moments.
    tally : Tally
        Zero at first; its number of samples limits what is kept.
    """
    done, sample = 0, 0
    for segment in range(len(program.betas2)):
        for _ in range(program.n_sweeps[segment]):
            sweep(graph, block, program.betas2[segment])
            done += 1
            if done <= program.after or (done - program.after) % program.every or sample == len(tally.energies):
                continue
            if block.width == 1:
                _record_one(block, edges, tally, sample)
            else:
                _record_vectors(block, edges, tally, sample)
            if len(tally.spins):
                tally.spins[sample] = block.spins
            sample += 1
