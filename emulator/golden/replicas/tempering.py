"""Parallel tempering of the replica fabric: by the clock, and as runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.fabric.program import Program
from ...spec.fabric.sign_magnitude import plane_weights, sign_excess, weights_of_plane
from ...spec.replicas.tempering import TemperingControl, TemperingPhase, TemperingRegister
from ...spec.schedule import Recording
from ...spec.spins import words_from_bits
from ..fabric.arrays import golden_arrays, machine_of
from ..fabric.random_kernels import advance, outputs
from .tempering_kernels import NO_ENERGY, add_energy, keep_best, run_tempering, swap_pair, update_replicas

WORD = 0xFFFFFFFF
WRITABLE = (
    TemperingRegister.WEIGHTS,
    TemperingRegister.OFFSETS,
    TemperingRegister.CLAMPS,
    TemperingRegister.SEEDS,
)


@dataclass(frozen=True, eq=False)
class TemperingRun:
    """What a run left.

    Parameters
    ----------
    spins : ndarray, shape (n_swaps, n_slots, n), int8
        State of each slot after every swap, hottest first; no rows unless they were asked for.
    best_energies : ndarray, shape (n_swaps,), float64
        Lowest energy of the quantised instance up to each swap.
    best_spins : ndarray, shape (n,), int8
        A state that has the last of them.
    acceptance : float
        Share of attempted swaps that were done.
    """

    spins: np.ndarray
    best_energies: np.ndarray
    best_spins: np.ndarray
    acceptance: float


def coupling_arrays(program):
    """Return ends, magnitude in accumulator units and sign of each coupling; four of shape (n_edges,), int64."""
    edges = np.array(program.spec.fabric.edges, dtype=np.int64).reshape(-1, 2)
    weights = np.asarray(program.base.weights, dtype=np.int64)
    first, second = (np.ascontiguousarray(edges[:, end]) for end in (0, 1))
    return first, second, np.abs(weights) << program.spec.magnitude_shift, (weights < 0).astype(np.int64)


def temper(program, seed, record=False):
    """Run a program on the golden machine, as fast as the kernels go.

    Parameters
    ----------
    program : TemperingProgram
        Program of the machine: its parameters, and the contents of its memories.
    seed : int
        Seed of the generators.
    record : bool
        Keep the state of every slot after every swap.

    Returns
    -------
    TemperingRun
    """
    spec, base = program.spec, program.base
    n, n_replicas = spec.fabric.n_pbits, spec.n_replicas
    n_swaps = program.n_sweeps // spec.swap_every
    bits = np.zeros((n, n_replicas), dtype=np.uint8)
    bits[np.asarray(base.clamps) > 0] = 1
    best, best_bits = np.array([NO_ENERGY]), np.zeros(n, dtype=np.uint8)
    random, swap_random = _random_states(spec, program.seeds(seed))
    state = (bits, random, swap_random, np.arange(n_replicas), np.arange(n_replicas), best, best_bits)
    progress = np.zeros(4, dtype=np.int64)
    records = (np.empty((n_swaps if record else 0, n_replicas, n), dtype=np.int8), np.empty(n_swaps, dtype=np.int64))
    fabric = (machine_of(golden_arrays(base)), coupling_arrays(program), spec.swap_every)
    contents = (base.tables, program.swap_tables, program.plane_offsets)
    run_tempering(fabric, contents, state, progress, program.n_sweeps, records)
    energies = program.energy_unit * records[1] + program.energy_offset
    acceptance = progress[2] / max(int(progress[3]), 1)
    return TemperingRun(records[0], energies, 2 * best_bits.astype(np.int8) - 1, float(acceptance))


def _random_states(spec, seeds):
    """Return states of the replicas' generators, (n_generators, state_words, n_replicas), and of the swap unit's."""
    per, words = spec.generators_per_replica, seeds.shape[1]
    replicas = seeds[:-1].reshape(spec.n_replicas, per, words)
    return np.ascontiguousarray(np.moveaxis(replicas, 0, 2)), np.ascontiguousarray(seeds[-1:, :, None])


class TemperingMachine:
    """Cycle-exact twin of `spinchip.rtl.replicas.tempering.TemperingComputer`.

    Parameters
    ----------
    spec : TemperingSpec
        The hardware; all memories start at zero.
    """

    def __init__(self, spec):
        fabric = spec.fabric
        self.spec = spec
        self.planes = {
            TemperingRegister.WEIGHTS: [0] * len(fabric.edges),
            TemperingRegister.OFFSETS: [0] * fabric.n_pbits,
            TemperingRegister.CLAMPS: [0] * fabric.n_pbits,
            TemperingRegister.SEEDS: [0]
            * ((spec.generators_per_replica * spec.n_replicas + 1) * fabric.random.state_words),
        }
        self.widths = dict(zip(WRITABLE, (fabric.weight.width, fabric.offset.width, 2, 32), strict=True))
        self.table = np.zeros(spec.n_replicas * fabric.n_table_entries, dtype=np.uint32)
        self.swap_table = np.zeros((spec.n_replicas - 1) * spec.swap_depth, dtype=np.uint32)
        self.bits = np.zeros((fabric.n_pbits, spec.n_replicas), dtype=np.uint8)
        self.energies = np.zeros(spec.n_replicas, dtype=np.int64)
        self.at, self.slots = np.arange(spec.n_replicas), np.arange(spec.n_replicas)
        self.best, self.best_bits = np.array([NO_ENERGY]), np.zeros(fabric.n_pbits, dtype=np.uint8)
        self.phase, self.color, self.count = TemperingPhase.IDLE, 0, 0
        self.target = self.sweeps = self.since = self.parity = self.accepted = self.select = 0
        self.table_pointer = self.swap_pointer = self.read_data = 0
        self._kernel = None

    @property
    def has_best(self):
        """Whether a state has been kept since the last CLEAR."""
        return bool(self.best[0] < NO_ENERGY)

    def tick(self, address=0, write=False, data=0):
        """Advance one clock; ``address``, ``write`` and ``data`` are what the bus carries in it."""
        following = self._read(address)
        was_idle = self.phase == TemperingPhase.IDLE
        steps = {
            TemperingPhase.SWEEP: self._sweep,
            TemperingPhase.ENERGY: self._energy,
            TemperingPhase.KEEP: self._keep,
            TemperingPhase.SWAP: self._swap,
        }
        if not was_idle:
            steps[self.phase]()
        if write and (was_idle or address == TemperingRegister.SELECT):
            self._write(address, data & WORD)
        self.read_data = following

    def _sweep(self):
        spec = self.spec
        if self._kernel is None:
            self._kernel = self._compiled()
        machine, random = self._kernel[0], self._states()[0]
        kind, leap = machine[2]
        words = np.empty((random.shape[0], spec.n_replicas), dtype=np.uint32)
        outputs(kind, random, words)
        scratch = (np.empty(spec.n_replicas, np.int32), np.zeros(spec.n_replicas, np.uint8))
        tables = self.table.reshape(spec.n_replicas, -1)
        update_replicas(machine, tables, self.slots, words, self.bits, scratch, self.color)
        advance(kind, leap, random)
        self._store(random, None)
        if self.color + 1 < spec.fabric.n_colors:
            self.color += 1
            return
        self.color, self.sweeps = 0, (self.sweeps + 1) & WORD
        if self.since + 1 == spec.swap_every:
            self.since, self.count, self.phase = 0, 0, TemperingPhase.ENERGY
            self.energies[:] = 0
        else:
            self.since += 1
            self.phase = TemperingPhase.IDLE if self.sweeps == self.target else TemperingPhase.SWEEP

    def _energy(self):
        add_energy(self._kernel[1], self._kernel[2], self.bits, self.count, self.energies)
        self.count += 1
        if self.count == self.spec.energy_steps:
            self.count, self.phase = 0, TemperingPhase.KEEP

    def _keep(self):
        keep_best(self.count, self.energies, self.bits, self.best, self.best_bits)
        self.count += 1
        if self.count == self.spec.n_replicas:
            self.count, self.phase = self.parity, TemperingPhase.SWAP

    def _swap(self):
        spec, random = self.spec, self._states()[1]
        kind, leap = self._kernel[0][2]
        word = np.empty((1, 1), dtype=np.uint32)
        outputs(kind, random, word)
        if self.count < spec.n_replicas - 1:
            table = self.swap_table.reshape(-1, spec.swap_depth)
            done = swap_pair(self.count, self.energies, table, word[0, 0] >> np.uint32(16), self.at, self.slots)
            self.accepted = (self.accepted + int(done)) & WORD
        advance(kind, leap, random)
        self._store(None, random)
        self.count += 2
        if self.count >= spec.n_replicas - 1:
            self.count, self.parity = 0, self.parity ^ 1
            self.phase = TemperingPhase.IDLE if self.sweeps == self.target else TemperingPhase.SWEEP

    def _write(self, address, data):
        if address in WRITABLE:
            plane = self.planes[address]
            if plane:
                self.planes[address] = [*plane[1:], data & ((1 << self.widths[address]) - 1)]
            self._kernel = None
        elif address == TemperingRegister.TABLE:
            self.table[self.table_pointer] = data & ((1 << self.spec.fabric.compare_bits) - 1)
            self.table_pointer = (self.table_pointer + 1) % self.table.size
        elif address == TemperingRegister.SWAP_TABLE:
            self.swap_table[self.swap_pointer] = data & 0xFFFF
            self.swap_pointer = (self.swap_pointer + 1) % self.swap_table.size
        elif address == TemperingRegister.TARGET:
            self.target = data
        elif address == TemperingRegister.SELECT:
            self.select = data & 0xFFFF
        elif address == TemperingRegister.CONTROL:
            self._control(data)

    def _control(self, data):
        if data & TemperingControl.CLEAR:
            n = self.spec.n_replicas
            self.at, self.slots = np.arange(n), np.arange(n)
            self.best[0], self.accepted, self.parity = NO_ENERGY, 0, 0
        if data & TemperingControl.LOAD:
            for i, word in enumerate(self.planes[TemperingRegister.CLAMPS]):
                if word & 2:
                    self.bits[i] = word & 1
        if data & TemperingControl.RUN:
            self.phase, self.color, self.sweeps, self.since = TemperingPhase.SWEEP, 0, 0, 0

    def _read(self, address):
        """Return what the bus shows of ``address`` in the next cycle."""
        n_words, replica = self.spec.n_words, self.select % self.spec.n_replicas
        live = {
            TemperingRegister.TARGET: self.target,
            TemperingRegister.SELECT: self.select,
            TemperingRegister.STATUS: int(self.phase != TemperingPhase.IDLE) | int(self.has_best) << 1,
            TemperingRegister.SWEEPS: self.sweeps,
            TemperingRegister.ACCEPTED: self.accepted,
            TemperingRegister.BEST_ENERGY: int(self.best[0]) & WORD if self.has_best else 0x7FFFFFFF,
            TemperingRegister.ENERGY: int(self.energies[replica]) & WORD,
            TemperingRegister.SLOT: int(self.slots[replica]),
        }
        if address == TemperingRegister.SPINS:
            words = [word for r in range(self.spec.n_replicas) for word in words_from_bits(self.bits[:, r])]
            return int(words[self.select]) if self.select < len(words) else 0
        if address == TemperingRegister.BEST_SPINS:
            return int(words_from_bits(self.best_bits)[self.select]) if self.select < n_words else 0
        return int(live.get(address, 0))

    def _states(self):
        words = np.array(self.planes[TemperingRegister.SEEDS], dtype=np.uint32)
        return _random_states(self.spec, words.reshape(-1, self.spec.fabric.random.state_words))

    def _store(self, random, swap_random):
        """Write the generators' states back to their plane."""
        words = np.array(self.planes[TemperingRegister.SEEDS], dtype=np.uint32)
        words = words.reshape(-1, self.spec.fabric.random.state_words)
        if random is not None:
            words[:-1] = np.moveaxis(random, 2, 0).reshape(words[:-1].shape)
        if swap_random is not None:
            words[-1] = swap_random[0, :, 0]
        self.planes[TemperingRegister.SEEDS] = words.ravel().tolist()

    def _compiled(self):
        """Return kernels' inputs from the loaded planes: machine, couplings, offsets."""
        fabric = self.spec.fabric
        weights = weights_of_plane(self.planes[TemperingRegister.WEIGHTS], fabric.weight.width)
        width = fabric.offset.width
        plane = np.array([w - (1 << width) if w >> (width - 1) else w for w in self.planes[TemperingRegister.OFFSETS]])
        clamps = [(2 * (word & 1) - 1) * (word >> 1) for word in self.planes[TemperingRegister.CLAMPS]]
        base = Program(
            spec=fabric,
            weights=weights,
            offsets=plane.astype(np.int64) + sign_excess(weights, fabric),
            clamps=np.array(clamps, dtype=np.int8),
            tables=self.table.reshape(self.spec.n_replicas, -1),
            segments=((0, 1),),
            recording=Recording(),
            initial_bits=self.bits[:, 0],
        )
        edges = np.array(fabric.edges, dtype=np.int64).reshape(-1, 2)
        first, second = (np.ascontiguousarray(edges[:, end]) for end in (0, 1))
        coupling = (first, second, np.abs(weights) << self.spec.magnitude_shift, (weights < 0).astype(np.int64))
        return machine_of(golden_arrays(base)), coupling, plane.astype(np.int64)


