"""The control registers of a crossbar tile, one clock at a time: which stage is busy with what."""

from __future__ import annotations

from typing import NamedTuple

from ...spec.tile.timing import TilePhase


class Step(NamedTuple):
    """One plane of one row tile of one product."""

    product: int
    tile: int
    plane: int


class Conversion(NamedTuple):
    """One group of columns of one step, behind the ADCs."""

    step: Step
    group: int


class TilePipeline:
    """Cycle-exact twin of the control of `spinchip.rtl.tile.controller.TileController`.

    The properties describe the present cycle; `tick` moves to the next. It knows no data, so it also times tiles whose
    controller is not built here, such as those with pulse-width modulated inputs.

    Parameters
    ----------
    timing : TileTiming
        Sizes and stage lengths.

    Attributes
    ----------
    phase, count, step : TilePhase, int, Step
        Front end: what it does, for how many clocks already, and for which step (of the last one when idle).
    scanned, group, convert_count : Step or None, int, int
        ADC scan: whose columns, which group, for how many clocks already.
    adds : list of (Conversion or None)
        Registers of the shift-adders, the youngest first.
    accumulating : Conversion or None
        What the accumulators add to their totals.
    done : Step or None
        Last step of a product whose results have just become readable.
    """

    def __init__(self, timing):
        self.timing = timing
        self.phase, self.count, self.step = TilePhase.IDLE, 0, Step(-1, 0, 0)
        self.scanned, self.group, self.convert_count = None, 0, 0
        self.adds = [None] * timing.shift_add_cycles
        self.accumulating = self.done = None

    @property
    def ready(self):
        """Whether a product can be started in this cycle: the front end would rest in the next one."""
        return self.phase == TilePhase.IDLE or self._leaves and self._is_last

    @property
    def busy(self):
        """Whether anything of a product is under way."""
        return self.phase != TilePhase.IDLE or any(
            stage is not None for stage in (self.scanned, *self.adds, self.accumulating)
        )

    @property
    def rows_on(self):
        """Whether the word lines are driven."""
        return self.phase in (TilePhase.DRIVE, TilePhase.SETTLE, TilePhase.SAMPLE)

    @property
    def holds(self):
        """Whether the sample-and-hold takes the columns' values at the end of this cycle."""
        return self.phase == TilePhase.SAMPLE and self.count == self.timing.sample_cycles - 1

    @property
    def takes(self):
        """Whether the codes of this group are valid in this cycle and taken at its end."""
        return self.scanned is not None and self.convert_count == self.timing.convert_cycles - 1

    @property
    def scan_ends(self):
        """Whether this is the last cycle of a scan."""
        return self.takes and self.group == self.timing.columns_per_adc - 1

    @property
    def transfers(self):
        """Whether the held values are handed to the ADCs at the end of this cycle."""
        return (self.holds or self.phase == TilePhase.HOLD) and (self.scanned is None or self.scan_ends)

    def next_step(self, start=False):
        """Return the step whose drive begins in the next cycle, or None."""
        if self.ready:
            return Step(self.step.product + 1, 0, self.timing.n_planes - 1) if start else None
        if not self._leaves:
            return None
        _, tile, plane = self.step
        follower = (tile, plane - 1) if plane else (tile + 1, self.timing.n_planes - 1)
        return self.step._replace(tile=follower[0], plane=follower[1])

    def tick(self, start=False):
        """Advance one clock; ``start`` begins a product if the tile is ready."""
        following = self.next_step(start)
        transferred = self.step if self.transfers else None
        finished = self.accumulating
        added = self.adds[-1]
        taken = Conversion(self.scanned, self.group) if self.takes else None
        scan_ended = self.scan_ends

        self.done = finished.step if finished is not None and self._completes(finished) else None
        self.accumulating = added if added is not None and added.step.plane == 0 else None
        self.adds = [taken, *self.adds[:-1]]
        self._scan(transferred, taken is not None, scan_ended)
        self._front(following, transferred is not None, scan_ended)

    @property
    def _leaves(self):
        """Whether the front end is done with its step in this cycle."""
        return self.transfers if self.timing.pipelined else self.phase == TilePhase.SCAN and self.scan_ends

    @property
    def _is_last(self):
        return self.step.tile == self.timing.n_row_tiles - 1 and self.step.plane == 0

    def _completes(self, conversion):
        last_tile = conversion.step.tile == self.timing.n_row_tiles - 1
        return last_tile and conversion.group == self.timing.columns_per_adc - 1

    def _scan(self, transferred, took, scan_ended):
        if scan_ended:
            self.scanned, self.group, self.convert_count = None, 0, 0
        elif took:
            self.group, self.convert_count = self.group + 1, 0
        elif self.scanned is not None:
            self.convert_count += 1
        if transferred is not None:
            self.scanned = transferred

    def _front(self, following, transferred, scan_ended):
        lengths = {
            TilePhase.DRIVE: (self.timing.drive_cycles, TilePhase.SETTLE),
            TilePhase.SETTLE: (self.timing.settle_cycles, TilePhase.SAMPLE),
            TilePhase.SAMPLE: (self.timing.sample_cycles, TilePhase.HOLD),
        }
        if following is not None:
            self.phase, self.count, self.step = TilePhase.DRIVE, 0, following
        elif transferred:
            self.phase, self.count = (TilePhase.IDLE if self.timing.pipelined else TilePhase.SCAN), 0
        elif self.phase == TilePhase.SCAN and scan_ended:
            self.phase = TilePhase.IDLE
        elif self.phase in lengths:
            length, after = lengths[self.phase]
            self.count += 1
            if self.count == length:
                self.phase, self.count = after, 0
