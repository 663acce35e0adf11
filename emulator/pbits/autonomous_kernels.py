"""Kernel of free-running junctions: one flip at a time, in continuous time, without a time step.

References
----------
Gibson and Bruck, J. Phys. Chem. A 104, 1876 (2000) (next reactions); Lewis and Shedler, Nav. Res. Logist. Q. 26, 403
(1979) (thinning).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..devices.junction.random import exponential, load, store, uniform
from .delay_line import next_due, pop, push
from .event_queue import EventQueue, move


class Network(NamedTuple):
    """Who drives whom, and with which devices.

    Parameters
    ----------
    pointers, neighbors, values : ndarray
        Rows of the coupling matrix, compressed.
    barrier, rate, scale, shift : ndarray, shape (n,), float64
        Same meaning as in `clocked_kernels.Junctions`.
    exponent : float
        Exponent of the barrier [1].
    held : ndarray, shape (n,), bool
        Junctions that never flip.
    """

    pointers: np.ndarray
    neighbors: np.ndarray
    values: np.ndarray
    barrier: np.ndarray
    rate: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    exponent: float
    held: np.ndarray


class Synapse(NamedTuple):
    """How late and how slowly a flip is felt.

    Parameters
    ----------
    delay_s : float
        Between a flip and the first that its neighbours feel of it [s].
    rise_s : float
        Time constant with which a drive then approaches its new value [s]; 0 for a step.
    """

    delay_s: float
    rise_s: float


class Machine(NamedTuple):
    """What changes while a machine runs.

    Parameters
    ----------
    spins : ndarray, shape (n,), int8
        State of each junction.
    target : ndarray, shape (n,), float64
        Local field that has arrived.
    felt, felt_at_s, bound : ndarray, shape (n,), float64
        Local field that the junction feels, when that was true [s], and the rate under which it was scheduled [1/s].
    queue : EventQueue
        Next flips, or proposals of them.
    streams : ndarray, shape (n, 4), uint64
        A generator a junction.
    """

    spins: np.ndarray
    target: np.ndarray
    felt: np.ndarray
    felt_at_s: np.ndarray
    bound: np.ndarray
    queue: EventQueue
    streams: np.ndarray


@njit(cache=True)
def _rate_Hz(network, i, u, spin):
    """Return the rate at which junction i leaves ``spin`` at input ``u``."""
    y = max(1.0 + spin * (network.scale[i] * u + network.shift[i]), 0.0)
    power = y * y if network.exponent == 2.0 else y**network.exponent
    return network.rate[i] * np.exp(-network.barrier[i] * power)


@njit(cache=True)
def _feel(machine, i, now, rise_s):
    """Bring what junction i feels up to date."""
    if rise_s > 0.0:
        away = machine.felt[i] - machine.target[i]
        machine.felt[i] = machine.target[i] + away * np.exp(-(now - machine.felt_at_s[i]) / rise_s)
        machine.felt_at_s[i] = now
    else:
        machine.felt[i] = machine.target[i]


@njit(cache=True)
def _bound_Hz(network, machine, i, beta):
    """Return the largest rate of junction i until its field changes again.

    What it feels lies between now's value and the target, and the rate is monotone in it: one of these ends has it.
    """
    bound = _rate_Hz(network, i, beta * machine.felt[i], machine.spins[i])
    if machine.felt[i] != machine.target[i]:
        bound = max(bound, _rate_Hz(network, i, beta * machine.target[i], machine.spins[i]))
    return bound


@njit(cache=True)
def schedule_flip(network, machine, i, now, beta):
    """Draw the next proposal of junction i, which is taken with the ratio of the true rate to the bound: exact."""
    if network.held[i]:
        move(machine.queue, i, np.inf)
        return
    stream = load(machine.streams, i)
    wait, stream = exponential(stream)
    store(machine.streams, i, stream)
    machine.bound[i] = _bound_Hz(network, machine, i, beta)
    move(machine.queue, i, now + wait / machine.bound[i])


@njit(cache=True)
def _stretch(network, machine, i, now, beta):
    """Move the next proposal of junction i to another rate; what is left of its exponential draw stays."""
    if network.held[i]:
        return
    left = (machine.queue.times[i] - now) * machine.bound[i]
    machine.bound[i] = _bound_Hz(network, machine, i, beta)
    move(machine.queue, i, now + left / machine.bound[i])


@njit(cache=True)
def deliver(network, machine, source, change, now, beta, rise_s):
    """Let the neighbours of a junction know its flip, ``change`` being -2 or +2."""
    for entry in range(network.pointers[source], network.pointers[source + 1]):
        i = network.neighbors[entry]
        _feel(machine, i, now, rise_s)
        machine.target[i] += change * network.values[entry]
        if rise_s == 0.0:
            machine.felt[i] = machine.target[i]
        _stretch(network, machine, i, now, beta)


@njit(cache=True)
def _is_taken(network, machine, i, now, beta, rise_s):
    """Decide whether a proposal is a flip."""
    if machine.felt[i] == machine.target[i]:
        return True
    _feel(machine, i, now, rise_s)
    true = _rate_Hz(network, i, beta * machine.felt[i], machine.spins[i])
    stream = load(machine.streams, i)
    draw, stream = uniform(stream)
    store(machine.streams, i, stream)
    return draw * machine.bound[i] < true


class Flips(NamedTuple):
    """Flips that were written down.

    Parameters
    ----------
    times_s : ndarray, shape (capacity,), float64
        When [s]; without capacity nothing is written down.
    junctions : ndarray, shape (capacity,), int64
        Index of the junction that flips.
    counts : ndarray, shape (2,), int64
        Numbers of flips and of proposals.
    """

    times_s: np.ndarray
    junctions: np.ndarray
    counts: np.ndarray


@njit(cache=True)
def _write_down(flips, now, i):
    """Append a flip; return the list, which may be a longer one."""
    count, size = flips.counts[0], flips.times_s.size
    flips.counts[0] += 1
    if size == 0:
        return flips
    if count == size:
        times_s, junctions = np.empty(2 * size), np.empty(2 * size, dtype=np.int64)
        times_s[:size], junctions[:size] = flips.times_s, flips.junctions
        flips = Flips(times_s, junctions, flips.counts)
    flips.times_s[count], flips.junctions[count] = now, i
    return flips


@njit(cache=True)
def _run_until(network, synapse, machine, beta, end, line, flips):
    """Run to the end of a period at one beta; return the delay line and the flips."""
    queue = machine.queue
    while True:
        i = queue.heap[0]
        now, arrival = queue.times[i], next_due(line)
        if min(now, arrival) >= end:
            return line, flips
        if arrival <= now:
            source, change = pop(line)
            deliver(network, machine, source, change, arrival, beta, synapse.rise_s)
            continue
        flips.counts[1] += 1
        if not _is_taken(network, machine, i, now, beta, synapse.rise_s):
            schedule_flip(network, machine, i, now, beta)
            continue
        machine.spins[i] = -machine.spins[i]
        schedule_flip(network, machine, i, now, beta)
        flips = _write_down(flips, now, i)
        if synapse.delay_s > 0.0:
            line = push(line, now + synapse.delay_s, i, machine.spins[i])
        else:
            deliver(network, machine, i, 2.0 * machine.spins[i], now, beta, synapse.rise_s)


@njit(cache=True, nogil=True)
def run_machine(network, synapse, machine, betas, plan, recorded, logs):
    """Run one machine; states are recorded at multiples of the period.

    Parameters
    ----------
    network : Network
    synapse : Synapse
    machine : Machine
        State of the machine; changed in place.
    betas : ndarray, shape (n_periods,), float64
        Inverse temperature in each period.
    plan : tuple
        Length of a period [s], periods before the first kept one, and from one kept one to the next.
    recorded : ndarray, shape (n_samples, n), int8
        Takes the states at the ends of kept periods.
    logs : tuple
        An empty `DelayLine` and empty `Flips`.

    Returns
    -------
    Flips
    """
    period_s, after, every = plan
    line, flips = logs
    for k in range(betas.size):
        if k == 0 or betas[k] != betas[k - 1]:
            for i in range(machine.spins.size):
                _feel(machine, i, k * period_s, synapse.rise_s)
                schedule_flip(network, machine, i, k * period_s, betas[k])
        line, flips = _run_until(network, synapse, machine, betas[k], (k + 1) * period_s, line, flips)
        done = k + 1 - after
        if done > 0 and done % every == 0:
            recorded[done // every - 1] = machine.spins
    return flips
