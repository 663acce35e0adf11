"""Evaluation of a point of a search: schedule and words of a p-computer, or junctions, that reach a low energy."""

from __future__ import annotations

from functools import lru_cache

from ....emulator.annealing.ladder import adaptive_ladder
from ....emulator.instances.resolve import resolve
from ....emulator.spec.errors import InputError
from ..projections.glass import junction_sweep, machine_samplers
from ..projections.machines import BOARD, FMAX_HZ
from ..projections.search import N_BETAS, Goal, success_share, sweeps_to_goal
from .fabric import options_of

MACHINES = ("golden", "smtj")
DEFAULT_RUNS, DEFAULT_SWEEPS = 64, 300


@lru_cache(maxsize=4)
def _ladder(name):
    """Return an instance and its betas; kept, for a process evaluates many points of it."""
    instance = resolve(name)
    return instance, adaptive_ladder(instance).betas


def search_point(problem, point, seed):
    """Return sweeps, seconds and joules to the energy with 99 % confidence, and the share of runs that found it.

    Betas are those of the adaptive ladder, ``betas`` of them, all times ``cold``.

    Raises
    ------
    InputError
        If no run found it.
    """
    on = point.get("on", problem.get("on", "golden"))
    if on not in MACHINES:
        raise InputError(f"on must be one of {', '.join(MACHINES)}, not {on!r}")
    instance, ladder = _ladder(problem["instance"])
    betas = tuple(point.get("cold", 1.0) * beta for beta in ladder)
    n_runs, n_sweeps = problem.get("runs", DEFAULT_RUNS), point.get("sweeps", DEFAULT_SWEEPS)
    n_betas = min(point.get("betas", N_BETAS), len(betas))
    options, spec = options_of(instance, point)
    sampler = machine_samplers(options)[on]
    share = success_share(sampler, Goal(instance, problem["energy"]), betas, n_sweeps, n_runs, seed, n_betas)
    if not share:
        raise InputError(f"None of {n_runs} runs of {n_sweeps} sweeps reached {problem['energy']:g}")
    sweeps = sweeps_to_goal(n_sweeps, round(share * n_runs), n_runs)[1]
    if on == "golden":
        seconds = sweeps * spec.clocks_per_sweep / FMAX_HZ.best
        joules = seconds * BOARD.best
    else:
        sweep_s, sweep_J, _ = junction_sweep(instance)
        seconds, joules = sweeps * sweep_s.best, sweeps * sweep_J.best
    return {"sweeps": float(sweeps), "seconds": float(seconds), "joules": float(joules), "share": float(share)}
