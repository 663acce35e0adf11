"""The ring of Trotter replicas: by the clock, and as runs."""

from __future__ import annotations

import numpy as np

from ...spec.fabric.program import Program
from ...spec.fabric.sign_magnitude import plane_weights, sign_excess, weights_of_plane
from ...spec.replicas.trotter import TrotterPhase, TrotterProgram, TrotterRegister
from ...spec.schedule import Recording
from ...spec.spins import words_from_bits
from ..fabric.arrays import golden_arrays, machine_of
from ..fabric.random_kernels import advance, outputs
from ..fabric.update_kernels import update_color

WORD = 0xFFFFFFFF
PLANES = (TrotterRegister.WEIGHTS, TrotterRegister.OFFSETS, TrotterRegister.SEEDS)


def ring_kernel(program, coupling):
    """Return the kernels' input for one step, whose coupling word between replicas is ``coupling``."""
    fabric = program.spec.fabric
    weights = program.fabric_weights(coupling)
    whole = Program(
        spec=fabric,
        weights=weights,
        offsets=program.plane_offsets(coupling) + sign_excess(weights, fabric),
        clamps=np.zeros(fabric.n_pbits, dtype=np.int8),
        tables=program.table[None],
        segments=((0, 1),),
        recording=Recording(),
        initial_bits=np.zeros(fabric.n_pbits, dtype=np.uint8),
    )
    return machine_of(golden_arrays(whole))


def run_ring(program, seed, record=False):
    """Run a program on the golden ring.

    Parameters
    ----------
    program : TrotterProgram
        Program of the machine: its parameters, and the contents of its memories.
    seed : int
        Seed of the generators.
    record : bool
        Keep the states after every sweep, not after every step alone.

    Returns
    -------
    ndarray, shape (n_records, n_replicas, n), int8
        States after every step, or after every sweep.
    """
    spec = program.spec
    fabric = spec.fabric
    bits = np.zeros((fabric.n_pbits, 1), dtype=np.uint8)
    random = np.ascontiguousarray(program.seeds(seed)[:, :, None])
    scratch = (np.zeros(1, np.int32), np.zeros((fabric.n_pbits, 1), np.uint8), np.zeros(1, np.uint8))
    words, found = np.empty((fabric.n_generators, 1), dtype=np.uint32), []
    for coupling, sweeps in program.schedule:
        kernel = ring_kernel(program, coupling)
        kind, leap = kernel[2]
        for sweep in range(sweeps):
            for color in range(fabric.n_colors):
                outputs(kind, random, words)
                update_color(kernel, program.table, words, bits, scratch, color)
                advance(kind, leap, random)
            if record or sweep == sweeps - 1:
                found.append(2 * bits[:, 0].astype(np.int8) - 1)
    return np.array(found).reshape(len(found), spec.n_replicas, spec.n_spins)


