"""Projection of a search: time to a low energy with 99 % confidence, on each machine's own dynamics."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from ....emulator.annealing.ladder import adaptive_ladder
from ....emulator.spec.errors import InputError
from ....emulator.spec.fabric.quantised import FabricOptions
from ....emulator.spec.instance import IsingInstance
from ....emulator.spec.schedule import Recording, Schedule
from ....emulator.spec.seeds import child_seed
from .estimate import Estimate
from .glass import Steps, gibbs_machines, machine_samplers

CONFIDENCE, N_RUNS, AT_ONCE = 0.99, 192, 32
LENGTHS = (30, 100, 300, 1000, 3000)  # sweeps of a run that are tried
N_BETAS = FabricOptions().n_pages  # of a schedule: one table page each
ROUND_OFF = 1e-9


@dataclass(frozen=True, eq=False)
class Goal:
    """What a search shall find.

    Parameters
    ----------
    instance : IsingInstance
        Instance that is searched.
    energy : float
        To reach or fall below.
    clamps : ndarray, shape (n,), int8, optional
        Value -1 or +1 of each held spin, 0 where a spin is free.
    """

    instance: IsingInstance
    energy: float
    clamps: np.ndarray | None = None


def search_machines(goal, seed, fmax_hz=None, options=None, lengths=LENGTHS, n_runs=N_RUNS):
    """Return the machines that reach the goal, and a sentence for each that did not; (list of Machine, list of str).

    Steps are sweeps: those of a run times ln(1 - 0.99) / ln(1 - p), p the share of runs that were at or below the
    energy at some time; of the lengths tried, the one whose high end is least, run once more, for a share that was
    chosen is too good. The range is Wilson's interval of p at 95 %.

    Parameters
    ----------
    goal : Goal
        Instance, energy and held spins.
    seed : int
        Seed of betas and runs.
    fmax_hz : float, optional
        Clock of the p-computer [Hz].
    options : FabricOptions, optional
        Options of the p-computer's fabric.
    lengths : sequence of int
        Sweeps of a run that are tried.
    n_runs : int
        Runs of each length.
    """
    betas = adaptive_ladder(goal.instance, seed=seed).betas
    steps, left_out = {}, []
    for name, sampler in machine_samplers(options).items():
        shares = {n: success_share(sampler, goal, betas, n, n_runs, seed) for n in lengths}
        tried = {n: sweeps_to_goal(n, round(share * n_runs), n_runs)[2] for n, share in shares.items() if share}
        length = min(tried, key=tried.get) if tried else max(lengths)
        n_found = round(n_runs * success_share(sampler, goal, betas, length, n_runs, child_seed(seed, "again")))
        source = f"{n_found} of {n_runs} runs of {length} sweeps on {name}"
        if n_found:
            low, best, high = sweeps_to_goal(length, n_found, n_runs)
            steps[name] = Steps(Estimate(low, best, high, "simulated", source), 0.5 * best)
        else:
            left_out.append(f"{source} reached {goal.energy:g}")
    if not steps:
        raise InputError(f"Energy must be one that a run reaches, which {goal.energy:g} is not: {left_out[0]}")
    return gibbs_machines(goal.instance, steps, seed, fmax_hz, options), left_out


def success_share(sampler, goal, betas, n_sweeps, n_runs, seed, n_betas=N_BETAS):
    """Return the share of runs that are at or below the goal's energy after some sweep; float.

    Rising ``betas``, at most ``n_betas`` of them, share the sweeps.
    """
    schedule = Schedule.through(betas, n_sweeps, n_betas)
    reached = 0
    for k, begin in enumerate(range(0, n_runs, AT_ONCE)):
        n = min(AT_ONCE, n_runs - begin)
        drawn = sampler.sample(
            goal.instance, schedule, n, child_seed(seed, "lot", k), Recording(spins=False), clamps=goal.clamps
        )
        reached += int((drawn.energies.min(axis=1) <= goal.energy + ROUND_OFF * abs(goal.energy)).sum())
    return reached / n_runs


def sweeps_to_goal(n_sweeps, n_found, n_runs):
    """Return low, best and high sweeps to the goal with 99 % confidence; at least one run.

    >>> [round(one) for one in sweeps_to_goal(100, 50, 100)]
    [508, 664, 890]
    """
    ends = binomtest(n_found, n_runs).proportion_ci(0.95, method="wilson")
    shares = (ends.high, n_found / n_runs, max(ends.low, 1e-6))
    return tuple(
        n_sweeps if share >= CONFIDENCE else n_sweeps * math.log(1.0 - CONFIDENCE) / math.log1p(-share)
        for share in shares
    )
