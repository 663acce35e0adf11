"""The entry: search an instance for its lowest energy by one of the methods."""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError
from ..spec.seeds import check_seed
from .checkpoint import run_identity
from .descent import descend
from .engines import make_blocks
from .memory import SPINS_AT_ONCE, check_search_memory
from .methods import check_whole, make_settings
from .problem import make_problem
from .progress import AnnealOptions, Progress
from .result import AnnealResult

MOST_SWEEPS = 2**32 - 1


def anneal(instance, method, sweeps, n_runs=1, seed=0, options=None, **settings):
    """Search for states of lowest energy.

    Parameters
    ----------
    instance : IsingInstance
        What to minimise, E = -sum J s s - sum h s.
    method : {"sa", "sqa", "apt", "pa"}
        Simulated annealing, discrete-time simulated quantum annealing, parallel tempering with cluster moves,
        population annealing.
    sweeps : int
        Sweeps of each replica.
    n_runs : int
        Number of independent runs.
    seed : int
        Seed; run number r depends on the seed and on r alone.
    options : AnnealOptions, optional
        Engine, records, threads and checkpoint.
    **settings
        Fields of `SimulatedAnnealing`, `QuantumAnnealing`, `Tempering` or `PopulationAnnealing`.

    Returns
    -------
    AnnealResult
        Its energies are computed from ``instance``. Each run's answer is the best state that it met, after descent:
        no single flip lowers it.

    Raises
    ------
    InputError
        If an argument breaks a rule or is unknown, a search would not fit into the memory, or a checkpoint is not its
        own.
    """
    check_whole("Sweeps", sweeps, 1)
    if sweeps > MOST_SWEEPS:
        raise InputError(f"Sweeps must be at most {MOST_SWEEPS}, those of a schedule on hardware, not {sweeps}")
    check_whole("Runs", n_runs, 1)
    seed = check_seed(seed)
    options = options or AnnealOptions()
    chosen = make_settings(method, settings)
    check_search_memory(instance, method, (sweeps, n_runs), chosen, options.engine)
    problem = make_problem(instance)
    blocks = make_blocks(problem, chosen, method, (sweeps, n_runs, seed), options)
    identity = run_identity(
        instance,
        settings=repr(chosen),
        sweeps=sweeps,
        n_runs=n_runs,
        seed=seed,
        engine=_engine(blocks),
        at=options.records(sweeps).tolist(),
        blocks=len(blocks),
    )
    progress = Progress(blocks, identity, sweeps, options)
    progress.resume()
    first = int(progress.done[0])
    seconds = progress.run()
    return _result(progress, chosen, method, problem, (first, seconds, seed))


def _engine(blocks):
    """Return the names of the kernels that run."""
    return " and ".join(dict.fromkeys(block.name for block in blocks))


def _descended(problem, spins, claimed):
    """Replace the best states of all runs by the minima below them, some runs at once; return their energies."""
    energies, at_once = np.empty(len(spins)), max(1, SPINS_AT_ONCE // problem.n_spins)
    for first in range(0, len(spins), at_once):
        part = slice(first, first + at_once)
        problem.verified_energies(spins[part], claimed[part])
        spins[part], _ = descend(problem, spins[part])
        energies[part] = problem.instance.energies(spins[part])
    return energies


def _result(progress, settings, method, problem, run):
    first, seconds, seed = run
    blocks = progress.blocks
    spins = np.concatenate([block.best_spins() for block in blocks])
    energies = _descended(problem, spins, np.concatenate([block.best[0] for block in blocks]))
    best = problem.energies_of(progress.best)
    best[:, -1] = energies
    lowest = int(energies.argmin())
    n_replicas = sum(block.n_runs * block.replicas_per_run for block in blocks)
    return AnnealResult(
        method=method,
        engine=_engine(blocks),
        settings=settings,
        energy=float(energies[lowest]),
        spins=spins[lowest],
        run_energies=energies,
        run_spins=spins,
        at=progress.at,
        current=problem.energies_of(progress.current),
        best=best,
        updates=n_replicas * problem.n_spins * (progress.sweeps - first),
        seconds=seconds,
        facts={"blocks": [block.facts() for block in blocks]},
        provenance={
            "instance": problem.instance.name,
            "instance_provenance": problem.instance.provenance,
            "sweeps": progress.sweeps,
            "seed": seed,
            "identity": progress.identity,
        },
    )
