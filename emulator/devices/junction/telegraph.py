"""Telegraph junctions in continuous time: exact event logs, and exact samples at given times; no time step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from ...spec.errors import InputError
from .random import exponential, junction_streams, load, uniform


@dataclass(frozen=True)
class EventLog:
    """Flips of many junctions.

    Parameters
    ----------
    first_states : ndarray, shape (n_devices,), int8
        State -1 or +1 at time 0.
    pointers : ndarray, shape (n_devices + 1,), int64
        Junction i owns ``times_s[pointers[i]:pointers[i + 1]]``.
    times_s : ndarray, shape (n_events,), float64
        Times of its flips, ascending within a junction [s].
    end_s : float
        End of the run [s].
    """

    first_states: np.ndarray
    pointers: np.ndarray
    times_s: np.ndarray
    end_s: float

    @property
    def n_events(self):
        """Flips of all junctions."""
        return self.times_s.size

    def flips_s(self, junction):
        """Return the times at which one junction flips [s]."""
        return self.times_s[self.pointers[junction] : self.pointers[junction + 1]]

    def states_at(self, times_s):
        """Return the state of every junction at given times.

        Parameters
        ----------
        times_s : ndarray, shape (n_times,), float64
            Within the run [s]; a flip at exactly that time has happened.

        Returns
        -------
        ndarray, shape (n_times, n_devices), int8
        """
        times_s = np.asarray(times_s, dtype=np.float64)
        if times_s.size and not (times_s.min() >= 0 and times_s.max() <= self.end_s):
            raise InputError(f"Times must be 0 to {self.end_s:g} s, not {times_s.min():g} to {times_s.max():g} s")
        n_devices = self.first_states.size
        counts = [np.searchsorted(self.flips_s(i), times_s, side="right") for i in range(n_devices)]
        return (self.first_states * (1 - 2 * (np.stack(counts, axis=1) % 2))).astype(np.int8)

    def dwells_s(self, junction):
        """Return the completed dwell times in +1 and in -1 of one junction, first and last left out [s]."""
        stays = np.diff(self.flips_s(junction))
        first = -self.first_states[junction]  # state entered at the first flip
        return (stays[0::2], stays[1::2]) if first == 1 else (stays[1::2], stays[0::2])

    def in_order(self):
        """Return times and junction numbers of all flips in order of time."""
        junctions = np.repeat(np.arange(self.first_states.size), np.diff(self.pointers))
        order = np.lexsort((junctions, self.times_s))
        return self.times_s[order], junctions[order]


def run_events(junctions, drive, edges_s, seed, n_devices=None, initial=None):
    """Run junctions under a piecewise constant drive and log every flip.

    Each dwell spends one exponential draw at the rate of the moment, which is exact whatever the drive does between.

    Parameters
    ----------
    junctions : SmtjCard or SmtjPopulation
        One kind, or as many as it has.
    drive : array_like, broadcast to (n_segments, n_devices), float64
        Drive in each segment [drive unit]; within the range of the card.
    edges_s : array_like, shape (n_segments + 1,), float64
        Ends of the segments, ascending from 0 [s].
    seed : int
        Stream of junction i is that of (seed, i).
    n_devices : int, optional
        Number of equal junctions for a card; a population knows its own.
    initial : array_like, shape (n_devices,), int8, optional
        First states; drawn from the equilibrium of the first segment if absent.

    Returns
    -------
    EventLog

    Raises
    ------
    InputError
        If times do not ascend, a drive leaves the range, or shapes disagree.
    """
    edges_s = np.asarray(edges_s, dtype=np.float64)
    if edges_s.ndim != 1 or edges_s.size < 2 or edges_s[0] != 0.0 or not (np.diff(edges_s) > 0).all():
        raise InputError(f"Edges must be ascending times from 0 s, not {edges_s.tolist()}")
    n_devices = _n_devices(junctions, n_devices)
    up, down = _rates(junctions, drive, edges_s.size - 1, n_devices)
    streams = junction_streams(seed, n_devices)
    states = _first_states(initial, n_devices)
    first, pointers, times = _events(up, down, edges_s, streams, states)
    return EventLog(first, pointers, times, float(edges_s[-1]))


def sample_at(junctions, drive, times_s, seed, n_devices=None, initial=None):
    """Sample junctions at given times by the exact propagator of two states, one draw a sample.

    Parameters
    ----------
    junctions, seed, n_devices : see `run_events`
        The draws are others than those of `run_events`; the distribution is the same.
    drive : array_like, broadcast to (n_times, n_devices), float64
        Row k holds from time k - 1 (from 0 for the first) to time k [drive unit].
    times_s : array_like, shape (n_times,), float64
        Not descending, from 0 on [s].
    initial : array_like, shape (n_devices,), int8, optional
        States at time 0; drawn from the equilibrium of the first drive if absent.

    Returns
    -------
    ndarray, shape (n_times, n_devices), int8
        States -1 or +1.

    Raises
    ------
    InputError
        If times descend or are negative, a drive leaves the range, or shapes disagree.
    """
    times_s = np.asarray(times_s, dtype=np.float64)
    spans_s = np.diff(times_s, prepend=0.0)
    if times_s.ndim != 1 or not (spans_s >= 0).all():
        raise InputError(f"Times must be a list that does not descend from 0 s, not {times_s.tolist()}")
    n_devices = _n_devices(junctions, n_devices)
    up, down = _rates(junctions, drive, times_s.size, n_devices)
    streams = junction_streams(seed, n_devices)
    states = _first_states(initial, n_devices)
    out = np.empty((times_s.size, n_devices), dtype=np.int8)
    _propagate(up, down, spans_s, streams, states, out)
    return out


def _n_devices(junctions, n_devices):
    known = getattr(junctions, "n_devices", None)
    if known is not None and n_devices not in (None, known):
        raise InputError(f"Devices must be {known}, the size of the population, not {n_devices}")
    return known or n_devices or 1


def _rates(junctions, drive, n_rows, n_devices):
    """Return rates up and down, shape (n_devices, n_rows), of drives that were checked against the card."""
    drive = getattr(junctions, "card", junctions).checked_drive(drive)
    try:
        drive = np.broadcast_to(drive, (n_rows, n_devices))
    except ValueError:
        raise InputError(f"Drive must be of shape ({n_rows}, {n_devices}), not {drive.shape}") from None
    up, down = junctions.rates_Hz(junctions.reduced_drive(drive))
    return np.ascontiguousarray(up.T), np.ascontiguousarray(down.T)


def _first_states(initial, n_devices):
    """Return int8 states, 0 where the kernel is to draw one."""
    if initial is None:
        return np.zeros(n_devices, dtype=np.int8)
    initial = np.asarray(initial)
    if initial.shape != (n_devices,) or not np.isin(initial, (-1, 1)).all():
        raise InputError(f"First states must be {n_devices} of -1 or +1, not {initial.tolist()}")
    return initial.astype(np.int8)


@njit(cache=True)
def _draw_state(up, down, stream):
    share, stream = uniform(stream)
    return (np.int8(1) if share * (up + down) < up else np.int8(-1)), stream


@njit(cache=True)
def _events(up, down, edges_s, streams, first):
    """Return first states, pointers and flip times; the buffer doubles when it is full."""
    n_devices, n_segments = up.shape
    pointers = np.zeros(n_devices + 1, dtype=np.int64)
    times = np.empty(1024)
    count = 0
    for device in range(n_devices):
        stream = load(streams, device)
        if first[device] == 0:
            first[device], stream = _draw_state(up[device, 0], down[device, 0], stream)
        state = first[device]
        left, stream = exponential(stream)  # hazard that remains of this dwell
        for segment in range(n_segments):
            now, end = edges_s[segment], edges_s[segment + 1]
            while True:
                rate = up[device, segment] if state < 0 else down[device, segment]
                spent = rate * (end - now)
                if spent < left:
                    left -= spent
                    break
                now += left / rate
                if count == times.size:
                    larger = np.empty(2 * count)
                    larger[:count] = times
                    times = larger
                times[count] = now
                count += 1
                state = np.int8(-state)
                left, stream = exponential(stream)
        pointers[device + 1] = count
    return first, pointers, times[:count].copy()


@njit(cache=True)
def _propagate(up, down, spans_s, streams, states, out):
    """Write states at the end of each span; P(up) relaxes to up / (up + down) at the rate up + down."""
    for device in range(up.shape[0]):
        stream = load(streams, device)
        state = states[device]
        if state == 0:
            state, stream = _draw_state(up[device, 0], down[device, 0], stream)
        for k in range(spans_s.size):
            total = up[device, k] + down[device, k]
            settled = up[device, k] / total
            now_up = 1.0 if state > 0 else 0.0
            chance = settled + (now_up - settled) * math.exp(-total * spans_s[k])
            share, stream = uniform(stream)
            state = np.int8(1) if share < chance else np.int8(-1)
            out[k, device] = state
