"""The entry: search an instance for its lowest energy by one of the methods."""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError
from ..spec.seeds import check_seed
from .checkpoint import run_identity
from .methods import check_whole, make_settings
from .packed_searches import PackedAnnealing, PackedQuantum, PackedTempering, packed_model
from .plain_searches import PlainAnnealing, PlainPopulation, PlainQuantum, PlainTempering
from .problem import make_problem
from .progress import AnnealOptions, Progress
from .result import AnnealResult

PACKED = {"sa": PackedAnnealing, "sqa": PackedQuantum, "apt": PackedTempering}
PACKED_PAYS = 64  # plain replicas take about as long as one block of 512 packed ones
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
    seed = check_seed(seed)
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
    model = _packed_model(problem, settings, method, n_runs, options.engine)
    if model is None:
        parts = np.array_split(np.arange(n_runs), min(options.n_threads, n_runs))
        return [PLAIN[method](problem, settings, sweeps, range(part[0], part[-1] + 1), seed) for part in parts]
    kind = PACKED[method]
    held = kind.capacity(settings)
    firsts = range(0, n_runs, held)
    return [kind(model, settings, sweeps, range(first, min(first + held, n_runs)), seed) for first in firsts]


def _packed_model(problem, settings, method, n_runs, engine):
    """Return the model of the packed kernels, or None where the plain ones shall run."""
    if engine == "plain" or (engine == "auto" and (method not in PACKED or not problem.exact)):
        return None
    if method not in PACKED or not problem.exact:
        what = f"method {method}" if method not in PACKED else "couplings that are no whole multiples of a unit"
        raise InputError(f"Engine must be plain for {what}, not packed")
    lanes = n_runs * (settings.n_replicas if method == "sqa" else 1)
    if engine == "auto" and lanes < PACKED_PAYS:
        return None
    try:
        return packed_model(problem)
    except InputError:
        if engine == "packed":
            raise
        return None


def _result(progress, settings, method, problem, run):
    first, seconds, seed = run
    blocks = progress.blocks
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
        current=problem.energies_of(progress.current),
        best=problem.energies_of(progress.best),
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
