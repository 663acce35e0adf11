"""Parallel tempering in hardware: replicas that share couplings, a swap unit, and all that is written into them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy as np

from ..errors import InputError
from ..fabric.parameters import FabricSpec
from ..fabric.program import Program, compile_program
from ..fabric.quantised import FabricOptions, fabric_for
from ..fabric.random_source import RandomKind, seed_words
from ..fabric.sign_magnitude import sign_excess
from ..schedule import Schedule

SWAP_BITS = 16  # of the acceptance table and the random number it is compared with
MAX_SWAP_DEPTH = 4096
MAX_REPLICAS = 64
ENERGY_BITS = 32


class TemperingRegister(IntEnum):
    """Addresses of the bus; every write is refused while the machine is busy."""

    CONTROL = 0
    TARGET = 1  # sweeps of a run
    WEIGHTS = 2  # configuration shift registers, one word a write
    OFFSETS = 3
    CLAMPS = 4
    SEEDS = 5
    TABLE = 6  # activation tables, slot by slot; the pointer moves on and wraps
    SWAP_TABLE = 7  # acceptance tables, pair by pair
    SELECT = 8  # what SPINS, BEST_SPINS, ENERGY and SLOT show
    STATUS = 9
    SWEEPS = 10
    ACCEPTED = 11
    BEST_ENERGY = 12
    SPINS = 13
    BEST_SPINS = 14
    ENERGY = 15
    SLOT = 16


class TemperingControl(IntFlag):
    """Bits of CONTROL."""

    RUN = 1
    LOAD = 2  # clamped p-bits of all replicas take their values
    CLEAR = 4  # every replica to the slot of its number, counters to 0, no best state


class TemperingPhase(IntEnum):
    """What the machine does in a clock."""

    IDLE = 0
    SWEEP = 1  # one colour of all replicas
    ENERGY = 2  # one coupling and one bias of all replicas
    KEEP = 3  # one replica beside the best state so far
    SWAP = 4  # one pair of neighbouring slots


@dataclass(frozen=True)
class TemperingSpec:
    """The built hardware.

    Parameters
    ----------
    fabric : FabricSpec
        One replica; its random source must be internal.
    n_replicas : int
        Replicas, as many as slots of temperature, 2 to 64.
    swap_depth : int
        Entries of each pair's acceptance table, a power of two; larger differences are never accepted.
    swap_every : int
        Sweeps between attempted exchanges.
    """

    fabric: FabricSpec
    n_replicas: int
    swap_depth: int = 64
    swap_every: int = 1

    def __post_init__(self):
        if self.fabric.random.kind is RandomKind.EXTERNAL:
            raise InputError("Random source of replicas must be internal, not external")
        if not 2 <= self.n_replicas <= MAX_REPLICAS:
            raise InputError(f"Replicas must be 2..{MAX_REPLICAS}, not {self.n_replicas!r}")
        if not 2 <= self.swap_depth <= MAX_SWAP_DEPTH or self.swap_depth & (self.swap_depth - 1):
            raise InputError(f"Swap table must be a power of two in 2..{MAX_SWAP_DEPTH}, not {self.swap_depth!r}")
        if not 1 <= self.swap_every <= 1 << 16:
            raise InputError(f"Sweeps between swaps must be 1..{1 << 16}, not {self.swap_every!r}")

    @property
    def energy_steps(self):
        """Clocks that the energies take: one coupling and one bias in each."""
        return max(len(self.fabric.edges), self.fabric.n_pbits)

    @property
    def magnitude_shift(self):
        """Bits by which a coupling's magnitude is shifted to accumulator units."""
        return self.fabric.weight_shift - 1

    @property
    def n_words(self):
        """32-bit words of a state."""
        return -(-self.fabric.n_pbits // 32)

    @property
    def generators_per_replica(self):
        """Generators of one replica; one more serves the swaps of all."""
        return self.fabric.n_generators


@dataclass(frozen=True, eq=False)
class TemperingProgram:
    """What is written before a run.

    Parameters
    ----------
    spec : TemperingSpec
        Parameters of the machine.
    base : Program
        Couplings, offsets and clamps; its tables are those of the slots, hottest first.
    betas : tuple of float
        Inverse temperature of each slot, rising.
    swap_tables : ndarray, shape (n_replicas - 1, swap_depth), uint32
        Acceptance of a swap of slots k and k + 1 over 2^16, by half the energy difference in accumulator units.
    n_sweeps : int
        Sweeps of the run.
    chain : int
        Number of the machine, of those that share a seed: each has generators of its own.
    """

    spec: TemperingSpec
    base: Program
    betas: tuple[float, ...]
    swap_tables: np.ndarray
    n_sweeps: int
    chain: int = 0

    @property
    def energy_unit(self):
        """Energy of one unit of the energy registers: twice an accumulator step."""
        return 2.0 * 2.0**-self.spec.fabric.accumulator_frac

    @property
    def energy_offset(self):
        """Energy of the quantised instance = energy_unit times register + this; float."""
        spec, weights = self.spec.fabric, np.asarray(self.base.weights)
        magnitudes = np.abs(weights) << self.spec.magnitude_shift
        offsets = self.plane_offsets
        # With all bits 0 the registers hold the magnitudes of negative couplings; the state is all -1.
        low = -int((np.sign(weights) * magnitudes).sum()) + int(self._biases(magnitudes, offsets).sum())
        return low * 2.0**-spec.accumulator_frac - self.energy_unit * int(magnitudes[weights < 0].sum())

    @property
    def plane_offsets(self):
        """Offsets as the plane holds them: bias minus the sum of magnitudes; ndarray, shape (n_pbits,), int64."""
        return np.asarray(self.base.offsets) - sign_excess(self.base.weights, self.spec.fabric)

    def seeds(self, seed):
        """Return generator states, those of replica 0 first, the swap unit's last; (n, state_words), uint32."""
        random = self.spec.fabric.random
        count = self.spec.generators_per_replica * self.spec.n_replicas + 1
        return seed_words(seed, self.chain, count, random)

    def _biases(self, magnitudes, offsets):
        biases = offsets.copy()
        edges = np.array(self.spec.fabric.edges, dtype=np.int64).reshape(-1, 2)
        for end in (0, 1):
            np.add.at(biases, edges[:, end], magnitudes)
        return biases


def tempering_program(instance, betas, n_sweeps, options=None, swap_every=1, clamps=None):
    """Return hardware that fits an instance and a ladder of temperatures, and its contents.

    Parameters
    ----------
    instance : IsingInstance
        Model that is searched.
    betas : sequence of float
        Rising, one slot and one replica each.
    n_sweeps : int
        Sweeps of a run.
    options : FabricOptions, optional
        Word formats and random source.
    swap_every : int
        Sweeps between swap attempts.
    clamps : array_like, shape (n,), int8, optional
        Held spins, the same in all replicas.

    Returns
    -------
    TemperingProgram

    Raises
    ------
    InputError
        If betas do not rise, or neighbours are so near that an acceptance table would be too long.
    """
    betas = tuple(float(beta) for beta in betas)
    if len(betas) < 2 or not np.all(np.diff(betas) > 0) or not betas[0] >= 0:
        raise InputError(f"Betas of replicas must be two or more, rising from 0 or more, not {betas}")
    size = 1 << max(1, (len(betas) - 1).bit_length())
    options = options or FabricOptions()
    kept = {name: getattr(options, name) for name in options.__dataclass_fields__}
    fabric = fabric_for(instance, FabricOptions(**(kept | {"n_pages": size, "n_segments": size, "moment_bits": 0})))
    schedule = Schedule(tuple((beta, 1) for beta in betas))
    base = compile_program(instance, fabric, schedule, clamps=clamps)
    unit = 2.0 * 2.0**-fabric.accumulator_frac
    steps = np.diff(betas)
    longest = (SWAP_BITS + 1) * np.log(2.0) / (steps.min() * unit)
    depth = 1 << max(1, int(np.ceil(np.log2(longest))))
    if depth > MAX_SWAP_DEPTH:
        rule = f"at least {(SWAP_BITS + 1) * np.log(2.0) / (MAX_SWAP_DEPTH * unit):.3g} apart on this fabric"
        raise InputError(f"Betas must be {rule}, not {steps.min():.3g}")
    spec = TemperingSpec(fabric, len(betas), depth, swap_every)
    table = np.rint(2.0**SWAP_BITS * np.exp(-steps[:, None] * unit * np.arange(depth)))
    tables = np.minimum(table, 2.0**SWAP_BITS - 1).astype(np.uint32)
    return TemperingProgram(spec, base, betas, tables, int(n_sweeps))
