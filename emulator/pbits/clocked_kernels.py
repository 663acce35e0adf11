"""Kernels of clocked junctions: exact propagation over a clock, comparators, latches."""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..devices.junction.random import load, normal, store, uniform


class Wiring(NamedTuple):
    """Arrays of a `SweepLayout`: who reads whom, in rows."""

    bounds: np.ndarray
    pointers: np.ndarray
    neighbors: np.ndarray
    values: np.ndarray
    biases: np.ndarray


class Junctions(NamedTuple):
    """Numbers of each junction in rows, and those that all share.

    Parameters
    ----------
    barrier, rate, scale, shift, cycle : ndarray, shape (n,), float64
        Barrier [kT], attempt rate [1/s], reduced drive per input and at no input [1], its deviation per clock [1].
    exponent, clock_s : float
        Exponent of the barrier [1]; time between two clocks [s], infinite for junctions that forget.
    chances : ndarray, shape (2, 2), float64
        Probability that the comparator gives +1, [previous output > 0, junction > 0]; see `comparator_chances`.
    """

    barrier: np.ndarray
    rate: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    cycle: np.ndarray
    exponent: float
    clock_s: float
    chances: np.ndarray


@njit(cache=True)
def field_of(wiring, latched, row):
    """Return the local field of a row under latched spins."""
    field = wiring.biases[row]
    for entry in range(wiring.pointers[row], wiring.pointers[row + 1]):
        field += wiring.values[entry] * latched[wiring.neighbors[entry]]
    return field


@njit(cache=True)
def up_chance(junctions, row, x, state):
    """Return the probability that a junction is up one clock after it was in ``state``, at reduced drive ``x``."""
    up = junctions.rate[row] * np.exp(-junctions.barrier[row] * max(1.0 - x, 0.0) ** junctions.exponent)
    down = junctions.rate[row] * np.exp(-junctions.barrier[row] * max(1.0 + x, 0.0) ** junctions.exponent)
    share = up / (up + down)
    if np.isinf(junctions.clock_s):
        return share
    start = 1.0 if state > 0 else 0.0
    return share + (start - share) * np.exp(-(up + down) * junctions.clock_s)


@njit(cache=True)
def clock(wiring, junctions, beta, color, chain, streams):
    """Let one clock pass for every junction, then latch a colour.

    Parameters
    ----------
    wiring : Wiring
    junctions : Junctions
    beta : float
        Inverse temperature.
    color : int
        Colour whose rows latch.
    chain : tuple of ndarray, shape (n,), int8
        Latched spins, and states of the junctions; changed in place.
    streams : ndarray, shape (n, 4), uint64
        A generator a row.
    """
    latched, states = chain
    first, last = wiring.bounds[color], wiring.bounds[color + 1]
    begin, end = first, last
    if not np.isinf(junctions.clock_s):
        begin, end = 0, wiring.bounds[-1]
    for row in range(begin, end):
        stream = load(streams, row)
        x = junctions.scale[row] * beta * field_of(wiring, latched, row) + junctions.shift[row]
        if junctions.cycle[row] > 0.0:
            deviate, stream = normal(stream)
            x += junctions.cycle[row] * deviate
        draw, stream = uniform(stream)
        states[row] = 1 if draw < up_chance(junctions, row, x, states[row]) else -1
        store(streams, row, stream)
    for row in range(first, last):  # the rows of a colour do not read each other
        chance = junctions.chances[1 if latched[row] > 0 else 0, 1 if states[row] > 0 else 0]
        if chance == 0.0 or chance == 1.0:
            latched[row] = 1 if chance == 1.0 else -1
        else:
            stream = load(streams, row)
            draw, stream = uniform(stream)
            latched[row] = 1 if draw < chance else -1
            store(streams, row, stream)


@njit(cache=True, nogil=True)
def run_chain(wiring, junctions, betas, chain, streams, recorded, plan):
    """Run one chain through a schedule.

    Parameters
    ----------
    wiring, junctions, chain, streams : see `clock`
    betas : ndarray, shape (n_sweeps,), float64
        Inverse temperature of each sweep.
    recorded : ndarray, shape (n_samples, n), int8
        Takes the latched spins after kept sweeps.
    plan : tuple of int
        Sweeps before the first, and from one kept sweep to the next.
    """
    after, every = plan
    for sweep in range(betas.size):
        for color in range(wiring.bounds.size - 1):
            clock(wiring, junctions, betas[sweep], color, chain, streams)
        done = sweep + 1 - after
        if done > 0 and done % every == 0:
            recorded[done // every - 1] = chain[0]
