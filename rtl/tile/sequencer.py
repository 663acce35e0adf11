"""The front end of a tile: row tiles and planes, drive, settle, sample, and the hand-over to the ADCs."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...emulator.spec.tile.controller import index_bits
from ...emulator.spec.tile.timing import TilePhase


class TileSequencer(wiring.Component):
    """Walks through the steps of a product; twin: the front end of ``emulator.golden.tile.pipeline``.

    Members
    -------
    start : In(1)
        Begin a product; acts while ``ready``.
    scan_free, scan_ends : In(1)
        The ADC scan can take over new values at the end of this cycle; it does its last conversion.
    ready : Out(1)
        The front end would rest in the next cycle.
    hold : Out(1)
        The sample-and-hold takes the columns at the end of this cycle.
    transfer : Out(1)
        The held values go to the ADCs at the end of this cycle.
    load, release : Out(1)
        A step begins in the next cycle, the rows go off in the next cycle.
    next_tile, next_plane : Out
        Tile and plane of the step that begins.
    phase, count, tile, plane : Out
        Registers: what the front end does, for how many clocks, and in which step.

    Timing
    ------
    Drive, settle and sample take their clocks; the value then waits for the ADCs if they still scan. A pipelined tile
    begins the next step right after the transfer, any other one after the scan.
    """

    def __init__(self, spec):
        self._spec, timing = spec, spec.timing
        tile_bits, plane_bits = index_bits(timing.n_row_tiles), index_bits(timing.n_planes)
        longest = max(timing.drive_cycles, timing.settle_cycles, timing.sample_cycles)
        super().__init__(
            {
                "start": In(1),
                "scan_free": In(1),
                "scan_ends": In(1),
                "ready": Out(1),
                "hold": Out(1),
                "transfer": Out(1),
                "load": Out(1),
                "release": Out(1),
                "next_tile": Out(tile_bits),
                "next_plane": Out(plane_bits),
                "phase": Out(TilePhase),
                "count": Out(index_bits(longest)),
                "tile": Out(tile_bits),
                "plane": Out(plane_bits),
            }
        )

    @property
    def stages(self):
        """Phases that take a fixed number of clocks: (phase, clocks, phase that follows)."""
        timing = self._spec.timing
        return (
            (TilePhase.DRIVE, timing.drive_cycles, TilePhase.SETTLE),
            (TilePhase.SETTLE, timing.settle_cycles, TilePhase.SAMPLE),
            (TilePhase.SAMPLE, timing.sample_cycles, TilePhase.HOLD),
        )

    def elaborate(self, platform):
        m = Module()
        timing, phase, count = self._spec.timing, self.phase, self.count
        leaves = Signal()
        is_last = Signal()
        begins = Signal()
        waits = phase == TilePhase.HOLD
        m.d.comb += [
            self.transfer.eq((self.hold | waits) & self.scan_free),
            leaves.eq(self.transfer if timing.pipelined else (phase == TilePhase.SCAN) & self.scan_ends),
            is_last.eq((self.tile == timing.n_row_tiles - 1) & (self.plane == 0)),
            self.ready.eq((phase == TilePhase.IDLE) | (leaves & is_last)),
            begins.eq(self.ready & self.start),
            self.load.eq(begins | (leaves & ~is_last)),
            self.release.eq(self.hold),
        ]
        self._follow(m, begins)
        with m.Switch(phase):
            for stage, length, after in self.stages:
                with m.Case(stage):
                    m.d.sync += count.eq(count + 1)
                    with m.If(count == length - 1):
                        m.d.sync += [phase.eq(after), count.eq(0)]
                        if stage is TilePhase.SAMPLE:
                            m.d.comb += self.hold.eq(1)
        if not timing.pipelined:
            with m.If(self.transfer):
                m.d.sync += phase.eq(TilePhase.SCAN)
        with m.If(leaves & is_last):
            m.d.sync += phase.eq(TilePhase.IDLE)
        with m.If(self.load):
            m.d.sync += [phase.eq(TilePhase.DRIVE), self.tile.eq(self.next_tile), self.plane.eq(self.next_plane)]
        return m

    def _follow(self, m, begins):
        """Work out the step that would begin now: the first of a product, or the one after the present."""
        top = self._spec.timing.n_planes - 1
        same_tile = Signal()
        m.d.comb += [
            same_tile.eq(self.plane != 0),
            self.next_plane.eq(Mux(begins | ~same_tile, top, self.plane - 1)),
            self.next_tile.eq(Mux(begins, 0, self.tile + ~same_tile)),
        ]
