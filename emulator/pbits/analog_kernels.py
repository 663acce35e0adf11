"""Kernel of the analog machine: a column is read, a junction decides, a row is added where a spin turned."""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..crossbar.column_sums import flip_spin, read_column
from ..devices.junction.random import load, normal, store, uniform


class Columns(NamedTuple):
    """What `ColumnSums` keeps: rows, part of each row, number of parts, sums, reading; see `flip_spin`."""

    doubled: np.ndarray
    part_of: np.ndarray
    n_parts: int
    sums: np.ndarray
    reading: np.ndarray


class Deciders(NamedTuple):
    """Junctions that forget between updates: barrier [kT], drive per input, drive without, exponent, noise.

    Parameters
    ----------
    barrier, scale, shift : ndarray, shape (n,), float64
    exponent, noise : float
        ``noise`` is the standard deviation that the amplifier adds to beta I [1].
    held : ndarray, shape (n,), bool
    """

    barrier: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    exponent: float
    noise: float
    held: np.ndarray


@njit(cache=True)
def share_up(deciders, j, u):
    """Return the probability of junction j to be up at input ``u``."""
    x = deciders.scale[j] * u + deciders.shift[j]
    up = max(1.0 + x, 0.0) ** deciders.exponent
    down = max(1.0 - x, 0.0) ** deciders.exponent
    return 1.0 / (1.0 + np.exp(deciders.barrier[j] * (down - up)))


@njit(cache=True)
def _update(columns, deciders, j, beta, spins, streams, normals):
    """Update p-bit j; return whether it turned."""
    stream = load(streams, j)
    for part in range(normals.size):
        if columns.reading[part, 2, j] > 0.0:
            normals[part], stream = normal(stream)
    u = beta * read_column(j, columns.sums, columns.reading, normals)
    if deciders.noise > 0.0:
        deviate, stream = normal(stream)
        u += deciders.noise * deviate
    draw, stream = uniform(stream)
    store(streams, j, stream)
    if (draw < share_up(deciders, j, u)) == (spins[j] > 0):
        return False
    flip_spin(j, spins, (columns.doubled, columns.part_of, columns.n_parts), columns.sums)
    return True


@njit(cache=True, nogil=True)
def run_analog(columns, deciders, betas, spins, streams, recorded, plan):
    """Run one chain, p-bit by p-bit in order; return the number of flips.

    Parameters
    ----------
    columns : Columns
        Sums of ``spins``; changed in place.
    deciders : Deciders
    betas : ndarray, shape (n_sweeps,), float64
        Inverse temperature that the read voltage sets in each sweep.
    spins : ndarray, shape (n_rows,), int8
        States of the p-bits, and the rows that are always +1.
    streams : ndarray, shape (n, 4), uint64
    recorded : ndarray, shape (n_samples, n), int8
    plan : tuple of int
        Sweeps before the first kept one, and from one kept one to the next.
    """
    after, every = plan
    n, n_flips, normals = deciders.barrier.size, 0, np.zeros(columns.sums.shape[0])
    for sweep in range(betas.size):
        for j in range(n):
            if not deciders.held[j] and _update(columns, deciders, j, betas[sweep], spins, streams, normals):
                n_flips += 1
        done = sweep + 1 - after
        if done > 0 and done % every == 0:
            recorded[done // every - 1] = spins[:n]
    return n_flips
