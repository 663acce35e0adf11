"""The dense fabric, one clock at a time: a p-bit is chosen, drawn, and its bit sent to every accumulator."""

from __future__ import annotations

import numpy as np

from ...spec.fabric.random_source import RandomKind
from ...spec.fabric.register_map import Phase, Register
from .machine import Machine, signed


class DenseMachine(Machine):
    """Cycle-exact twin of `spinchip.rtl.fabric.dense_computer.DenseComputer`.

    Parameters
    ----------
    spec : FabricSpec
        A dense fabric; all memories start at zero.
    """

    def __init__(self, spec):
        super().__init__(spec)
        n = spec.n_pbits
        self.planes[Register.WEIGHTS] = []  # in the memories of the accumulators
        self.matrix, self.columns = np.zeros((n, n), dtype=np.int64), np.zeros(n, dtype=np.int64)
        self.row = self.column = 0  # where the next word of WEIGHTS goes
        self.sums = np.zeros(n, dtype=np.int64)
        self.place = self.at = self.threshold = 0
        self.waiting = self.drawing = False

    def _sequence(self, steps, entropy):
        if self.phase == Phase.IDLE:
            self.columns = self.matrix[:, self.column].copy()
        super()._sequence(steps, entropy)

    def _update(self, entropy):
        """Do one clock of a sweep; return whether the chosen p-bit saturated."""
        spec = self.spec
        sent = self._draw(entropy) if self.drawing else 0
        chosen = spec.order[self.place]
        word, saturated = spec.field_words(self.sums[chosen])
        counts = bool(saturated) and not (self.waiting or self.priming or self._held(chosen))
        self.threshold = int(self.table[int(word) & (spec.n_table_entries - 1)])
        if not self.waiting:
            self.sums[chosen] = signed(self.planes[Register.OFFSETS][chosen], spec.offset.width)
        half = 1 << (spec.accumulator_bits - 1)
        self.sums = ((self.sums + sent + half) & (2 * half - 1)) - half
        self.columns = self.matrix[:, self.place].copy()
        self._walk()
        return int(counts)

    def _draw(self, entropy):
        """Draw the p-bit that was chosen a clock ago; return what its bit adds to every accumulator."""
        spec, i = self.spec, self.spec.order[self.at]
        if not self.priming:
            is_external = spec.random.kind is RandomKind.EXTERNAL
            random = int(self._random_words(entropy)[0, 0]) >> (0 if is_external else 32 - spec.compare_bits)
            if not self._held(i):
                self.bits[i, 0] = random < self.threshold
        top = spec.weight.width - 1
        aligned = (self.columns >> top) ^ int(self.bits[i, 0])
        return np.where(aligned, self.columns & ((1 << top) - 1), 0) << spec.weight_shift

    def _walk(self):
        """Move on in the order, with a wait where the next p-bit reads the one that is being drawn."""
        is_wait = self.place in self.spec.waits
        self.at, self.drawing = self.place if not self.waiting else self.at, not self.waiting
        if is_wait and not self.waiting:
            self.waiting = True
        else:
            self.waiting = False
            self.place = 0 if self.place == self.spec.n_pbits - 1 else self.place + 1

    def _held(self, i):
        return bool(self.planes[Register.CLAMPS][i] & 2)

    def _write_idle(self, address, data):
        if address != Register.WEIGHTS:
            return super()._write_idle(address, data)
        self.matrix[self.row, self.column] = data & ((1 << self.spec.weight.width) - 1)
        self.column += 1
        if self.column == self.spec.n_pbits:
            self.row, self.column = (self.row + 1) % self.spec.n_pbits, 0
        return True

    def _control(self, data):
        accepted, idle = super()._control(data), self.phase == Phase.IDLE
        if accepted and not idle:
            self.place, self.waiting, self.drawing = 0, False, False
        return accepted

    def _read(self, address, stalled):
        if address == Register.WEIGHTS:
            return int(self.columns[self.row])
        return super()._read(address, stalled)


def machine_for(spec):
    """Return the golden machine of a fabric; Machine or DenseMachine."""
    return DenseMachine(spec) if spec.dense else Machine(spec)
