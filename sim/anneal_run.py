"""A search for the lowest energy on any backend, as numbers."""

from __future__ import annotations

import numpy as np

from ..emulator.annealing.anneal import anneal
from ..emulator.annealing.ladder import adaptive_ladder
from ..emulator.annealing.progress import AnnealOptions
from ..emulator.spec.errors import InputError
from ..emulator.spec.schedule import Recording, Schedule
from .backends import backend

METHODS = ("sa", "sqa", "apt", "pa")
N_RESAMPLES, LEVEL = 2000, 0.95
STEPS = 16  # betas of a schedule on hardware: one table page each


def search(instance, method, sweeps, n_runs, seed, checkpoint=None):
    """Search on the reference kernels; see `emulator.annealing`.

    Betas of ``sa``, ``apt`` and ``pa`` are those of `adaptive_ladder`; ``sqa`` has the published fields.

    Returns
    -------
    energies : ndarray, shape (n_runs,), float64
        Lowest energy of each run.
    spins : ndarray, shape (n,), int8
        A state that has the lowest of all.
    replicas : int
        Replicas of a run.
    seconds : float
        Of the sweeps [s].
    """
    if method not in METHODS:
        raise InputError(f"Method must be one of {', '.join(METHODS)}, not {method!r}")
    settings = {}
    if method != "sqa":
        betas = adaptive_ladder(instance, seed=seed).betas
        if method != "apt" and len(betas) > sweeps:  # a schedule has one beta a sweep at most
            betas = tuple(betas[k] for k in np.linspace(0, len(betas) - 1, sweeps).round().astype(int))
        settings = {"betas": betas}
    found = anneal(instance, method, sweeps, n_runs, seed, AnnealOptions(checkpoint=checkpoint), **settings)
    chosen = found.settings
    replicas = getattr(chosen, "population", None) or getattr(chosen, "n_replicas", 1)
    if method == "apt":
        replicas *= len(chosen.betas)
    return found.run_energies, found.spins, int(replicas), found.seconds


def search_on(name, instance, sweeps, n_runs, seed, fabric=None):
    """Anneal by a schedule on a backend, which takes method ``sa`` only; see `search`.

    Every state after a sweep is looked at. Betas rise in equal steps to the last one of `adaptive_ladder`.
    """
    sampler = backend(name, fabric)
    last = adaptive_ladder(instance, seed=seed).betas[-1]
    schedule = Schedule.linear(last / STEPS, last, sweeps, n_steps=min(STEPS, sweeps))
    samples = sampler.sample(instance, schedule, n_runs, seed, Recording())
    energies = instance.energies(samples.spins)
    run, draw = np.unravel_index(int(energies.argmin()), energies.shape)
    return energies.min(axis=1), samples.spins[run, draw], 1, samples.ledger.wall_seconds


def residual(energies, ground_energy, n_spins, seed=0):
    """Return the mean residual energy per spin over runs, with its 95 % bootstrap interval; dict."""
    rho = (np.asarray(energies) - ground_energy) / n_spins
    rng = np.random.default_rng([seed, 7])
    means = rho[rng.integers(0, rho.size, (N_RESAMPLES, rho.size))].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"best": float(rho.mean()), "low": float(low), "high": float(high)}
