"""The whole p-computer, one clock at a time: every register that a host can see, equal to the RTL's.

A `Machine` is fed what the bus (and the entropy port) carried in a cycle and moves to the next cycle. It shares no
code with the RTL: both are written from ``emulator/spec``. The free-running kernels of `sampler` do the same
arithmetic; a test holds the two against each other.
"""

from __future__ import annotations

import numpy as np

from ...spec.fabric.program import Program
from ...spec.fabric.random_source import RandomKind
from ...spec.fabric.register_map import (
    FIFO_BASE,
    SPINS_BASE,
    Control,
    Phase,
    Register,
    Status,
    Where,
    identity,
    plane_words,
    setting_bits,
)
from ...spec.fabric.sign_magnitude import sign_excess, weights_of_plane
from ...spec.schedule import Recording
from ...spec.spins import words_from_bits
from .arrays import golden_arrays, machine_of
from .random_kernels import advance, outputs
from .update_kernels import update_color

WORD = 0xFFFFFFFF


class Machine:
    """Cycle-exact twin of `spinchip.rtl.fabric.p_computer.PComputer`.

    Parameters
    ----------
    spec : FabricSpec
        The fabric; all memories start at zero, as in hardware after configuration.
    """

    def __init__(self, spec):
        self.spec = spec
        n = spec.n_pbits
        self.bits = np.zeros((n, 1), dtype=np.uint8)
        shapes = plane_words(spec)
        self.planes = {register: [0] * n_words for register, (n_words, _) in shapes.items()}
        self.plane_bits = {register: width for register, (_, width) in shapes.items()}
        self.bank = np.zeros(spec.n_pages * spec.n_table_entries, dtype=np.uint32)
        self.bank_output = 0
        self.table = np.zeros(spec.n_table_entries, dtype=np.uint32)
        self.segments = [(0, 0)] * spec.n_segments
        self.fifo = []
        self.phase, self.color, self.segment, self.sweeps_left, self.load_count = Phase.IDLE, 0, 0, 0, 0
        self.page, self.page_valid, self.priming = 0, False, False
        self.sweeps = self.cycles = self.saturations = self.refused = self.moment_count = 0
        self.record_phase, self.pending, self.read_data = 0, False, 0
        self.setting_bits = setting_bits(spec)
        self.settings = dict.fromkeys(self.setting_bits, 0)
        self._identity = identity(spec)
        self._kernel = None
        self._scratch = (np.zeros(1, np.int32), np.zeros((n, 1), np.uint8), np.zeros(1, np.uint8))

    @property
    def busy(self):
        """Whether a schedule runs or a record waits."""
        return self.phase != Phase.IDLE or self.pending

    def tick(self, address=0, write=False, data=0, entropy=0):
        """Advance one clock.

        Parameters
        ----------
        address, data : int
            What the bus carries in this cycle.
        write : bool
            Whether the bus writes.
        entropy : int
            The external entropy port, slot 0 in the lowest bits; ignored by internal sources.
        """
        counted = self.pending and self.sweeps > self.settings[Register.RECORD_AFTER]
        every, where = self.settings[Register.RECORD_EVERY], self.settings[Register.RECORD_WHERE]
        wanted = counted and every != 0 and (self.record_phase + 1) & WORD == every
        to_fifo = wanted and where & Where.FIFO
        stalled = bool(to_fifo and len(self.fifo) == self.spec.fifo_depth)
        was_busy, was_idle_phase = self.busy, self.phase == Phase.IDLE
        steps = self.phase == Phase.SWEEP and not self.settings[Register.FREEZE] and not stalled
        next_read = self._read(address, stalled)
        next_bank = int(self.bank[self._bank_address()])

        pushed = None
        if self.pending and not stalled:
            self.pending = False
            if counted:
                self.record_phase = 0 if wanted else (self.record_phase + 1) & WORD
            if to_fifo:
                pushed = words_from_bits(self.bits[:, 0])
            if wanted and where & Where.MOMENTS:
                self._accumulate()
        if not was_idle_phase:
            self.cycles = (self.cycles + 1) & WORD
        self._sequence(steps, entropy)
        if write:
            self._write(address, data & WORD, was_busy)
        if pushed is not None:
            self.fifo.append(pushed)
        self.read_data, self.bank_output = next_read, next_bank

    def _bank_address(self):
        if self.phase == Phase.LOAD:
            return self.page * self.spec.n_table_entries + (self.load_count & (self.spec.n_table_entries - 1))
        return self.settings[Register.TABLE_ADDRESS]

    def _sequence(self, steps, entropy):
        spec = self.spec
        if self.phase == Phase.FETCH:
            page, self.sweeps_left = self.segments[self.segment]
            if self.sweeps_left == 0:
                self._next_segment()
            elif self.page_valid and page == self.page:
                self.phase = Phase.SWEEP
            else:
                self.phase, self.load_count, self.page, self.page_valid = Phase.LOAD, 0, page, False
        elif self.phase == Phase.LOAD:
            if self.load_count:
                self.table[self.load_count - 1] = self.bank_output
            if self.load_count == spec.n_table_entries:
                self.phase, self.page_valid, self.load_count = Phase.SWEEP, True, 0
            else:
                self.load_count += 1
        elif steps:
            self._step(entropy)

    def _step(self, entropy):
        spec = self.spec
        saturated = self._update(entropy)
        self.saturations = (self.saturations + saturated) & WORD
        if self.color == spec.clocks_per_sweep - 1 and self.priming:
            self.color, self.priming = 0, False
        elif self.color == spec.clocks_per_sweep - 1:
            self.color, self.pending = 0, True
            self.sweeps = (self.sweeps + 1) & WORD
            self.sweeps_left -= 1
            if self.sweeps_left == 0:
                self._next_segment()
        else:
            self.color += 1

    def _next_segment(self):
        if self.segment + 1 >= self.settings[Register.SEGMENTS]:
            self.phase = Phase.IDLE
        else:
            self.phase, self.segment = Phase.FETCH, self.segment + 1

    def _update(self, entropy):
        """Update the current colour; return whether any updated p-bit saturated."""
        if self._kernel is None:
            self._kernel = self._compiled()
        words = self._random_words(entropy)
        update_color(self._kernel, self.table, words, self.bits, self._scratch, self.color)
        return int(self._scratch[2][0])

    def _random_words(self, entropy):
        """Return the words of this cycle, shape (n_generators or n_slots, 1), and step the generators."""
        spec = self.spec
        if spec.random.kind is RandomKind.EXTERNAL:
            mask = (1 << spec.compare_bits) - 1
            words = [[(entropy >> (slot * spec.compare_bits)) & mask] for slot in range(spec.n_slots)]
            return np.array(words, dtype=np.uint32)
        kind, leap = int(spec.random.kind), spec.random.leap
        state = np.array(self.planes[Register.SEEDS], dtype=np.uint32)
        state = state.reshape(spec.n_generators, spec.random.state_words, 1)
        words = np.empty((spec.n_generators, 1), dtype=np.uint32)
        outputs(kind, state, words)
        advance(kind, leap, state)
        self.planes[Register.SEEDS] = state.ravel().tolist()
        return words

    def _compiled(self):
        """Return what the kernels take, from the loaded planes."""
        return machine_of(golden_arrays(self._program()))

    def _program(self):
        """Return the loaded planes as a program, so that the kernels can run them."""
        spec = self.spec
        weights = weights_of_plane(self.planes[Register.WEIGHTS], spec.weight.width)
        offsets = [signed(word, spec.offset.width) for word in self.planes[Register.OFFSETS]]
        clamps = [(2 * (word & 1) - 1) * (word >> 1) for word in self.planes[Register.CLAMPS]]
        return Program(
            spec=spec,
            weights=weights,
            offsets=np.array(offsets, dtype=np.int64) + sign_excess(weights, spec),
            clamps=np.array(clamps, dtype=np.int8),
            tables=self.bank.reshape(spec.n_pages, -1),
            segments=tuple(self.segments),
            recording=Recording(),
            initial_bits=self.bits[:, 0],
        )

    def _accumulate(self):
        spec = self.spec
        moments = self.planes[Register.MOMENTS]
        if not moments:
            return
        self.moment_count = (self.moment_count + 1) & WORD
        bits = self.bits[:, 0].tolist()
        agree = [bits[i] == bits[j] for i, j in spec.edges]
        mask = (1 << spec.moment_bits) - 1
        self.planes[Register.MOMENTS] = [(m + a) & mask for m, a in zip(moments, bits + agree, strict=True)]

    def _write(self, address, data, was_busy):
        """Carry out or refuse a bus write; ``was_busy`` is the state before this clock."""
        if address == Register.FREEZE:
            self.settings[Register.FREEZE] = data & 1
        elif address == Register.FIFO_POP and self.fifo:
            self.fifo.pop(0)
        elif address == Register.CONTROL and data & Control.HALT:
            self.phase, self.pending = Phase.IDLE, False
        elif was_busy or address == Register.FIFO_POP or not self._write_idle(address, data):
            self.refused = (self.refused + 1) & WORD

    def _write_idle(self, address, data):
        """Carry out a write that needs an idle machine; return False if the address cannot be written."""
        if address == Register.CONTROL:
            return self._control(data)
        if self.planes.get(address):
            plane = self.planes[address]
            self.planes[address] = [*plane[1:], data & ((1 << self.plane_bits[address]) - 1)]
            self._kernel = None
        elif address == Register.TABLE_DATA:
            self.bank[self.settings[Register.TABLE_ADDRESS]] = data & ((1 << self.spec.compare_bits) - 1)
            self._step_setting(Register.TABLE_ADDRESS)
            self.page_valid = False
        elif address == Register.SEGMENT_SWEEPS:
            self.segments[self.settings[Register.SEGMENT_ADDRESS]] = (self.settings[Register.SEGMENT_PAGE], data)
            self._step_setting(Register.SEGMENT_ADDRESS)
        elif address == Register.SEGMENTS and data > self.spec.n_segments:
            return False
        elif address in self.settings:
            self.settings[address] = data & ((1 << self.setting_bits[address]) - 1)
        else:
            return False
        return True

    def _step_setting(self, register):
        self.settings[register] = (self.settings[register] + 1) & ((1 << self.setting_bits[register]) - 1)

    def _control(self, data):
        runs = bool(data & Control.RUN)
        if runs and self.settings[Register.SEGMENTS] == 0:
            return False
        if data & Control.CLEAR:
            self.cycles = self.saturations = self.refused = self.moment_count = 0
            self.fifo = []
        if runs or data & Control.LOAD:
            for i, word in enumerate(self.planes[Register.CLAMPS]):
                if word & 2:
                    self.bits[i, 0] = word & 1
        if runs:
            self.phase, self.segment, self.sweeps, self.record_phase, self.color = Phase.FETCH, 0, 0, 0, 0
            self.priming = self.spec.dense
        return True

    def _read(self, address, stalled):
        """Return what the bus shows of ``address`` in the next cycle."""
        if address in self._identity:
            return self._identity[address]
        if address in self.planes:
            return next(iter(self.planes[address]), 0)
        n_words = -(-self.spec.n_pbits // 32)
        if SPINS_BASE <= address < SPINS_BASE + n_words:
            return words_from_bits(self.bits[:, 0])[address - SPINS_BASE]
        if FIFO_BASE <= address < FIFO_BASE + n_words:
            return self.fifo[0][address - FIFO_BASE] if self.fifo else 0
        live = {
            Register.STATUS: Status.BUSY * self.busy
            | Status.FROZEN * self.settings[Register.FREEZE]
            | Status.STALLED * stalled,
            Register.SWEEPS: self.sweeps,
            Register.CYCLES: self.cycles,
            Register.SATURATIONS: self.saturations,
            Register.REFUSED: self.refused,
            Register.MOMENT_COUNT: self.moment_count,
            Register.FIFO_LEVEL: len(self.fifo),
            Register.TABLE_DATA: self.bank_output,
        }
        return int(live.get(address, self.settings.get(address, 0)))


def signed(word, width):
    """Return what a word of two's complement stands for; int."""
    return word - (1 << width) if word >> (width - 1) else word
