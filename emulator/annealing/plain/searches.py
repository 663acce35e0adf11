"""Searches on the plain kernels: their state, and how they continue from a checkpoint."""

from __future__ import annotations

import numpy as np

from ...kernels.random_lanes import STATE_WORDS, stream_words
from ..methods import stretched
from .kernels import anneal_sweeps, new_replicas
from .population import population_sweeps
from .quantum import quantum_sweeps
from .tempering import temper_sweeps

RUN_STREAMS = 1 << 42  # generators of runs, apart from those of replicas and of the reference backends
REPLICA_STREAMS = 1 << 43
REPLICAS_OF_A_RUN = 1 << 20  # so that a run's random numbers do not depend on how many others there are


class PlainSearch:
    """One method on ``n_runs`` independent runs.

    Everything that changes is in the arrays of `state`, so that they are a checkpoint.

    Parameters
    ----------
    problem : Problem
        Model to search, in whole units.
    settings : SimulatedAnnealing, QuantumAnnealing, Tempering or PopulationAnnealing
        Schedules and other choices of the method.
    sweeps : int
        Length of the whole search.
    runs : range
        Numbers of the runs.
    seed : int
        Seed of all random numbers.
    """

    name = "plain"

    def __init__(self, problem, settings, sweeps, runs, seed):
        self.problem, self.settings, self.sweeps, self.n_runs = problem, settings, sweeps, len(runs)
        self.replicas_per_run = self._replicas_per_run()
        streams = [run * REPLICAS_OF_A_RUN + np.arange(self.replicas_per_run) for run in runs]
        self.replicas = new_replicas(problem, seed, REPLICA_STREAMS + np.concatenate(streams))
        self.random = stream_words(seed, RUN_STREAMS + np.array(runs), STATE_WORDS)
        energies = self.replicas.energies.reshape(self.n_runs, -1)
        lowest = energies.argmin(axis=1) + np.arange(self.n_runs) * self.replicas_per_run
        self.best = (self.replicas.energies[lowest], self.replicas.spins[lowest])

    def _replicas_per_run(self):
        return 1

    def state(self):
        """Return the arrays that change, by name."""
        held = {f"replicas_{name}": array for name, array in self.replicas._asdict().items()}
        return held | {"random": self.random, "best_energies": self.best[0], "best_spins": self.best[1]}

    def current(self):
        """Return the lowest energy of each run now; ndarray, shape (n_runs,), in units."""
        return self.replicas.energies.reshape(self.n_runs, -1).min(axis=1)

    def best_spins(self):
        """Return a state that has the best energy, for each run; ndarray, shape (n_runs, n), int8."""
        return self.best[1]

    def facts(self):
        """Return what else there is to tell; a dictionary."""
        return {}


class PlainAnnealing(PlainSearch):
    """Simulated annealing."""

    def advance(self, first, last):
        """Run sweeps ``first`` to ``last`` - 1."""
        betas = stretched("Betas", self.settings.betas, self.sweeps, (first, last)) * self.problem.unit
        anneal_sweeps(self.problem.graph, self.replicas, *self.best, betas)


class PlainQuantum(PlainSearch):
    """Simulated quantum annealing."""

    def _replicas_per_run(self):
        return self.settings.n_replicas

    def advance(self, first, last):
        """Run sweeps ``first`` to ``last`` - 1."""
        couplings = self.settings.couplings(self.sweeps, (first, last))
        beta = self.settings.beta * self.problem.unit
        quantum_sweeps(self.problem.graph, self.replicas, *self.best, beta, couplings)


class PlainTempering(PlainSearch):
    """Parallel tempering with cluster moves."""

    def __init__(self, problem, settings, sweeps, runs, seed):
        super().__init__(problem, settings, sweeps, runs, seed)
        shape = (self.n_runs, len(settings.betas), settings.n_replicas)
        self.slots = np.arange(np.prod(shape)).reshape(shape)
        self.n_swaps = np.zeros(len(settings.betas) - 1, dtype=np.int64)
        self.done = np.zeros(1, dtype=np.int64)

    def _replicas_per_run(self):
        return len(self.settings.betas) * self.settings.n_replicas

    def state(self):
        """Return the arrays that change, by name."""
        return super().state() | {"slots": self.slots, "n_swaps": self.n_swaps, "done": self.done}

    def advance(self, first, last):
        """Run sweeps ``first`` to ``last`` - 1."""
        betas = np.array(self.settings.betas) * self.problem.unit
        setting = (betas, self.settings.clusters, self.problem.at_zero_field)
        places = (self.slots, self.n_swaps)
        temper_sweeps(self.problem.graph, self.replicas, self.best, setting, (first, last), places, self.random)
        self.done[0] = last

    def facts(self):
        """Return the accepted share of the swaps of each pair of betas."""
        return {"swap_rates": swap_rates(self.n_swaps, int(self.done[0]), self.n_runs * self.settings.n_replicas)}


def swap_rates(n_swaps, sweeps, n_each):
    """Return accepted swaps over attempts, for each pair of betas; even pairs come first, odd pairs second."""
    attempts = np.where(np.arange(len(n_swaps)) % 2, sweeps // 2, (sweeps + 1) // 2) * n_each
    return (n_swaps / np.maximum(attempts, 1)).tolist()


class PlainPopulation(PlainSearch):
    """Population annealing."""

    def __init__(self, problem, settings, sweeps, runs, seed):
        super().__init__(problem, settings, sweeps, runs, seed)
        self.families = np.tile(np.arange(settings.population), (self.n_runs, 1))
        self.log_means = np.zeros(self.n_runs)

    def _replicas_per_run(self):
        return self.settings.population

    def state(self):
        """Return the arrays that change, by name."""
        return super().state() | {"families": self.families, "log_means": self.log_means}

    def advance(self, first, last):
        """Run sweeps ``first`` to ``last`` - 1."""
        before = max(0, first - 1)
        betas = stretched("Betas", self.settings.betas, self.sweeps, (before, last)) * self.problem.unit
        population_sweeps(
            self.problem.graph,
            self.replicas,
            self.best,
            betas if first else np.append(0.0, betas),
            self.random,
            self.families,
            self.log_means,
        )

    def facts(self):
        """Return ln Z at the last beta of each run, and how many first ancestors are left."""
        log_z = self.log_means + self.problem.n_spins * np.log(2.0)
        log_z = log_z - self.settings.betas[-1] * self.problem.instance.offset
        return {"log_z": log_z.tolist(), "families": [len(np.unique(family)) for family in self.families]}
