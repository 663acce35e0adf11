"""Kernel of digital p-bits that junctions clock."""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..devices.junction.random import exponential, load, store, uniform
from .delay_line import next_due, pop, push
from .event_queue import move


class Clocks(NamedTuple):
    """Free junctions: rates up and down, float64 [1/s], and p-bits that no edge changes, bool; shape (n,) each."""

    up: np.ndarray
    down: np.ndarray
    held: np.ndarray


class Digital(NamedTuple):
    """P-bits: compressed rows of J, spins, the local fields that have arrived, steps of the comparison, delay [s]."""

    pointers: np.ndarray
    neighbors: np.ndarray
    values: np.ndarray
    spins: np.ndarray
    fields: np.ndarray
    n_steps: float
    delay_s: float


@njit(cache=True)
def _is_up(digital, i, beta, draw):
    """Compare a uniform draw, cut to the width of the comparison, with the threshold of p-bit i."""
    share = 1.0 / (1.0 + np.exp(-2.0 * beta * digital.fields[i]))
    threshold = min(max(np.rint(share * digital.n_steps), 1.0), digital.n_steps - 1.0)
    return np.floor(draw * digital.n_steps) < threshold


@njit(cache=True)
def _tell(digital, source, change):
    for entry in range(digital.pointers[source], digital.pointers[source + 1]):
        digital.fields[digital.neighbors[entry]] += change * digital.values[entry]


@njit(cache=True)
def _start(clocks, high, streams, queue):
    """Put junctions into equilibrium."""
    for i in range(high.size):
        stream = load(streams, i)
        draw, stream = uniform(stream)
        high[i] = draw * (clocks.up[i] + clocks.down[i]) < clocks.up[i]
        wait, stream = exponential(stream)
        store(streams, i, stream)
        move(queue, i, wait / (clocks.down[i] if high[i] else clocks.up[i]))


@njit(cache=True)
def _edge(clocks, high, i, streams, queue):
    """Flip a junction; return whether the p-bit is updated, and a uniform draw for it."""
    high[i] = not high[i]
    stream = load(streams, i)
    wait, stream = exponential(stream)
    move(queue, i, queue.times[i] + wait / (clocks.down[i] if high[i] else clocks.up[i]))
    is_update, draw = high[i] and not clocks.held[i], 0.0
    if is_update:
        draw, stream = uniform(stream)
    store(streams, i, stream)
    return is_update, draw


@njit(cache=True, nogil=True)
def run_clocks(clocks, digital, betas, plan, recorded, randomness):
    """Run one machine; return the number of updates.

    Parameters
    ----------
    clocks : Clocks
    digital : Digital
        State of the digital p-bits; changed in place.
    betas, plan, recorded : see `autonomous_kernels.run_machine`
    randomness : tuple
        Streams, shape (n, 4), uint64; an `EventQueue`; an empty `DelayLine`.
    """
    streams, queue, line = randomness
    period_s, after, every = plan
    high, n_updates = np.zeros(digital.spins.size, dtype=np.bool_), 0
    _start(clocks, high, streams, queue)
    for k in range(betas.size):
        end = (k + 1) * period_s
        while min(queue.times[queue.heap[0]], next_due(line)) < end:
            i = queue.heap[0]
            now = queue.times[i]
            if next_due(line) <= now:
                source, change = pop(line)
                _tell(digital, source, change)
                continue
            is_update, draw = _edge(clocks, high, i, streams, queue)
            if not is_update:
                continue
            n_updates += 1
            spin = 1 if _is_up(digital, i, betas[k], draw) else -1
            if spin != digital.spins[i]:
                digital.spins[i] = spin
                if digital.delay_s > 0.0:
                    line = push(line, now + digital.delay_s, i, spin)
                else:
                    _tell(digital, i, 2.0 * spin)
        done = k + 1 - after
        if done > 0 and done % every == 0:
            recorded[done // every - 1] = digital.spins
    return n_updates
