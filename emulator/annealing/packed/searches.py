"""Searches on packed states: 512 replicas in one vector of bits.

For couplings and biases that are small multiples of one unit. A block holds up to 512 runs; fewer take as long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...kernels.lanes import aligned
from ...kernels.random_lanes import STATE_WORDS, stream_words
from ...reference.bit_fields import GROUP_CHAINS, GROUP_WORDS
from ...reference.bit_groups import BitModel, bit_model, unpacked
from ...reference.bit_kernels import bit_sweeps, scratch_words
from ...reference.bit_layout import threshold_table
from ...reference.layout import sweep_layout
from ..methods import stretched
from ..plain.searches import swap_rates
from .clusters import packed_cluster_move
from .energy import EnergyTerms, energy_terms, packed_energies
from .quantum import trotter_scratch, trotter_sweep, trotter_table
from .rows import fill_random, keep_best_lanes, swap_slots

PACKED_STREAMS = 1 << 44  # generators of blocks, apart from those of the plain kernels


@dataclass(frozen=True, eq=False)
class PackedModel:
    """What all blocks read.

    Parameters
    ----------
    problem : Problem
        Model in whole units.
    bits : BitModel
        Arrays of the sweeps.
    terms : EnergyTerms
        Terms of the energy.
    links : tuple of ndarray
        Couplings of the clusters, see `packed_cluster_move`.
    """

    problem: object
    bits: BitModel
    terms: EnergyTerms
    links: tuple


def packed_model(problem):
    """Return the `PackedModel` of a problem.

    Raises
    ------
    InputError
        If couplings and biases are not small multiples of one unit.
    """
    instance = problem.instance
    layout = sweep_layout(instance, np.zeros(instance.n_spins, dtype=np.int8))
    row_of = np.empty(instance.n_spins, dtype=np.int64)
    row_of[layout.order] = np.arange(instance.n_spins)
    links = (layout.pointers, layout.neighbors, row_of)
    return PackedModel(problem, bit_model(instance, layout), energy_terms(problem, layout), links)


class PackedSearch:
    """One method on a block of runs; see `PlainSearch` for what a search is.

    Parameters
    ----------
    model : PackedModel
        Model to search.
    settings : SimulatedAnnealing, QuantumAnnealing or Tempering
        Schedules and other choices of the method.
    sweeps : int
        Length of the whole search.
    runs : range
        Numbers of the runs, all of one block: run r is number r % ``capacity`` of its lanes.
    seed : int
        Seed of all random numbers.
    n_slots : int
        States of 512 lanes.
    """

    name = "packed"
    replicas_per_run = 1

    def __init__(self, model, settings, sweeps, runs, seed, n_slots=1):
        self.model, self.settings, self.sweeps, self.n_runs = model, settings, sweeps, len(runs)
        n = model.problem.n_spins
        self.seed, self.block = seed, runs.start // self.capacity(settings)
        first = runs.start % self.capacity(settings)
        self.held = slice(first, first + len(runs))
        streams = PACKED_STREAMS + self.block * GROUP_WORDS + np.arange(GROUP_WORDS)
        self.random = aligned(stream_words(seed, streams, STATE_WORDS).T)
        self.words = aligned(np.zeros((n_slots, (n + 1) * GROUP_WORDS), dtype=np.uint64)).reshape(n_slots, -1)
        for slot in range(n_slots):
            fill_random(self.words[slot], n, self.random)
        self.energies = np.zeros((n_slots, GROUP_CHAINS), dtype=np.int64)
        self.best_words = aligned(self.words[0])
        self.best_energies = np.full(GROUP_CHAINS, np.iinfo(np.int64).max)
        self._counter = aligned(np.zeros(model.terms.n_bits * GROUP_WORDS, dtype=np.uint64))
        self._mask = aligned(np.zeros(GROUP_WORDS, dtype=np.uint64))
        bits = model.bits
        self._sweep = bit_sweeps(bits.n_bits, bits.n_classes)
        self._scratch = aligned(np.zeros(scratch_words(bits.n_bits, bits.n_classes, bits.n_inputs), dtype=np.uint64))

    @staticmethod
    def capacity(settings):
        """Return how many runs a block holds."""
        del settings
        return GROUP_CHAINS

    @property
    def best(self):
        """Lowest energies of the runs; a tuple of one ndarray, shape (n_runs,), int64."""
        return (self.best_energies[self.held],)

    def state(self):
        """Return the arrays that change, by name."""
        return {
            "random": self.random,
            "words": self.words,
            "energies": self.energies,
            "best_words": self.best_words,
            "best_energies": self.best_energies,
        }

    def best_spins(self):
        """Return a state that has the best energy, for each run; ndarray, shape (n_runs, n), int8."""
        return unpacked(self.model.bits.layout, self.best_words[:-GROUP_WORDS], self.held.stop)[self.held.start :]

    def spins(self, slot):
        """Return the states of a slot now; ndarray, shape (512, n), int8."""
        return unpacked(self.model.bits.layout, self.words[slot, :-GROUP_WORDS], GROUP_CHAINS)

    def current(self):
        """Return the lowest energy of each run when energies were last counted; ndarray, shape (n_runs,), in units."""
        return self.energies.min(axis=0)[self.held]

    def facts(self):
        """Return what else there is to tell; a dictionary."""
        return {}

    def table(self, beta):
        """Return the thresholds of one beta."""
        return aligned(threshold_table(beta, self.model.bits.unit, self.model.bits.n_classes))

    def gibbs(self, slot, table, n_sweeps):
        """Sweep one slot."""
        graph = self.model.bits.graph
        self._sweep(graph, self.words[slot], self.random, table, self._scratch, n_sweeps)

    def count(self, slot):
        """Count the energies of a slot, and keep the best of its lanes."""
        n, words = self.model.problem.n_spins, self.words[slot]
        packed_energies(self.model.terms, words, self._counter, self.energies[slot])
        keep_best_lanes(words, n, self.energies[slot], self.best_energies, self.best_words, self._mask)


class PackedAnnealing(PackedSearch):
    """Simulated annealing; energies are counted after every sweep, at a fifth to a quarter of its time."""

    def advance(self, first, last):
        """Run sweeps ``first`` to ``last`` - 1."""
        betas = stretched("Betas", self.settings.betas, self.sweeps, (first, last))
        changes = np.flatnonzero(np.diff(betas)) + 1
        for part in np.split(betas, changes):
            table = self.table(part[0])
            for _ in part:
                self.gibbs(0, table, 1)
                self.count(0)


class PackedTempering(PackedSearch):
    """Parallel tempering with cluster moves; every lane is a run."""

    def __init__(self, model, settings, sweeps, runs, seed):
        self.n_betas, self.n_each = len(settings.betas), settings.n_replicas
        self.replicas_per_run = self.n_betas * self.n_each
        super().__init__(model, settings, sweeps, runs, seed, self.replicas_per_run)
        n = model.problem.n_spins
        self.n_swaps = np.zeros(self.n_betas - 1, dtype=np.int64)
        self.done = np.zeros(1, dtype=np.int64)
        self.passes = np.zeros(1, dtype=np.int64)
        self._tables = [self.table(beta) for beta in settings.betas]
        self._trees = tuple(aligned(np.zeros(2 * n * GROUP_WORDS, dtype=np.uint64)) for _ in range(2))
        self._cluster_scratch = (*self._trees, aligned(np.zeros(64 * GROUP_WORDS, dtype=np.uint64)))
        self._draws = aligned(np.zeros(GROUP_CHAINS, dtype=np.uint64))

    def state(self):
        """Return the arrays that change, by name."""
        return super().state() | {"n_swaps": self.n_swaps, "done": self.done, "passes": self.passes}

    def advance(self, first, last):
        """Run sweeps ``first`` to ``last`` - 1."""
        for sweep in range(first, last):
            for slot in range(self.replicas_per_run):
                self.gibbs(slot, self._tables[slot // self.n_each], 1)
            if self.settings.clusters:
                self.move_clusters(sweep)
            for slot in range(self.replicas_per_run):
                self.count(slot)
            self.swap(sweep % 2)
        self.done[0] = last

    def move_clusters(self, sweep):
        """Move one cluster in each of the random pairs of replicas of every beta; all lanes share the pairs."""
        both = self.model.problem.at_zero_field
        pairing = np.random.default_rng((self.seed, self.block, sweep))
        for rung in range(self.n_betas):
            slots = rung * self.n_each + pairing.permutation(self.n_each)
            for one, other in slots.reshape(-1, 2):
                self.passes += packed_cluster_move(
                    self.model.links, self.words[one], self.words[other], self.random, both, self._cluster_scratch
                )

    def swap(self, first):
        """Swap lanes of neighbouring betas, from beta number ``first`` on, two betas a time."""
        n, unit, betas = self.model.problem.n_spins, self.model.problem.unit, self.settings.betas
        for lower in range(first, self.n_betas - 1, 2):
            step = (betas[lower + 1] - betas[lower]) * unit
            for place in range(self.n_each):
                slots = (lower * self.n_each + place, (lower + 1) * self.n_each + place)
                fill_random(self._draws, GROUP_CHAINS // GROUP_WORDS, self.random)
                self.n_swaps[lower] += swap_slots(self.words, slots, n, self.energies, step, self._draws, self._mask)

    def facts(self):
        """Return the accepted share of the swaps of each pair of betas; unused lanes count as well."""
        return {"swap_rates": swap_rates(self.n_swaps, int(self.done[0]), GROUP_CHAINS * self.n_each)}


class PackedQuantum(PackedSearch):
    """Simulated quantum annealing; lanes are runs times blocks of Trotter replicas."""

    def __init__(self, model, settings, sweeps, runs, seed):
        self.replicas_per_run = settings.n_replicas
        self.n_blocks = trotter_blocks(settings.n_replicas)
        super().__init__(model, settings, sweeps, runs, seed, settings.n_replicas // self.n_blocks)
        bits = model.bits
        self._sweep = trotter_sweep(bits.n_bits, bits.n_classes)
        self._scratch = aligned(np.zeros(trotter_scratch(bits.n_bits, bits.n_classes, bits.n_inputs), dtype=np.uint64))

    @staticmethod
    def capacity(settings):
        """Return how many runs a block holds."""
        return GROUP_CHAINS // trotter_blocks(settings.n_replicas)

    @property
    def best(self):
        """Lowest energies of the runs; a tuple of one ndarray, shape (n_runs,), int64."""
        return (self.best_energies.reshape(-1, self.n_blocks).min(axis=1)[self.held],)

    def best_spins(self):
        """Return a state that has the best energy, for each run; ndarray, shape (n_runs, n), int8."""
        lanes = self.best_energies.reshape(-1, self.n_blocks).argmin(axis=1)
        lanes += np.arange(len(lanes)) * self.n_blocks
        spins = unpacked(self.model.bits.layout, self.best_words[:-GROUP_WORDS], GROUP_CHAINS)
        return spins[lanes[self.held]]

    def current(self):
        """Return the lowest energy of each run when energies were last counted; ndarray, shape (n_runs,), in units."""
        return self.energies.min(axis=0).reshape(-1, self.n_blocks).min(axis=1)[self.held]

    def advance(self, first, last):
        """Run sweeps ``first`` to ``last`` - 1."""
        bits = self.model.bits
        for coupling in self.settings.couplings(self.sweeps, (first, last)):
            table = aligned(trotter_table(self.settings.beta, coupling, bits.unit, bits.n_classes))
            self._sweep(bits.graph, bits.layout.bounds, self.words, self.random, table, self._scratch, self.n_blocks)
            for slot in range(len(self.words)):
                self.count(slot)


def trotter_blocks(n_replicas):
    """Return how many lanes a ring takes: the largest power of two up to 64 that leaves each two replicas or more.

    >>> [trotter_blocks(n) for n in (3, 50, 132, 1000, 2850, 16000)]
    [1, 2, 4, 8, 2, 64]
    """
    blocks = 1
    while blocks < 64 and n_replicas % (2 * blocks) == 0 and n_replicas // (2 * blocks) >= 2:
        blocks *= 2
    return blocks
