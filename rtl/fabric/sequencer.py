"""The sequencer: schedule segments, activation tables, colours, sweeps, and when a state is recorded."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from ...emulator.spec.fabric.register_map import Phase


class Sequencer(wiring.Component):
    """Walks the schedule memory; twin: ``emulator.golden.fabric.machine``.

    Members
    -------
    start, halt : In(1)
        Begin with segment 0; go idle at once (wins over everything else).
    freeze : In(1)
        Hold the sweep.
    fifo_full : In(1)
        The snapshot FIFO has no room.
    segments, record_after, record_every, to_fifo, to_moments : In
        Settings, see the register map.
    segment_write, segment_address, segment_page, segment_sweeps : In
        Write port of the schedule memory.
    table_invalid : In(1)
        The bank was written, so the p-bits' tables are stale.
    loading, bank_address : Out
        Read port of the table bank, used while ``loading``; its data come one cycle later.
    table_write, table_address : Out
        Broadcast write port of the p-bits' tables; the data are what the bank reads.
    step, color : Out(1), Out
        Update this colour in this cycle; in a dense fabric, do this clock of the sweep.
    priming : Out(1)
        Only in a dense fabric: this sweep fills the accumulators and draws nothing.
    push, accumulate : Out(1)
        Record the present state to the FIFO, to the moments.
    phase, busy, stalled, sweeps, active : Out
        What the status registers show; ``active`` counts as a busy cycle.
    segment, page, record_phase : Out
        Schedule segment, table page of the p-bits, sweeps since the last record: for the lockstep bench.

    Timing
    ------
    One cycle FETCH a segment, entries + 1 cycles LOAD if the table page changes, then one cycle a colour. A state is
    recorded in the cycle after its sweep's last update, while the next sweep already runs.
    """

    def __init__(self, spec):
        self._spec = spec
        segment_bits = (spec.n_segments - 1).bit_length()
        page_bits = (spec.n_pages - 1).bit_length()
        super().__init__(
            {
                "start": In(1),
                "halt": In(1),
                "freeze": In(1),
                "fifo_full": In(1),
                "segments": In(spec.n_segments.bit_length()),
                "record_after": In(32),
                "record_every": In(32),
                "to_fifo": In(1),
                "to_moments": In(1),
                "segment_write": In(1),
                "segment_address": In(segment_bits),
                "segment_page": In(page_bits),
                "segment_sweeps": In(32),
                "table_invalid": In(1),
                "loading": Out(1),
                "bank_address": Out(page_bits + spec.field.width),
                "table_write": Out(1),
                "table_address": Out(spec.field.width),
                "step": Out(1),
                "color": Out(max(1, (spec.clocks_per_sweep - 1).bit_length())),
                "priming": Out(1),
                "push": Out(1),
                "accumulate": Out(1),
                "phase": Out(Phase),
                "busy": Out(1),
                "stalled": Out(1),
                "sweeps": Out(32),
                "active": Out(1),
                "segment": Out(segment_bits),
                "page": Out(page_bits),
                "record_phase": Out(32),
            }
        )
        self._pending = Signal(name="pending")  # a sweep ended; is its state recorded?
        self._past = Signal(name="past")  # it came after the first sweeps, which do not count
        self._coming = Signal.like(self.segment, name="coming_segment")

    def elaborate(self, platform):
        m = Module()
        m.d.sync += self.segment.eq(self._coming)
        self._record(m)
        self._walk(m)
        m.d.comb += [
            self.busy.eq((self.phase != Phase.IDLE) | self._pending),
            self.active.eq(self.phase != Phase.IDLE),
            self.loading.eq(self.phase == Phase.LOAD),
            self.step.eq((self.phase == Phase.SWEEP) & ~self.freeze & ~self.stalled),
        ]
        with m.If(self.start):
            m.d.comb += self._coming.eq(0)
            m.d.sync += [self.phase.eq(Phase.FETCH), self.sweeps.eq(0), self.color.eq(0)]
            if self._spec.dense:
                m.d.sync += self.priming.eq(1)
        with m.If(self.halt):
            m.d.sync += [self.phase.eq(Phase.IDLE), self._pending.eq(0)]
        return m

    def _record(self, m):
        """Decide in the cycle after a sweep whether its state is recorded, and wait while the FIFO is full."""
        record_phase = self.record_phase
        following = Signal(32)
        counted = Signal()
        wanted = Signal()
        due = Signal()
        # Comparisons of 32 bits start from registers and end in one, since `wanted` can hold every p-bit in this cycle.
        # A record's phase changes a whole sweep before it is asked again; with one colour that is the cycle before.
        domain = m.d.sync if self._spec.clocks_per_sweep > 1 else m.d.comb
        domain += due.eq((self.record_every != 0) & (following == self.record_every))
        m.d.comb += [
            following.eq(record_phase + 1),
            counted.eq(self._pending & self._past),
            wanted.eq(counted & due),
            self.stalled.eq(wanted & self.to_fifo & self.fifo_full),
            self.push.eq(wanted & self.to_fifo & ~self.stalled),
            self.accumulate.eq(wanted & self.to_moments & ~self.stalled),
        ]
        with m.If(self._pending & ~self.stalled):
            m.d.sync += self._pending.eq(0)
            with m.If(wanted):
                m.d.sync += record_phase.eq(0)
            with m.Elif(counted):
                m.d.sync += record_phase.eq(following)
        with m.If(self.start):
            m.d.sync += record_phase.eq(0)

    def _walk(self, m):
        """Add the schedule memory and the states FETCH, LOAD and SWEEP."""
        spec = self._spec
        page_bits = len(self.segment_page)
        m.submodules.segments_memory = memory = Memory(shape=32 + page_bits, depth=spec.n_segments, init=[])
        # Read by the coming segment's number, so that the words are there in FETCH: a block RAM, not flip-flops.
        writer = memory.write_port()
        reader = memory.read_port()
        page = self.page
        page_valid = Signal()
        load_count = Signal(range(spec.n_table_entries + 1))
        sweeps_left = Signal(32)
        m.d.comb += [
            writer.en.eq(self.segment_write),
            writer.addr.eq(self.segment_address),
            writer.data[:32].eq(self.segment_sweeps),
            writer.data[32:].eq(self.segment_page),
            self._coming.eq(self.segment),
            reader.addr.eq(self._coming),
            self.bank_address[: spec.field.width].eq(load_count),
            self.bank_address[spec.field.width :].eq(page),
            self.table_write.eq((self.phase == Phase.LOAD) & (load_count != 0)),
            self.table_address.eq(load_count - 1),
        ]
        with m.Switch(self.phase):
            with m.Case(Phase.FETCH):
                m.d.sync += sweeps_left.eq(reader.data[:32])
                with m.If(reader.data[:32] == 0):
                    self._next_segment(m)
                with m.Elif(page_valid & (page == reader.data[32:])):
                    m.d.sync += self.phase.eq(Phase.SWEEP)
                with m.Else():
                    m.d.sync += [self.phase.eq(Phase.LOAD), page.eq(reader.data[32:]), page_valid.eq(0)]
                    m.d.sync += load_count.eq(0)
            with m.Case(Phase.LOAD):
                m.d.sync += load_count.eq(load_count + 1)
                with m.If(load_count == spec.n_table_entries):
                    m.d.sync += [self.phase.eq(Phase.SWEEP), page_valid.eq(1), load_count.eq(0)]
            with m.Case(Phase.SWEEP):
                with m.If(self.step):
                    self._sweep(m, sweeps_left)
        with m.If(self.table_invalid):
            m.d.sync += page_valid.eq(0)

    def _sweep(self, m, sweeps_left):
        following = Signal(32)
        m.d.comb += following.eq(self.sweeps + 1)
        m.d.sync += self.color.eq(self.color + 1)
        is_last = self.color == self._spec.clocks_per_sweep - 1
        if self._spec.dense:
            with m.If(is_last & self.priming):
                m.d.sync += [self.color.eq(0), self.priming.eq(0)]
            is_last = is_last & ~self.priming
        with m.If(is_last):
            m.d.sync += [
                self.color.eq(0),
                self._pending.eq(1),
                self._past.eq(following > self.record_after),
                self.sweeps.eq(following),
                sweeps_left.eq(sweeps_left - 1),
            ]
            with m.If(sweeps_left == 1):
                self._next_segment(m)

    def _next_segment(self, m):
        following = self.segment + 1
        with m.If(following >= self.segments):
            m.d.sync += self.phase.eq(Phase.IDLE)
        with m.Else():
            m.d.comb += self._coming.eq(following)
            m.d.sync += self.phase.eq(Phase.FETCH)
