"""The entry: search an instance for its lowest energy by one of the methods."""

from __future__ import annotations

import numpy as np

from .checkpoint import run_identity
from .methods import check_whole, make_settings
from .plain_searches import PlainAnnealing, PlainPopulation, PlainQuantum, PlainTempering
from .problem import make_problem
from .progress import AnnealOptions, Progress
from .result import AnnealResult

PLAIN = {"sa": PlainAnnealing, "sqa": PlainQuantum, "apt": PlainTempering, "pa": PlainPopulation}


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
        Independent runs.
    seed : int
        Seed; run number r depends on the seed and on r alone.
    options : AnnealOptions, optional
        Engine, records, threads and checkpoint.
    **settings
        Fields of `SimulatedAnnealing`, `QuantumAnnealing`, `Tempering` or `PopulationAnnealing`.

    Returns
    -------
    AnnealResult
        Its energies are computed from ``instance``.

    Raises
    ------
    InputError
        If an argument breaks a rule or is unknown, or a checkpoint is of another run.
    """
    check_whole("Sweeps", sweeps, 1)
    check_whole("Runs", n_runs, 1)
    check_whole("Seed", seed, 0)
    options = options or AnnealOptions()
    chosen = make_settings(method, settings)
    problem = make_problem(instance)
    blocks = _blocks(problem, chosen, method, (sweeps, n_runs, seed), options)
    identity = run_identity(
        instance,
        settings=repr(chosen),
        sweeps=sweeps,
        n_runs=n_runs,
        seed=seed,
        engine=blocks[0].name,
        at=options.records(sweeps).tolist(),
        blocks=len(blocks),
    )
    progress = Progress(blocks, identity, sweeps, options)
    progress.resume()
    first = int(progress.done[0])
    seconds = progress.run()
    return _result(progress, chosen, method, problem, (first, seconds, seed))


def _blocks(problem, settings, method, size, options):
    """Return the searches that share the runs."""
    sweeps, n_runs, seed = size
    parts = np.array_split(np.arange(n_runs), min(options.n_threads, n_runs))
    return [PLAIN[method](problem, settings, sweeps, range(part[0], part[-1] + 1), seed) for part in parts]


def _result(progress, settings, method, problem, run):
    first, seconds, seed = run
    blocks, unit = progress.blocks, problem.unit
    spins = np.concatenate([block.best_spins() for block in blocks])
    claimed = np.concatenate([block.best[0] for block in blocks])
    energies = problem.verified_energies(spins, claimed)
    lowest = int(energies.argmin())
    n_replicas = sum(block.n_runs * block.replicas_per_run for block in blocks)
    return AnnealResult(
        method=method,
        engine=blocks[0].name,
        settings=settings,
        energy=float(energies[lowest]),
        spins=spins[lowest],
        run_energies=energies,
        run_spins=spins,
        at=progress.at,
        current=progress.current * unit,
        best=progress.best * unit,
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
