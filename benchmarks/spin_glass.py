"""Spin glasses and cuts: residual energies beside the published ones, ground energies, optima.

``python -m spinchip.benchmarks.spin_glass docs/results/spin_glass.md [--full]`` writes the tables.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from ..emulator.annealing.anneal import anneal
from ..emulator.annealing.ladder import adaptive_ladder
from ..emulator.annealing.progress import AnnealOptions
from ..emulator.spec.atomic_write import check_output, whole_file
from .glass_data import BEST_CUTS, TORUS_OPTIMA, cut_instance, glasses, published
from .glass_intervals import bootstrap_interval, joint_half_width
from .glass_table import document

SEED = 1
N_RUNS = 512
RECORDS = (2, 4, 10, 20, 30, 50, 70, 100, 150, 200, 300, 400, 500, 700, 1000)
# (side, shipped instances, sweeps)
TEMPERING = {False: ((8, 3, 1000),), True: ((8, 10, 1000), (10, 5, 1000), (12, 3, 1000), (15, 1, 3000))}
# (Trotter replicas, sweeps)
TROTTER = {
    False: ((50, 100), (250, 100)),
    True: tuple((replicas, sweeps) for replicas in (50, 132, 250, 500, 1000) for sweeps in (100, 1000)),
}
# method, engine, runs, sweeps, betas (first and last of a line, or an adaptive ladder)
CUT_RECIPES = {
    "t2g10_5555": ("apt", "plain", 4, 1000, None),
    "t3g5_5555": ("apt", "plain", 4, 1000, None),
    "t3g7_5555": ("apt", "plain", 4, 4000, None),
    "G11": ("apt", "packed", 512, 150, None),
    "G14": ("sa", "plain", 16, 50000, (0.5, 3.0)),
    "G22": ("sa", "packed", 512, 3000, (0.2, 2.0)),
    "G32": ("apt", "packed", 512, 300, None),
    "G48": ("apt", "packed", 512, 50, None),
}
QUICK_CUTS = ("t2g10_5555", "t3g5_5555", "G11", "G22")


def tempering_rows(full):
    """Return residual energies of parallel tempering with cluster moves, and how the ground energies were reached."""
    residual, ground = [], []
    for size, n_instances, sweeps in TEMPERING[full]:
        found = []
        for glass in glasses(size)[:n_instances]:
            started = time.perf_counter()
            ladder = adaptive_ladder(glass.instance, seed=SEED)
            ladder_s = time.perf_counter() - started
            records = sorted({*[at for at in RECORDS if at <= sweeps], sweeps})
            options = AnnealOptions(engine="packed", record_at=records)
            result = anneal(
                glass.instance, "apt", sweeps, n_runs=N_RUNS, seed=SEED, options=options, betas=ladder.betas
            )
            found.append(result.residual_energies(glass.ground_energy, of="current"))
            ground.append(ground_row(glass, result, len(ladder.betas), ladder_s))
        for column, at in enumerate(records):
            samples = [one[:, column] for one in found]
            residual.append(residual_row(("apt_icm", size, at, None), samples))
    return residual, ground


def ground_row(glass, result, n_betas, ladder_s):
    """Return how one search met a putative ground energy."""
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


def trotter_rows(full):
    """Return residual energies of simulated quantum annealing on the shipped L = 15 glass."""
    glass, residual = glasses(15)[0], []
    for replicas, sweeps in TROTTER[full]:
        blocks = replicas & -replicas
        options = AnnealOptions(engine="packed", record_at=())
        result = anneal(
            glass.instance,
            "sqa",
            sweeps,
            n_runs=N_RUNS // min(blocks, 64),
            seed=SEED,
            options=options,
            n_replicas=replicas,
            coupling_factor=1.0,
        )
        samples = [result.residual_energies(glass.ground_energy, of="current")[:, -1]]
        row = residual_row(("dt_sqa", 15, sweeps, replicas), samples)
        residual.append(row | {"seconds": result.seconds, "updates_per_s": result.updates / result.seconds})
    return residual


def residual_row(where, samples):
    """Return one residual energy beside the published one."""
    method, size, sweeps, replicas = where
    low, high = bootstrap_interval(samples, np.random.default_rng(SEED))
    value = float(np.mean([one.mean() for one in samples]))
    theirs, half_width = published(method, size, sweeps, replicas)
    row = {"method": method, "size": size, "sweeps": sweeps, "replicas": replicas, "value": value}
    row |= {"low": low, "high": high, "n_instances": len(samples), "n_runs": len(samples[0]), "published": theirs}
    if theirs is not None:
        joint = joint_half_width((high - low) / 2, half_width, len(samples))
        row |= {"half_width": half_width, "joint": joint, "inside": abs(value - theirs) <= joint}
    return row


def cut_rows(full):
    """Return cuts beside the best known."""
    found = []
    for name in CUT_RECIPES if full else QUICK_CUTS:
        method, engine, n_runs, sweeps, line = CUT_RECIPES[name]
        instance, total = cut_instance(name)
        started = time.perf_counter()
        betas = adaptive_ladder(instance, seed=SEED).betas if line is None else np.linspace(*line, min(sweeps, 500))
        ladder_s = time.perf_counter() - started
        options = AnnealOptions(engine=engine, n_threads=2 if engine == "plain" and full else 1)
        result = anneal(instance, method, sweeps, n_runs=n_runs, seed=SEED, options=options, betas=betas)
        best = (TORUS_OPTIMA | BEST_CUTS)[name]
        reached = np.flatnonzero(result.best.min(axis=0) <= total - 2 * best)
        found.append(
            {
                "name": name,
                "spins": instance.n_spins,
                "method": method,
                "engine": engine,
                "n_runs": n_runs,
                "sweeps": sweeps,
                "known": best,
                "cut": (total - result.energy) / 2,
                "first": int(result.at[reached[0]]) if len(reached) else None,
                "seconds": result.seconds,
                "ladder_s": ladder_s,
            }
        )
    return found


def measured(full):
    """Measure and return all rows by table."""
    started = time.perf_counter()
    residual, ground = tempering_rows(full)
    tables = {"residual": residual + trotter_rows(full), "ground": ground, "cuts": cut_rows(full)}
    return tables | {"full": full, "seconds": time.perf_counter() - started}


if __name__ == "__main__":
    check_output(sys.argv[1])
    with whole_file(sys.argv[1]) as handle:
        handle.write(document(measured("--full" in sys.argv[2:])))
