"""Kernel of the analog machine: a column is read, a junction decides, a row is added where a spin turned."""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..crossbar.column_sums import flip_spin, read_column
from ..devices.smtj_random import load, normal, store, uniform


class Columns(NamedTuple):
    """What `ColumnSums` keeps: rows, part of each row, number of parts, sums, reading; see `flip_spin`."""

    doubled: np.ndarray
    part_of: np.ndarray
    n_parts: int
    sums: np.ndarray
    reading: np.ndarray


class Deciders(NamedTuple):
    """Junctions that forget between updates: barrier [kT], drive per input, drive without, exponent, noise, read-out.

    Parameters
    ----------
    barrier, scale, shift : ndarray, shape (n,), float64
    exponent, noise : float
        ``noise`` is the standard deviation of all that is added to beta I whatever the voltage [1].
    chances : ndarray, shape (2, 2), float64
        Of the comparator, see `comparator_chances`.
    held : ndarray, shape (n,), bool
    """

    barrier: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    exponent: float
    noise: float
    chances: np.ndarray
    held: np.ndarray


class Chains(NamedTuple):
    """Where chains stand: spins (n_chains, n_rows) int8, always-on rows included; streams (n_chains, n, 4) uint64."""

    states: np.ndarray
    streams: np.ndarray


@njit(cache=True)
def share_up(deciders, j, u, was_up):
    """Return the probability that junction j at input ``u`` is read as up."""
    x = deciders.scale[j] * u + deciders.shift[j]
    up = max(1.0 + x, 0.0) ** deciders.exponent
    down = max(1.0 - x, 0.0) ** deciders.exponent
    share = 1.0 / (1.0 + np.exp(deciders.barrier[j] * (down - up)))
    row = deciders.chances[1 if was_up else 0]
    return share * row[1] + (1.0 - share) * row[0]


@njit(cache=True)
def _update(columns, deciders, j, gain, spins, streams, normals):
    """Update p-bit j; return whether it turned."""
    stream = load(streams, j)
    for part in range(normals.size):
        if columns.reading[part, 2, j] > 0.0:
            normals[part], stream = normal(stream)
    u = gain * read_column(j, columns.sums, columns.reading, normals)
    if deciders.noise > 0.0:
        deviate, stream = normal(stream)
        u += deciders.noise * deviate
    draw, stream = uniform(stream)
    store(streams, j, stream)
    is_up = spins[j] > 0
    if (draw < share_up(deciders, j, u, is_up)) == is_up:
        return False
    flip_spin(j, spins, (columns.doubled, columns.part_of, columns.n_parts), columns.sums)
    return True


@njit(cache=True)
def _run_chain(columns, deciders, gains, spins, streams, recorded, plan):
    """Run one chain, p-bit by p-bit in order; return the number of flips."""
    begun, after, every = plan
    n, n_flips, normals = deciders.barrier.size, 0, np.zeros(columns.sums.shape[0])
    for sweep in range(gains.size):
        for j in range(n):
            if not deciders.held[j] and _update(columns, deciders, j, gains[sweep], spins, streams, normals):
                n_flips += 1
        done = begun + sweep + 1 - after
        if done > 0 and done % every == 0:
            recorded[done // every - 1] = spins[:n]
    return n_flips


@njit(cache=True, nogil=True)
def run_chains(columns, deciders, gains, spins, chains, recorded, plan):
    """Run all chains one after the other; return the number of flips.

    The sums are moved from chain to chain by flips. They are whole numbers, so that they are those of a fresh product.

    Parameters
    ----------
    columns : Columns
        Sums of ``spins``; changed in place.
    deciders : Deciders
    gains : ndarray, shape (n_sweeps,), float64
        beta I for a column of 1, in each sweep.
    spins : ndarray, shape (n_rows,), int8
        What the rows carry; changed in place.
    chains : Chains
        Where to begin; where they ended afterwards.
    recorded : ndarray, shape (n_chains, n_samples, n), int8
    plan : tuple of int
        Sweeps that the chains have behind them, sweeps before the first kept one, and from one kept one to the next.
    """
    rows, n_flips = (columns.doubled, columns.part_of, columns.n_parts), 0
    for chain in range(chains.states.shape[0]):
        for i in range(spins.size):
            if spins[i] != chains.states[chain, i]:
                flip_spin(i, spins, rows, columns.sums)
        n_flips += _run_chain(columns, deciders, gains, spins, chains.streams[chain], recorded[chain], plan)
        chains.states[chain] = spins
    return n_flips
