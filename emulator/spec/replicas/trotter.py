"""A ring of Trotter replicas in hardware: what is built, and everything that is written into it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy import sparse

from ..errors import InputError
from ..fabric.activation import activation_table
from ..fabric.parameters import FabricSpec
from ..fabric.quantised import FabricOptions, fabric_for, quantise
from ..fabric.random_source import RandomKind, seed_words
from ..instance import IsingInstance

MAX_STEPS = 256


class TrotterRegister(IntEnum):
    """Addresses of the bus; every write is refused while the machine is busy."""

    CONTROL = 0  # 1 runs
    STEPS = 1  # of the schedule memory that are run
    WEIGHTS = 2  # configuration shift registers: one replica's couplings and offsets, the generators
    OFFSETS = 3
    SEEDS = 5
    TABLE = 6  # activation table; the pointer moves on and wraps
    COUPLING = 7  # schedule memory: coupling between replicas, then sweeps, step by step
    SWEEPS = 8
    SELECT = 9
    STATUS = 10
    SPINS = 11


class TrotterPhase(IntEnum):
    """What the machine does in a clock."""

    IDLE = 0
    FETCH = 1  # a step of the schedule: coupling and sweeps
    SWEEP = 2  # one colour of all replicas


@dataclass(frozen=True)
class TrotterSpec:
    """The built hardware.

    Parameters
    ----------
    fabric : FabricSpec
        Parameters of the fabric of the whole ring: spin i of replica k is p-bit k n + i.
    n_spins, n_replicas : int
        n of one replica, and replicas.
    n_steps : int
        Depth of the schedule memory, a power of two.
    """

    fabric: FabricSpec
    n_spins: int
    n_replicas: int
    n_steps: int = 16

    def __post_init__(self):
        if self.fabric.random.kind is RandomKind.EXTERNAL:
            raise InputError("Random source of replicas must be internal, not external")
        if self.n_replicas < 3 or self.fabric.n_pbits != self.n_spins * self.n_replicas:
            raise InputError(f"Replicas must be 3 or more that fill the fabric, not {self.n_replicas!r}")
        if not 2 <= self.n_steps <= MAX_STEPS or self.n_steps & (self.n_steps - 1):
            raise InputError(f"Schedule memory must be a power of two in 2..{MAX_STEPS}, not {self.n_steps!r}")

    @property
    def base_edges(self):
        """Couplings of one replica, as pairs of spins below n; tuple of tuples."""
        return tuple((i, j) for i, j in self.fabric.edges if j < self.n_spins)

    @property
    def edge_sources(self):
        """For each edge of the fabric the number of its coupling in one replica, -1 between replicas; tuple of int."""
        number, n = {edge: k for k, edge in enumerate(self.base_edges)}, self.n_spins
        return tuple(number[i % n, j % n] if i // n == j // n else -1 for i, j in self.fabric.edges)

    @property
    def ring_shift(self):
        """Bits by which both couplings of a p-bit to its neighbours together are shifted to accumulator units."""
        return self.fabric.weight_shift  # twice the magnitude, which weight_shift - 1 aligns

    @property
    def n_words(self):
        """32-bit words of all states."""
        return -(-self.fabric.n_pbits // 32)


@dataclass(frozen=True, eq=False)
class TrotterProgram:
    """What is written before a run.

    Parameters
    ----------
    spec : TrotterSpec
        Parameters of the machine.
    weights : ndarray, shape (n_base_edges,), int64
        Coupling words of one replica.
    offsets : ndarray, shape (n_spins,), int64
        Bias minus the magnitudes of one replica's couplings, in accumulator units.
    table : ndarray, shape (n_table_entries,), uint32
        Activation table at beta'.
    schedule : tuple of (int, int)
        Coupling word between replicas, not negative, and sweeps of each step.
    """

    spec: TrotterSpec
    weights: np.ndarray
    offsets: np.ndarray
    table: np.ndarray
    schedule: tuple[tuple[int, int], ...]

    def fabric_weights(self, coupling):
        """Return the coupling words of the whole ring in one step; ndarray, shape (n_edges,), int64."""
        sources = np.array(self.spec.edge_sources)
        return np.where(sources < 0, coupling, np.append(np.asarray(self.weights, dtype=np.int64), 0)[sources])

    def plane_offsets(self, coupling):
        """Return the offsets of all p-bits in one step: bias minus all magnitudes; ndarray, shape (n_pbits,), int64."""
        return np.tile(self.offsets - (coupling << self.spec.ring_shift), self.spec.n_replicas)

    def seeds(self, seed):
        """Return generator states; ndarray, shape (n_generators, state_words), uint32."""
        return seed_words(seed, 0, self.spec.fabric.n_generators, self.spec.fabric.random)


def trotter_ring(instance, n_replicas, coupling):
    """Return the instance of R replicas on a ring: couplings and biases of each, ``coupling`` between neighbours.

    Parameters
    ----------
    instance : IsingInstance
        Model of one replica.
    n_replicas : int
        R, 3 or more.
    coupling : float
        Between equal spins of neighbouring replicas, above 0.

    Returns
    -------
    IsingInstance
        Spin i of replica k is number k n + i.
    """
    ring = sparse.diags_array([1.0] * (n_replicas - 1), offsets=1, shape=(n_replicas, n_replicas)).tolil()
    ring[0, n_replicas - 1] = 1.0
    ring = sparse.csr_array(ring + ring.T)
    whole = sparse.kron(sparse.eye_array(n_replicas), instance.couplings)
    whole = whole + coupling * sparse.kron(ring, sparse.eye_array(instance.n_spins))
    return IsingInstance(sparse.csr_array(whole), np.tile(instance.biases, n_replicas), name=f"ring of {instance.name}")


def trotter_program(instance, n_replicas, beta, couplings, sweeps, options=None):
    """Return hardware that fits an instance and a schedule of couplings between replicas, and its contents.

    Parameters
    ----------
    instance : IsingInstance
        Model of one replica.
    n_replicas : int
        Replicas on the ring.
    beta : float
        beta', inverse temperature of one replica.
    couplings : sequence of float
        Coupling between replicas in each step, in the units of the instance, above 0; rounded to the weights' format.
    sweeps : sequence of int
        Sweeps of each step, 1 or more.
    options : FabricOptions, optional
        Word formats and random source.

    Returns
    -------
    TrotterProgram
    """
    couplings = [float(one) for one in couplings]
    if not couplings or len(couplings) != len(sweeps) or min(couplings) <= 0 or min(sweeps) < 1:
        raise InputError("Steps must have a coupling above 0 and a sweep or more each, at least one step")
    if len(couplings) > MAX_STEPS:
        raise InputError(f"Steps must be at most {MAX_STEPS}, not {len(couplings)}")
    ring = trotter_ring(instance, n_replicas, max(couplings))
    options = options or FabricOptions()
    kept = {name: getattr(options, name) for name in options.__dataclass_fields__}
    fabric = fabric_for(ring, FabricOptions(**(kept | {"moment_bits": 0})))
    depth = 1 << max(1, (len(couplings) - 1).bit_length())
    spec = TrotterSpec(fabric, instance.n_spins, n_replicas, depth)
    quantised, sources = quantise(ring, fabric), np.array(spec.edge_sources)
    weights = np.zeros(len(spec.base_edges), dtype=np.int64)
    weights[sources[sources >= 0]] = quantised.weights[sources >= 0]
    shift = fabric.weight_shift - 1
    offsets = quantised.biases[: instance.n_spins] << (fabric.accumulator_frac - fabric.bias.n_frac)
    for (i, j), word in zip(spec.base_edges, weights, strict=True):
        offsets[[i, j]] -= abs(int(word)) << shift
    words = np.maximum(fabric.weight.words(np.array(couplings))[0], 0)
    schedule = tuple((int(word), int(count)) for word, count in zip(words, sweeps, strict=True))
    table = activation_table(beta, fabric.field, fabric.compare_bits)
    return TrotterProgram(spec, weights, offsets, table, schedule)
