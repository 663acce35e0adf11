"""The closed loop: let a machine run, find its p-bits, and hand back a machine that is compensated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.coloring import find_coloring
from ...emulator.spec.errors import InputError
from ...emulator.spec.schedule import Recording, Schedule
from ..engine.record import Calibration
from .compensation import CompensatedSampler
from .gain import PbitGains, fit_gains

BURN_IN = 100  # sweeps; updates that were seen need none, but a machine that starts in one corner shows few fields
N_CHAINS = 8


@dataclass(frozen=True, eq=False)
class MachineCalibration:
    """What a probe found, and the machine that follows from it.

    Parameters
    ----------
    record : Calibration
        Gains and offsets with intervals.
    pbits : PbitGains
        Estimated gains and offsets of the p-bits.
    machine : CompensatedSampler
        Takes a model and samples its distribution, as far as gains and offsets were all that was wrong.
    """

    record: Calibration
    pbits: PbitGains
    machine: CompensatedSampler


def probe_sweeps(n_pbits, n_judged, added=1.0):
    r"""Return how many sweeps a probe must see so that what is left of gains and offsets hides from a judge.

    Errors of the 2 n fitted numbers have the inverse of the information of N sweeps as covariance, so a test of M
    independent states finds the machine off by a non-centrality of

    .. math:: \lambda = M \, \mathrm{tr}(F F^{-1} / N) = 2 n M / N

    on average (F the information of one state, to the order in which that of its conditionals is that of the
    distribution). With ``added`` = 1 a chi-square of many cells moves by one of its many degrees of freedom.

    Parameters
    ----------
    n_pbits : int
        Number of p-bits.
    n_judged : int
        Independent states that the judge sees, M: with two stages those of the second.
    added : float
        Largest non-centrality that the chi-square test may gain.

    >>> probe_sweeps(6, 16_000)
    192000
    """
    if not added > 0:
        raise InputError(f"Non-centrality must be above 0, not {added!r}")
    return int(np.ceil(2 * n_pbits * n_judged / added))


def calibrate_machine(sampler, instance, beta, seed, n_sweeps, colors=None, symmetric=False):
    """Probe a machine with a model, fit gain and offset of every p-bit, and compensate them.

    Parameters
    ----------
    sampler : Sampler
        A machine that updates colour by colour: ``smtj``, ``crossbar`` (with ``colors`` counting up), a board.
        A `CompensatedSampler` is refused: probe the machine below, or gains of gains are found.
    instance : IsingInstance
        What it is probed with. Every p-bit must have a neighbour or it shows no gain.
    beta : float
        Inverse temperature of the probe; where inputs are near 1 gains are found best.
    seed : int
        Seed of the run and of the trials.
    n_sweeps : int
        Sweeps in all, over 8 chains; see `probe_sweeps`.
    colors : array_like, shape (n,), int, optional
        Order of updates; that of `find_coloring`, as all machines of colours have it, if absent.
    symmetric : bool
        Whether the machine needs symmetric couplings, J' = J'^T.

    Returns
    -------
    MachineCalibration
        Its record's ``check()`` refuses p-bits that are no logistic ones or remember.
    """
    if isinstance(sampler, CompensatedSampler):
        raise InputError("Machine of a probe must be a bare one, not one that is compensated already")
    colors = find_coloring(instance) if colors is None else np.asarray(colors)
    n_draws = max(2, -(-n_sweeps // N_CHAINS) + 1)
    schedule, recording = Schedule.constant(beta, BURN_IN + n_draws), Recording(after=BURN_IN)
    spins = sampler.sample(instance, schedule, N_CHAINS, seed, recording).spins
    record = fit_gains(instance, beta, spins, seed, colors)
    pbits = PbitGains.of_calibration(record)
    return MachineCalibration(record, pbits, CompensatedSampler(sampler, pbits, symmetric))
