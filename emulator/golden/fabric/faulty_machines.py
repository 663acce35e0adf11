"""Golden machines with one fault each: lockstep must tell each of them from the hardware."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...spec.fabric.register_map import Control, Phase, Register
from .machine import WORD, Machine


class TieRuleMachine(Machine):
    """A random word equal to the threshold gives 1."""

    def _update(self, entropy):
        honest, self.table = self.table, self.table + np.uint32(1)
        saturated = super()._update(entropy)
        self.table = honest
        return saturated


class ExtraSweepMachine(Machine):
    """The last segment runs one sweep too many."""

    def _sequence(self, steps, entropy):
        fetches = self.phase == Phase.FETCH
        super()._sequence(steps, entropy)
        if fetches and self.sweeps_left and self.segment + 1 == self.settings[Register.SEGMENTS]:
            self.sweeps_left = (self.sweeps_left + 1) & WORD


class StuckRandomBitMachine(Machine):
    """The highest bit of every random word is stuck at 1."""

    def _random_words(self, entropy):
        words = super()._random_words(entropy)
        return words | np.uint32(1 << (31 if self.spec.n_generators else self.spec.compare_bits - 1))


class HalfDownMachine(Machine):
    """A field half-way between two words is rounded down."""

    def _program(self):
        program = super()._program()
        return replace(program, offsets=program.offsets - 1)


class WrapMachine(Machine):
    """A field beyond its format keeps its low bits."""

    def _compiled(self):
        graph, arithmetic, source = super()._compiled()
        return graph, (*arithmetic[:-1], False), source


class SilentRefusalMachine(Machine):
    """A refused write is not counted."""

    def _write(self, address, data, was_busy):
        counted = self.refused
        super()._write(address, data, was_busy)
        self.refused = min(self.refused, counted)


class DroppedClampMachine(Machine):
    """The clamp of p-bit 0 is ignored while it runs."""

    def _compiled(self):
        graph, arithmetic, source = super()._compiled()
        held = graph[6].copy()
        held[0] = False
        return (*graph[:6], held, *graph[7:]), arithmetic, source


class KeptThinningMachine(Machine):
    """RUN does not restart the count of sweeps since the last record."""

    def _control(self, data):
        kept = self.record_phase
        accepted = super()._control(data)
        self.record_phase = kept
        return accepted


class LossyFifoMachine(Machine):
    """A full FIFO drops its oldest state at the end of a sweep."""

    def tick(self, address=0, write=False, data=0, entropy=0):
        """Advance one clock; see `Machine.tick`."""
        if len(self.fifo) == self.spec.fifo_depth and self.pending:
            self.fifo.pop(0)
        super().tick(address, write, data, entropy)


class StaleTableMachine(Machine):
    """The p-bits keep their table although its page was written anew."""

    def _write_idle(self, address, data):
        valid = self.page_valid
        accepted = super()._write_idle(address, data)
        self.page_valid = valid
        return accepted


class RestlessSourceMachine(Machine):
    """Random sources run on while the machine is frozen."""

    def _sequence(self, steps, entropy):
        if self.phase == Phase.SWEEP and not steps:
            self._kernel = self._kernel or self._compiled()
            self._random_words(entropy)
        super()._sequence(steps, entropy)


class PoliteHaltMachine(Machine):
    """HALT waits for the end of the sweep."""

    def _write(self, address, data, was_busy):
        if address == Register.CONTROL and data & Control.HALT and self.phase == Phase.SWEEP and self.color:
            self.sweeps_left, self.segment = 1, self.settings[Register.SEGMENTS]
            return
        super()._write(address, data, was_busy)


class MiscountedAgreementMachine(Machine):
    """An edge counts as agreeing only if both p-bits are up."""

    def _accumulate(self):
        before = self.planes[Register.MOMENTS]
        super()._accumulate()
        n = self.spec.n_pbits
        for at, (i, j) in enumerate(self.spec.edges, start=n):
            if not self.bits[i, 0] and not self.bits[j, 0]:
                self.planes[Register.MOMENTS][at] = before[at]
