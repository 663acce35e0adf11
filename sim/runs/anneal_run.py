"""A search for the lowest energy on any backend, as numbers."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from ...emulator.annealing.anneal import anneal
from ...emulator.annealing.betas import default_betas
from ...emulator.annealing.ladder import search_betas
from ...emulator.annealing.methods import QuantumAnnealing
from ...emulator.annealing.progress import AnnealOptions
from ...emulator.golden.replicas.tempering import temper
from ...emulator.spec.errors import InputError, ToolError
from ...emulator.spec.replicas.tempering import MAX_REPLICAS, tempering_program
from ...emulator.spec.replicas.trotter import trotter_ring
from ...emulator.spec.schedule import Recording, Schedule
from ...emulator.spec.seeds import child_seed, stream
from ..cosim.replica_lockstep import temper_icarus
from ..samplers.by_name import backend
from .run_size import check_search

METHODS = ("sa", "sqa", "apt", "pa")
TEMPERING = ("golden", "icarus")  # have the replica fabric
N_RESAMPLES, LEVEL = 2000, 0.95
MOST_RESAMPLED = 10_000  # runs; resampling more would take gigabytes and tell the same
STEPS = 16  # betas of a schedule on hardware: one table page each


class Found(NamedTuple):
    """What a search left.

    Parameters
    ----------
    energies : ndarray, shape (n_runs,), float64
        Lowest energy of each run.
    spins : ndarray, shape (n,), int8
        A state that has the lowest of all.
    run_spins : ndarray, shape (n_runs, n), int8
        A state of the lowest energy of each run.
    replicas : int
        Replicas of a run.
    seconds : float
        Wall-clock time of the sweeps [s].
    ladder_seconds : float
        Wall-clock time of the choice of betas, before the first sweep [s].
    """

    energies: np.ndarray
    spins: np.ndarray
    run_spins: np.ndarray
    replicas: int
    seconds: float
    ladder_seconds: float = 0.0


class Where(NamedTuple):
    """What a search runs on.

    Parameters
    ----------
    on : str or Sampler
        Backend by name, or a sampler.
    fabric : FabricOptions, optional
        Choices of a hardware backend that is named.
    checkpoint : path, optional
        File to go on from, and to keep; of the reference.
    """

    on: object = "reference"
    fabric: object = None
    checkpoint: object = None

    @property
    def name(self):
        """Name of the backend."""
        return self.on if isinstance(self.on, str) else self.on.name


def find(instance, method, sweeps, n_runs, seed, where, betas=None):
    """Search on any backend: `search`, `search_on`, `rings_on` or `temper_on`.

    Parameters
    ----------
    instance : IsingInstance
        What to minimise.
    method : {"sa", "sqa", "apt", "pa"}
        All of them on the reference; "sa" and "sqa" on every other backend, "apt" on golden and icarus too.
    sweeps, n_runs, seed : int
        Sweeps of each replica, independent runs, seed of all.
    where : Where
        Backend, and what goes with it.
    betas : sequence of float, optional
        Rising inverse temperatures in place of those that the instance sets; "sqa" has its own in any case.

    Returns
    -------
    Found

    Raises
    ------
    InputError
        If the backend cannot do it, or the runs do not fit into the memory.
    """
    check_backend(where, method)
    on, fabric, checkpoint = where
    check_search(instance.n_spins, n_runs, sweeps)
    if isinstance(on, str) and on == "reference":
        return search(instance, method, sweeps, n_runs, seed, checkpoint, betas)
    if method == "apt":
        return temper_on(on, instance, sweeps, n_runs, seed, fabric, betas)
    sampler = backend(on, fabric) if isinstance(on, str) else on
    if method == "sa":
        return search_on(sampler, instance, sweeps, n_runs, seed, betas)
    return rings_on(sampler, instance, sweeps, n_runs, seed)


def check_backend(where, method):
    """Refuse what a backend cannot do, before anything is read; see `find`."""
    on, fabric, checkpoint = where
    if method not in METHODS:
        raise InputError(f"Method must be one of {', '.join(METHODS)}, not {method!r}")
    if not isinstance(on, str) and not hasattr(on, "sample"):
        raise InputError(f"Backend must be a name or a sampler, not {on!r:.60}")
    is_named = isinstance(on, str)
    name = where.name
    if is_named and name == "reference":
        if fabric is not None:
            raise InputError("Fabric choices must go with a hardware backend, not with reference, which has no fabric")
        return
    if not is_named and fabric is not None:
        raise InputError("Fabric choices must go with the name of a backend, not with a sampler, which has its own")
    if checkpoint is not None:
        raise InputError(f"Backend of a checkpoint must be reference, not {name!r}")
    if method == "pa":
        raise InputError(f"Backend of method {method!r} must be reference, not {name!r}; the others take sa, sqa, apt")
    if method == "apt" and not (is_named and name in TEMPERING):
        raise InputError(f"Backend of method 'apt' must be reference, golden or icarus, not {name!r}")


def search(instance, method, sweeps, n_runs, seed, checkpoint=None, betas=None):
    """Search on the reference kernels; see `emulator.annealing`.

    Betas of ``sa``, ``apt`` and ``pa`` are those of `search_betas` where none are given; ``sqa`` has the published
    fields.

    Returns
    -------
    Found
    """
    started, settings = time.perf_counter(), {}
    if method != "sqa":
        settings = {"betas": search_betas(instance, method, sweeps, n_runs, seed) if betas is None else betas}
    ladder_seconds = time.perf_counter() - started
    found = anneal(instance, method, sweeps, n_runs, seed, AnnealOptions(checkpoint=checkpoint), **settings)
    chosen = found.settings
    replicas = getattr(chosen, "population", None) or getattr(chosen, "n_replicas", 1)
    if method == "apt":
        replicas *= len(chosen.betas)
    return Found(found.run_energies, found.spins, found.run_spins, int(replicas), found.seconds, ladder_seconds)


def search_on(sampler, instance, sweeps, n_runs, seed, betas=None):
    """Anneal by a schedule on a sampler; see `search`.

    Every state after a sweep is looked at. Betas are `default_betas` where none are given, at most 16 of them.
    """
    started = time.perf_counter()
    line = default_betas(instance, min(STEPS, sweeps), seed) if betas is None else betas
    schedule = Schedule.through(line, sweeps)
    ladder_seconds = time.perf_counter() - started
    samples = sampler.sample(instance, schedule, n_runs, seed, Recording())
    energies = instance.energies(samples.spins)
    states, lowest = samples.spins[np.arange(n_runs), energies.argmin(axis=1)], energies.min(axis=1)
    best = states[int(lowest.argmin())]
    return Found(lowest, best, states, 1, samples.ledger.wall_seconds, ladder_seconds)


def temper_on(name, instance, sweeps, n_runs, seed, fabric=None, betas=None):
    """Temper on the replica fabric: golden, or its RTL under Icarus in lockstep with golden; see `search`.

    Betas are those of `search_betas` where none are given, as many as the fabric has replicas at most. Energies count
    on the instance itself, so a fabric that rounds couplings answers for it.
    """
    started = time.perf_counter()
    betas = tuple(search_betas(instance, "apt", sweeps, n_runs, seed) if betas is None else betas)
    ladder_seconds = time.perf_counter() - started
    if len(betas) > MAX_REPLICAS:
        betas = tuple(betas[k] for k in np.linspace(0, len(betas) - 1, MAX_REPLICAS).round().astype(int))
    program = tempering_program(instance, betas, sweeps, fabric)
    started, states = time.perf_counter(), []
    for run in range(n_runs):
        own = replace(program, chain=run)
        if name == "golden":
            states.append(temper(own, seed).best_spins)
            continue
        with tempfile.TemporaryDirectory() as folder:
            found, _, spins = temper_icarus(own, seed, folder)
        if found.mismatches:
            raise ToolError(f"RTL must equal golden in every register, not differ in {sorted(found.first)[:3]}")
        states.append(spins)
    states = np.array(states)
    energies = instance.energies(states)
    best = states[int(energies.argmin())]
    return Found(energies, best, states, len(betas), time.perf_counter() - started, ladder_seconds)


def rings_on(sampler, instance, sweeps, n_runs, seed, n_replicas=16):
    """Anneal a ring of Trotter replicas on a sampler, as one instance of n R spins; see `search`.

    The couplings between replicas, K of `QuantumAnnealing` in units of beta', are written anew for each of sixteen
    steps of the transverse field; states go on from where they were.
    """
    settings = QuantumAnnealing(n_replicas=n_replicas)
    couplings = settings.couplings(sweeps)
    steps = np.array_split(np.arange(sweeps), min(STEPS, sweeps))
    started, lowest, states = time.perf_counter(), np.full(n_runs, np.inf), [None] * n_runs
    first = None
    for number, part in enumerate(steps):
        ring = trotter_ring(instance, n_replicas, couplings[part].mean() / settings.beta)
        schedule = Schedule.constant(settings.beta, len(part))
        samples = sampler.sample(ring, schedule, n_runs, child_seed(seed, "step", number), Recording(), initial=first)
        first = samples.spins[:, -1]
        replicas = samples.spins.reshape(n_runs, -1, n_replicas, instance.n_spins)
        energies = instance.energies(replicas.reshape(-1, instance.n_spins)).reshape(n_runs, -1)
        for run, at in enumerate(energies.argmin(axis=1)):
            if energies[run, at] < lowest[run]:
                lowest[run], states[run] = energies[run, at], replicas[run].reshape(-1, instance.n_spins)[at]
    states = np.array(states)
    return Found(lowest, states[int(lowest.argmin())], states, n_replicas, time.perf_counter() - started)


def residual(energies, ground_energy, n_spins, seed=0):
    """Return the mean residual energy per spin over runs, with its 95 % bootstrap interval; dict.

    Of more than `MOST_RESAMPLED` runs the interval is that of the normal distribution, which their mean follows.
    """
    rho = (np.asarray(energies) - ground_energy) / n_spins
    if rho.size > MOST_RESAMPLED:
        half = norm.ppf((1 + LEVEL) / 2) * rho.std(ddof=1) / np.sqrt(rho.size)
        return {"best": float(rho.mean()), "low": float(rho.mean() - half), "high": float(rho.mean() + half)}
    rng = stream(seed, "interval")
    means = rho[rng.integers(0, rho.size, (N_RESAMPLES, rho.size))].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"best": float(rho.mean()), "low": float(low), "high": float(high)}