class TrotterMachine:
    """Cycle-exact twin of `spinchip.rtl.replicas.trotter.TrotterComputer`.

    Parameters
    ----------
    spec : TrotterSpec
        The hardware; all memories start at zero.
    """

    def __init__(self, spec):
        fabric = spec.fabric
        self.spec = spec
        lengths = (len(spec.base_edges), spec.n_spins, fabric.n_generators * fabric.random.state_words)
        self.planes = {register: [0] * n for register, n in zip(PLANES, lengths, strict=True)}
        self.widths = dict(zip(PLANES, (fabric.weight.width, fabric.offset.width, 32), strict=True))
        self.table = np.zeros(fabric.n_table_entries, dtype=np.uint32)
        self.memory = [(0, 0)] * spec.n_steps
        self.bits = np.zeros((fabric.n_pbits, 1), dtype=np.uint8)
        self.phase, self.color, self.step, self.left, self.coupling = TrotterPhase.IDLE, 0, 0, 0, 0
        self.steps = self.sweeps = self.select = self.read_data = 0
        self.table_pointer = self.memory_pointer = self.pending_coupling = 0
        self._kernel = None

    def tick(self, address=0, write=False, data=0):
        """Advance one clock; ``address``, ``write`` and ``data`` are what the bus carries in it."""
        following, was_idle = self._read(address), self.phase == TrotterPhase.IDLE
        if self.phase == TrotterPhase.FETCH:
            self.coupling, self.left = self.memory[self.step]
            self.phase, self._kernel = TrotterPhase.SWEEP, None
        elif self.phase == TrotterPhase.SWEEP:
            self._update()
        if write and (was_idle or address == TrotterRegister.SELECT):
            self._write(address, data & WORD)
        self.read_data = following

    def _update(self):
        fabric = self.spec.fabric
        if self._kernel is None:
            self._kernel = ring_kernel(self._program(), self.coupling)
        kind, leap = self._kernel[2]
        state = np.array(self.planes[TrotterRegister.SEEDS], dtype=np.uint32)
        state = state.reshape(fabric.n_generators, fabric.random.state_words, 1)
        words = np.empty((fabric.n_generators, 1), dtype=np.uint32)
        outputs(kind, state, words)
        scratch = (np.zeros(1, np.int32), np.zeros((fabric.n_pbits, 1), np.uint8), np.zeros(1, np.uint8))
        update_color(self._kernel, self.table, words, self.bits, scratch, self.color)
        advance(kind, leap, state)
        self.planes[TrotterRegister.SEEDS] = state.ravel().tolist()
        self.color += 1
        if self.color < fabric.n_colors:
            return
        self.color, self.sweeps, self.left = 0, (self.sweeps + 1) & WORD, self.left - 1
        if self.left == 0:
            is_last = self.step + 1 == self.steps
            self.phase = TrotterPhase.IDLE if is_last else TrotterPhase.FETCH
            self.step = 0 if is_last else self.step + 1

    def _program(self):
        width = self.spec.fabric.offset.width
        offsets = [w - (1 << width) if w >> (width - 1) else w for w in self.planes[TrotterRegister.OFFSETS]]
        weights = weights_of_plane(self.planes[TrotterRegister.WEIGHTS], self.spec.fabric.weight.width)
        return TrotterProgram(self.spec, weights, np.array(offsets, dtype=np.int64), self.table, ())

    def _write(self, address, data):
        spec = self.spec
        if address in PLANES:
            if self.planes[address]:
                self.planes[address] = [*self.planes[address][1:], data & ((1 << self.widths[address]) - 1)]
        elif address == TrotterRegister.TABLE:
            self.table[self.table_pointer] = data & ((1 << spec.fabric.compare_bits) - 1)
            self.table_pointer = (self.table_pointer + 1) % self.table.size
        elif address == TrotterRegister.COUPLING:
            self.pending_coupling = data & ((1 << (spec.fabric.weight.width - 1)) - 1)
        elif address == TrotterRegister.SWEEPS:
            self.memory[self.memory_pointer] = (self.pending_coupling, data)
            self.memory_pointer = (self.memory_pointer + 1) % spec.n_steps
        elif address == TrotterRegister.STEPS:
            self.steps = data & 0x1FF
        elif address == TrotterRegister.SELECT:
            self.select = data & 0xFFFF
        elif address == TrotterRegister.CONTROL and data & 1:
            self.phase, self.color, self.step, self.sweeps = TrotterPhase.FETCH, 0, 0, 0

    def _read(self, address):
        """Return what the bus shows of ``address`` in the next cycle."""
        live = {
            TrotterRegister.STEPS: self.steps,
            TrotterRegister.SELECT: self.select,
            TrotterRegister.STATUS: int(self.phase != TrotterPhase.IDLE),
            TrotterRegister.SWEEPS: self.sweeps,
        }
        if address == TrotterRegister.SPINS:
            return int(words_from_bits(self.bits[:, 0])[self.select]) if self.select < self.spec.n_words else 0
        return int(live.get(address, 0))


def ring_writes(program, seed):
    """Yield the (address, data) writes that load and start a program; the schedule fills its memory to the end."""
    spec = program.spec
    weights = plane_weights(program.weights, spec.fabric.weight.width)
    yield from ((TrotterRegister.WEIGHTS, int(word)) for word in weights)
    yield from ((TrotterRegister.OFFSETS, int(word) & WORD) for word in program.offsets)
    yield from ((TrotterRegister.SEEDS, int(word)) for word in program.seeds(seed).ravel())
    yield from ((TrotterRegister.TABLE, int(word)) for word in program.table)
    rest = ((0, 1),) * (spec.n_steps - len(program.schedule))
    for coupling, sweeps in program.schedule + rest:
        yield TrotterRegister.COUPLING, coupling
        yield TrotterRegister.SWEEPS, sweeps
    yield TrotterRegister.STEPS, len(program.schedule)
    yield TrotterRegister.CONTROL, 1
