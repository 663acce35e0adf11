"""Everything that is written into a built fabric before it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..errors import InputError
from ..schedule import Recording
from ..spins import bits_from_spins
from .activation import activation_table
from .parameters import FabricSpec
from .quantised import quantise
from .random_source import seed_words, seed_words_of_chains


@dataclass(frozen=True, eq=False)
class Program:
    """The run-time contents of a fabric.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    weights : ndarray, shape (n_edges,), int64
        Coupling word of each edge.
    offsets : ndarray, shape (n_pbits,), int64
        Offset word of each p-bit.
    clamps : ndarray, shape (n_pbits,), int8
        -1 or +1 where a p-bit is held, 0 where it is free.
    tables : ndarray, shape (n_pages_used, n_table_entries), uint32
        Activation tables.
    segments : tuple of (int, int)
        Schedule memory: table page and number of sweeps.
    recording : Recording
        Which sweeps go to the snapshot FIFO and the moments.
    initial_bits : ndarray, shape (n_pbits,), uint8
        First state, 0/1.
    directed : bool
        Only the later p-bit of an edge, in the order of a dense fabric, reads the earlier one: an autoregressive
        network, of which every sweep is a state that remembers nothing.
    n_saturated : int
        Couplings and biases that their word format could not hold.
    """

    spec: FabricSpec
    weights: np.ndarray
    offsets: np.ndarray
    clamps: np.ndarray
    tables: np.ndarray
    segments: tuple[tuple[int, int], ...]
    recording: Recording
    initial_bits: np.ndarray
    directed: bool = False
    n_saturated: int = 0

    def __post_init__(self):
        if self.directed and not self.spec.dense:
            raise InputError("Fabric of a directed network must be dense (dense=1), not sparse")

    @property
    def n_sweeps(self):
        """Sweeps of the whole schedule."""
        return sum(n_sweeps for _, n_sweeps in self.segments)

    @cached_property
    def read_words(self):
        """For each p-bit the (neighbour, coupling word) pairs that it reads; see `FabricSpec.read_words`."""
        return self.spec.read_words(self.weights, self.directed)

    @property
    def sweep_clocks(self):
        """Clocks of all sweeps; a dense fabric first fills its accumulators, which takes one more."""
        n_sweeps = self.n_sweeps
        return self.spec.clocks_per_sweep * (n_sweeps + int(self.spec.dense and n_sweeps > 0))

    def with_first_state(self, bits):
        """Return the same program with another first state; bits 0/1, shape (n_pbits,)."""
        return replace(self, initial_bits=np.asarray(bits, dtype=np.uint8))

    def seed_words(self, seed, chain=0):
        """Return the generator states of one machine; ndarray, shape (n_generators, state_words), uint32."""
        return seed_words(seed, chain, self.spec.n_generators, self.spec.random)

    def seed_words_of_chains(self, seed, n_chains):
        """Return those of machines 0 ... n_chains - 1; shape (n_generators, state_words, n_chains), uint32."""
        return seed_words_of_chains(seed, np.arange(n_chains), self.spec.n_generators, self.spec.random)


def compile_program(instance, spec, schedule, recording=None, initial=None, clamps=None):
    """Return the contents that make ``spec`` sample ``instance`` along ``schedule``.

    Parameters
    ----------
    instance, spec, schedule
        What to sample, on which fabric, at which inverse temperatures.
    recording : Recording, optional
        All sweeps by default.
    initial : array_like, shape (n_pbits,), int8, optional
        First state -1/+1; all -1 by default.
    clamps : array_like, shape (n_pbits,), int8, optional
        Held spins; none by default.

    Raises
    ------
    InputError
        If the schedule is longer than the schedule memory or has more betas than the bank has pages.
    """
    betas = schedule.betas
    if len(betas) > spec.n_pages:
        raise InputError(
            f"Schedule must have at most {spec.n_pages} distinct betas (pages of this fabric), not {len(betas)}"
        )
    if len(schedule.segments) > spec.n_segments:
        raise InputError(
            f"Schedule must have at most {spec.n_segments} segments on this fabric, not {len(schedule.segments)}"
        )
    quantised = quantise(instance, spec)
    clamps = np.zeros(spec.n_pbits, dtype=np.int8) if clamps is None else np.asarray(clamps, dtype=np.int8)
    if clamps.shape != (spec.n_pbits,) or not np.isin(clamps, (-1, 0, 1)).all():
        raise InputError(f"Clamps must be {spec.n_pbits} values out of -1, 0, +1")
    return Program(
        spec=spec,
        weights=quantised.weights,
        offsets=quantised.offsets,
        clamps=clamps,
        tables=np.stack([activation_table(beta, spec.field, spec.compare_bits) for beta in betas]),
        segments=tuple((betas.index(beta), int(n_sweeps)) for beta, n_sweeps in schedule.segments),
        recording=recording or Recording(),
        initial_bits=np.zeros(spec.n_pbits, dtype=np.uint8) if initial is None else bits_from_spins(initial),
        n_saturated=quantised.n_saturated,
    )
