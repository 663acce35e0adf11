"""Spin glasses: residual energies beside the published ones, and ground energies."""

from __future__ import annotations

import time

import numpy as np

from ...emulator.annealing.anneal import anneal
from ...emulator.annealing.ladder import adaptive_ladder
from ...emulator.annealing.progress import AnnealOptions
from .data import glasses, published
from .intervals import bootstrap_interval, joint_half_width

SEED = 1
N_RUNS = 512
RECORDS = (2, 4, 10, 20, 30, 50, 70, 100, 150, 200, 300, 400, 500, 700, 1000)
# (side, shipped instances, sweeps)
TEMPERING = {False: ((8, 10, 100),), True: ((8, 10, 1000), (10, 5, 1000), (12, 3, 1000), (15, 1, 3000))}
# (Trotter replicas, sweeps)
TROTTER = {
    False: ((50, 100), (250, 100)),
    True: tuple((replicas, sweeps) for replicas in (50, 132, 250, 500, 1000) for sweeps in (100, 1000)),
}


def tempering_rows(full, seed=SEED):
    """Return what parallel tempering with cluster moves reaches on the shipped glasses.

    Parameters
    ----------
    full : bool
        Every shipped glass to the end of its published curve; otherwise L = 8 to 100 sweeps.
    seed : int
        Seed of betas, searches and intervals.

    Returns
    -------
    residual, ground : list of dict
        Results of `residual_row` and of `ground_row`.
    """
    residual, ground = [], []
    for size, n_instances, sweeps in TEMPERING[full]:
        found = []
        for glass in glasses(size)[:n_instances]:
            started = time.perf_counter()
            ladder = adaptive_ladder(glass.instance, seed=seed)
            ladder_s = time.perf_counter() - started
            records = sorted({*[at for at in RECORDS if at <= sweeps], sweeps})
            options = AnnealOptions(engine="packed", record_at=records)
            result = anneal(glass.instance, "apt", sweeps, N_RUNS, seed, options, betas=ladder.betas)
            found.append(result.residual_energies(glass.ground_energy, of="current"))
            ground.append(ground_row(glass, result, len(ladder.betas), ladder_s))
        for column, at in enumerate(records):
            samples = [one[:, column] for one in found]
            residual.append(residual_row(("apt_icm", size, at, None), samples, seed))
    return residual, ground


def ground_row(glass, result, n_betas, ladder_s):
    """Return how one search met a putative ground energy.

    Parameters
    ----------
    glass : Glass
        Glass that was searched.
    result : AnnealResult
        Result of the search.
    n_betas : int
        Number of betas of its ladder.
    ladder_s : float
        Time that the ladder took [s].

    Returns
    -------
    dict
        ``first`` is the record at which the first run had the known energy, ``share`` the runs that had it at the end.
    """
    reached = result.reached(glass.ground_energy)
    first = np.flatnonzero(reached)
    return {
        "size": glass.size,
        "number": glass.number,
        "known": glass.ground_energy,
        "found": result.energy,
        "first": int(result.at[first[0]]) if len(first) else None,
        "share": float(reached[-1]),
        "sweeps": int(result.at[-1]),
        "n_betas": n_betas,
        "seconds": result.seconds,
        "ladder_s": ladder_s,
        "updates_per_s": result.updates / result.seconds,
    }


def trotter_rows(full, seed=SEED):
    """Return residual energies of simulated quantum annealing on the shipped L = 15 glass; see `tempering_rows`."""
    glass, residual = glasses(15)[0], []
    for replicas, sweeps in TROTTER[full]:
        blocks = replicas & -replicas
        options = AnnealOptions(engine="packed", record_at=())
        result = anneal(
            glass.instance,
            "sqa",
            sweeps,
            n_runs=N_RUNS // min(blocks, 64),
            seed=seed,
            options=options,
            n_replicas=replicas,
            coupling_factor=1.0,
        )
        samples = [result.residual_energies(glass.ground_energy, of="current")[:, -1]]
        row = residual_row(("dt_sqa", 15, sweeps, replicas), samples, seed)
        residual.append(row | {"seconds": result.seconds, "updates_per_s": result.updates / result.seconds})
    return residual


def residual_row(where, samples, seed=SEED):
    """Return one residual energy per spin beside the published one.

    Parameters
    ----------
    where : tuple of (str, int, int, int or None)
        Method and side of `published`, sweeps, Trotter replicas.
    samples : list of ndarray, shapes (n_runs,)
        Residual energies of the runs of each instance.
    seed : int
        Seed of the resampling.

    Returns
    -------
    dict
        ``value`` in the 95 % interval ``low`` ... ``high``; where something is published also ``half_width``, the
        ``joint`` half width of the difference, and whether it is ``inside``.
    """
    method, size, sweeps, replicas = where
    low, high = bootstrap_interval(samples, np.random.default_rng(seed))
    value = float(np.mean([one.mean() for one in samples]))
    theirs, half_width = published(method, size, sweeps, replicas)
    row = {"method": method, "size": size, "sweeps": sweeps, "replicas": replicas, "value": value}
    row |= {"low": low, "high": high, "n_instances": len(samples), "n_runs": len(samples[0]), "published": theirs}
    if theirs is not None:
        joint = joint_half_width((high - low) / 2, half_width, len(samples))
        row |= {"half_width": half_width, "joint": joint, "inside": abs(value - theirs) <= joint}
    return row
