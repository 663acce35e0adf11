"""The digital side of a crossbar tile: bit-serial rows, ADC scan, shift-add, and totals over row tiles."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...emulator.spec.tile.controller import index_bits, input_widths
from ...emulator.spec.tile.timing import TilePhase
from .lane import TileLane
from .row_driver import TileRowDriver
from .scanner import TileScanner
from .sequencer import TileSequencer

COUNTER_BITS = 32


class TileController(wiring.Component):
    """The controller of a `TileControllerSpec`; twin: ``emulator.golden.tile.controller.TileController``.

    Parameters
    ----------
    spec : TileControllerSpec
        Everything about the hardware.

    Members
    -------
    start, start_bank, clear, write, write_bank, write_tile, write_row, write_data, read_group, read_adc : In
        Digital pins, see ``emulator.spec.tile.controller.TileInputs``.
    ready, busy, done : Out(1)
        A product can be started in this cycle; one is under way; results have just become readable.
    result : Out(signed(accumulator_bits))
        Total that was addressed in the previous cycle; 0 where there is no column.
    cycles, saturations, rails, refused : Out(32)
        Counters: busy clocks, totals that saturated, codes at an end of the ADC's range, starts and writes refused.
    row_drive, tile : Out
        Bits on the word lines, row 0 lowest, and the row tile that they belong to.
    hold, transfer : Out(1)
        The sample-and-holds take the columns' values, and hand them to the ADCs, at the end of this cycle.
    converting, select : Out
        The ADCs convert the columns of this group, ``select * n_adcs + adc``.
    code_k : In(signed(adc_bits))
        Code of ADC k; taken in the last clock of its conversion.

    Timing
    ------
    See ``emulator.spec.tile.timing.TileTiming``. A write acts at the end of its cycle. The results of a product can be
    read from the cycle of ``done`` until the next product's first row tile has been accumulated.
    """

    def __init__(self, spec):
        self._spec, timing = spec, spec.timing
        members = {name: In(width) for name, width in input_widths(spec).items()}
        members |= {name: Out(1) for name in ("ready", "busy", "done", "hold", "transfer", "converting")}
        members |= {name: Out(COUNTER_BITS) for name in ("cycles", "saturations", "rails", "refused")}
        members |= {f"code_{adc}": In(signed(spec.adc_bits)) for adc in range(timing.n_adcs)}
        members |= {
            "result": Out(signed(spec.accumulator_bits)),
            "row_drive": Out(timing.n_rows),
            "tile": Out(index_bits(timing.n_row_tiles)),
            "select": Out(index_bits(timing.columns_per_adc)),
        }
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        m.submodules.sequencer = sequencer = TileSequencer(self._spec)
        m.submodules.scanner = scanner = TileScanner(self._spec)
        m.d.comb += [
            sequencer.start.eq(self.start),
            sequencer.scan_free.eq(scanner.free),
            sequencer.scan_ends.eq(scanner.ends),
            scanner.transfer.eq(sequencer.transfer),
            scanner.tile.eq(sequencer.tile),
            scanner.plane.eq(sequencer.plane),
            self.ready.eq(sequencer.ready),
            self.busy.eq((sequencer.phase != TilePhase.IDLE) | scanner.working),
            self.done.eq(scanner.done),
            self.hold.eq(sequencer.hold),
            self.transfer.eq(sequencer.transfer),
            self.tile.eq(sequencer.tile),
            self.converting.eq(scanner.scanning),
            self.select.eq(scanner.group),
        ]
        refused = self._rows(m, sequencer)
        self._count(m, refused, *self._lanes(m, scanner))
        return m

    def _rows(self, m, sequencer):
        """Add the row drivers; return how many starts and writes are refused in this cycle."""
        timing = self._spec.timing
        bank = Signal(name="bank")
        next_bank = Signal(name="next_bank")
        starts = Signal()
        exists = Signal()
        runs = Signal()
        accepted = Signal()
        m.d.comb += [
            starts.eq(self.start & sequencer.ready),
            next_bank.eq(bank),
            exists.eq((self.write_tile < timing.n_row_tiles) & (self.write_row < timing.n_rows)),
            runs.eq((~sequencer.ready | starts) & (self.write_bank == next_bank)),
            accepted.eq(self.write & exists & ~runs),
        ]
        with m.If(starts):
            m.d.comb += next_bank.eq(self.start_bank)
        m.d.sync += bank.eq(next_bank)
        drivers = [TileRowDriver(self._spec) for _ in range(timing.n_rows)]
        for row, driver in enumerate(drivers):
            m.submodules[f"row_{row}"] = driver
            m.d.comb += [
                driver.write.eq(accepted & (self.write_row == row)),
                driver.write_bank.eq(self.write_bank),
                driver.write_tile.eq(self.write_tile),
                driver.write_data.eq(self.write_data),
                driver.load.eq(sequencer.load),
                driver.release.eq(sequencer.release),
                driver.bank.eq(next_bank),
                driver.tile.eq(sequencer.next_tile),
                driver.plane.eq(sequencer.next_plane),
            ]
        m.d.comb += self.row_drive.eq(Cat(driver.bit for driver in drivers))  # goes out and nowhere else
        refused = Signal(2, name="refusals")
        m.d.comb += refused.eq((self.write & ~accepted) + (self.start & ~sequencer.ready))
        return refused

    def _lanes(self, m, scanner):
        """Add what stands behind the ADCs; return how many totals saturate and how many codes stand at a rail."""
        lanes = [TileLane(self._spec, adc) for adc in range(self._spec.timing.n_adcs)]
        chosen = Signal(signed(self._spec.accumulator_bits))
        for adc, lane in enumerate(lanes):
            m.submodules[f"lane_{adc}"] = lane
            m.d.comb += [
                lane.code.eq(self._code(adc)),
                lane.take.eq(scanner.take),
                lane.adding.eq(scanner.adding),
                lane.accumulating.eq(scanner.accumulating),
                lane.read_group.eq(self.read_group),
            ]
        with m.Switch(self.read_adc):
            for adc, lane in enumerate(lanes):
                with m.Case(adc):
                    m.d.comb += chosen.eq(lane.total)
        m.d.sync += self.result.eq(chosen)
        return _population(m, [lane.saturated for lane in lanes]), _population(m, [lane.rail for lane in lanes])

    def _code(self, adc):
        """Return the pins of an ADC's code."""
        return getattr(self, f"code_{adc}")

    def _count(self, m, refused, saturated, rails):
        """Add the counters."""
        steps = {"cycles": self.busy, "saturations": saturated, "rails": rails, "refused": refused}
        for name, step in steps.items():
            counter = getattr(self, name)
            m.d.sync += counter.eq(counter + step)
            with m.If(self.clear):
                m.d.sync += counter.eq(0)


def _population(m, bits):
    """Return how many bits are set: a tree of named sums, since a shared expression would be written out twice."""
    while len(bits) > 1:
        sums = []
        for pair in zip(bits[::2], bits[1::2], strict=False):
            total = Signal(max(len(bit) for bit in pair) + 1, name="population")
            m.d.comb += total.eq(pair[0] + pair[1])
            sums.append(total)
        bits = sums + bits[len(sums) * 2 :]
    return bits[0]
