"""Speeds of several programs in one run: rounds that take turns, so that a busy machine slows all alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from .stopwatch import processor_seconds


@dataclass(frozen=True, eq=False)
class Contender:
    """A program that updates spins.

    Parameters
    ----------
    name : str
        Short name for tables.
    mode : str
        What was chosen of its settings.
    updates_per_sweep : int
        Attempted single-spin updates in one sweep of all its chains.
    run : function of (n_sweeps, seed)
        Runs from a start of its own choice, and returns the last energies of its chains.
    """

    name: str
    mode: str
    updates_per_sweep: int
    run: Callable[[int, int], np.ndarray]


@dataclass(frozen=True)
class Speed:
    """Processor times of a short and a long run, round by round, and the updates between them.

    Parameters
    ----------
    updates : int
        Updates of the long run less those of the short one.
    short_s, long_s : tuple of float
        Processor time of each round's runs [s].
    """

    updates: int
    short_s: tuple[float, ...]
    long_s: tuple[float, ...]

    @property
    def best(self):
        """Speed by the shortest of the long and the shortest of the short runs [1/s].

        Not the best round: that would reward a short run that was held up.
        """
        return self.updates / (min(self.long_s) - min(self.short_s))

    @property
    def rounds(self):
        """Speed of each round [1/s]; ndarray."""
        return self.updates / (np.array(self.long_s) - np.array(self.short_s))

    @property
    def median(self):
        """Median of the rounds [1/s]."""
        return float(np.median(self.rounds))


@contextmanager
def one_core():
    """Hold this process, and the threads that it starts, on one core; a no-op where that is not offered."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def cpu_seconds(contender, n_sweeps, seed):
    """Return the processor time of one run, all threads together [s]."""
    return processor_seconds(lambda: contender.run(n_sweeps, seed))


def choose_sweeps(contender, seconds):
    """Return a short and a four times longer number of sweeps that differ by about ``seconds``; warms both up."""
    short = 2
    while True:
        for n_sweeps in (short, 4 * short):
            contender.run(n_sweeps, 1)  # compiled for its length, where a program does that
        times = [min(cpu_seconds(contender, n, seed=1) for _ in range(3)) for n in (short, 4 * short)]
        spent = times[1] - times[0]
        if spent >= 0.5 * seconds:
            return short, 4 * short
        short = int(np.ceil(short * min(8.0, max(2.0, seconds / max(spent, 1e-4)))))


def interleave(contenders, n_rounds, seconds):
    """Return the speed of every contender.

    A round times a short and a long run of each and divides the updates between them by the processor time between
    them: what a program spends before its first and after its last sweep does not count, nor does the time that
    other processes take.

    Parameters
    ----------
    contenders : list of Contender
        Each warmed up before the first round.
    n_rounds : int
        Number of rounds.
    seconds : float
        Processor time between the long and the short run [s].

    Returns
    -------
    dict of str to Speed
        By the name of the contender.
    """
    sweeps = {one.name: choose_sweeps(one, seconds) for one in contenders}
    times = {one.name: ([], []) for one in contenders}
    for number in range(n_rounds):
        for one in contenders:
            for spent, n_sweeps in zip(times[one.name], sweeps[one.name], strict=True):
                spent.append(cpu_seconds(one, n_sweeps, seed=2 + number))
    speeds = {}
    for one in contenders:
        (short, long), (short_s, long_s) = sweeps[one.name], times[one.name]
        speeds[one.name] = Speed(one.updates_per_sweep * (long - short), tuple(short_s), tuple(long_s))
    return speeds
