"""Max-Cut: the shipped graphs, their best known cuts, and what the searches find."""

from __future__ import annotations

import time
from importlib.resources import files

import numpy as np

from ...emulator.annealing.anneal import anneal
from ...emulator.annealing.ladder import adaptive_ladder
from ...emulator.annealing.progress import AnnealOptions
from ...emulator.instances.resolve import read_instance

SEED = 1
CUTS = files("spinchip") / "examples" / "max_cut"
# Source: BiqMac library, optimal values as listed in KULeuven-MICAS/openising, optimal_energy.txt: exact optima.
TORUS_OPTIMA = {"t2g10_5555": 6049461, "t3g5_5555": 10933215, "t3g7_5555": 28302918}
# Source: best known cuts as listed in KULeuven-MICAS/openising; not proven optimal, but for G48, which is bipartite.
BEST_CUTS = {"G11": 564, "G14": 3064, "G22": 13359, "G32": 1410, "G48": 6000}
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


def cut_instance(name):
    """Return a shipped Max-Cut instance and the sum of its weights; its cut is (sum - E) / 2."""
    path = CUTS / (name if name in TORUS_OPTIMA else f"{name}.txt")
    instance = read_instance(path, "rudy")
    return instance, -float(instance.edge_values.sum())


def cut_rows(full, seed=SEED):
    """Return cuts beside the best known ones.

    Parameters
    ----------
    full : bool
        Every shipped graph, not `QUICK_CUTS` alone.
    seed : int
        Seed of betas and searches.

    Returns
    -------
    list of dict
        ``cut`` is counted on the original weights; ``first`` is the record at which the ``known`` one was reached.
    """
    found = []
    for name in CUT_RECIPES if full else QUICK_CUTS:
        method, engine, n_runs, sweeps, line = CUT_RECIPES[name]
        instance, total = cut_instance(name)
        started = time.perf_counter()
        betas = adaptive_ladder(instance, seed=seed).betas if line is None else np.linspace(*line, min(sweeps, 500))
        ladder_s = time.perf_counter() - started
        options = AnnealOptions(engine=engine, n_threads=2 if engine == "plain" and full else 1)
        result = anneal(instance, method, sweeps, n_runs=n_runs, seed=seed, options=options, betas=betas)
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