def bus_writes(program, seed, control=TemperingControl.RUN):
    """Yield the (address, data) writes that load and start a program."""
    spec, base = program.spec, program.base
    fabric = spec.fabric
    planes = {
        TemperingRegister.WEIGHTS: plane_weights(base.weights, fabric.weight.width),
        TemperingRegister.OFFSETS: program.plane_offsets.tolist(),
        TemperingRegister.CLAMPS: [_clamp_word(one, first=True) for one in base.clamps],
    }
    for address, words in planes.items():
        yield from ((address, int(word) & WORD) for word in words)
    yield TemperingRegister.CONTROL, int(TemperingControl.LOAD | TemperingControl.CLEAR)
    yield from ((TemperingRegister.CLAMPS, _clamp_word(one)) for one in base.clamps)
    yield from ((TemperingRegister.SEEDS, int(word)) for word in program.seeds(seed).ravel())
    yield from ((TemperingRegister.TABLE, int(word)) for word in base.tables.ravel())
    yield from ((TemperingRegister.SWAP_TABLE, int(word)) for word in program.swap_tables.ravel())
    yield TemperingRegister.TARGET, program.n_sweeps
    yield TemperingRegister.CONTROL, int(control)


def _clamp_word(clamp, first=False):
    """Return the word of one p-bit: held and its value; before the first LOAD free p-bits are held at 0."""
    if clamp:
        return 2 | int(clamp > 0)
    return 2 if first else 0
