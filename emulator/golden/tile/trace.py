"""Cycle-exact traces of a tile: latency, throughput, utilisation and events, counted and never computed by formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ...spec.errors import InputError
from ...spec.samples import Ledger
from ...spec.tile.timing import TilePhase, TileTiming
from .pipeline import Conversion, Step, TilePipeline

STAGES = ("drive", "settle", "sample", "convert", "shift_add", "accumulate")


class Activity(NamedTuple):
    """What each stage is busy with in one clock; None where it rests.

    ``held`` is the step whose values wait in the sample-and-hold for the ADCs: nothing works for it. ``holds`` and
    ``takes`` tell whether sampling, and the conversion, end in this clock. ``shift_add`` holds one entry per register
    of the shift-adders.
    """

    drive: Step | None
    settle: Step | None
    sample: Step | None
    holds: bool
    held: Step | None
    convert: Conversion | None
    takes: bool
    shift_add: tuple[Conversion | None, ...]
    accumulate: Conversion | None


@dataclass(frozen=True)
class TileTrace:
    """What a tile did, clock by clock.

    Parameters
    ----------
    timing : TileTiming
        Size and times of the tile.
    activities : tuple of Activity
        One per clock, from the clock after the first start to the last clock in which anything worked.
    started, done : tuple of int
        For each product the clock in which it was started (-1 is the clock before ``activities[0]``), and the clock
        from which its results can be read.
    """

    timing: TileTiming
    activities: tuple[Activity, ...]
    started: tuple[int, ...]
    done: tuple[int, ...]

    @property
    def n_products(self):
        """Products computed."""
        return len(self.done)

    @property
    def latency_cycles(self):
        """Clocks from the first product's first drive to the first clock in which its results can be read."""
        return self.done[0] - self.started[0] - 1

    @property
    def interval_cycles(self):
        """Clocks between the last two results, which is the initiation interval; of one product its latency."""
        return self.done[-1] - self.done[-2] if self.n_products > 1 else self.latency_cycles

    @property
    def latency_s(self):
        """Latency of a product [s]."""
        return self.latency_cycles / self.timing.clock_hz

    @property
    def interval_s(self):
        """Time between products that follow each other at once [s]."""
        return self.interval_cycles / self.timing.clock_hz

    def utilisation(self):
        """Return the share of its capacity that each stage used between the last two starts, or by a single product.

        In steady state from four products on: then the stages behind the front end still work for those before.
        Front end stages serve one step a clock, the ADCs ``n_adcs`` conversions at a time, and each register of the
        shift-adders and the accumulators ``n_adcs`` columns a clock.

        Returns
        -------
        dict of str to float
            Shares 0 to 1 by stage, and ``front_end``, ``adc_columns``: drive, settle and sample together; converters
            that work over all converters, short last groups included.
        """
        first, after = (0, self.latency_cycles) if self.n_products == 1 else (s + 1 for s in self.started[-2:])
        window = self.activities[first:after]
        timing, n = self.timing, len(window)
        columns = sum(timing.columns_in_group(a.convert.group) for a in window if a.convert is not None)
        shares = {
            stage: sum(getattr(a, stage) is not None for a in window) / n for stage in ("drive", "settle", "sample")
        }
        shares["front_end"] = shares["drive"] + shares["settle"] + shares["sample"]
        shares["convert"] = sum(a.convert is not None for a in window) / n
        shares["adc_columns"] = columns / (n * timing.n_adcs)
        registers = sum(stage is not None for a in window for stage in a.shift_add)
        shares["shift_add"] = registers / (n * timing.shift_add_cycles)
        shares["accumulate"] = sum(a.accumulate is not None for a in window) / n
        return shares

    def events(self):
        """Return the counts of everything that may have a price.

        Returns
        -------
        dict of str to int
            ``cycles``: clocks in which anything worked. ``products``. ``row_drives``: rows times steps, each a
            conversion of an input bit to a line voltage. ``array_cycles``, ``row_cycles``, ``column_cycles``: clocks in
            which the word lines are driven, alone, times rows, times columns. ``samples``: columns sampled.
            ``conversions``: columns converted. ``adc_cycles``: converters at work times clocks. ``shift_adds`` and
            ``accumulations``: columns added.
        """
        timing = self.timing
        counts = dict.fromkeys(
            ("row_drives", "array_cycles", "samples", "conversions", "adc_cycles", "shift_adds", "accumulations"), 0
        )
        before = None
        for activity in self.activities:
            on = [step for step in activity[:3] if step is not None]
            counts["array_cycles"] += bool(on)
            if activity.drive is not None and activity.drive != before:
                counts["row_drives"] += timing.n_rows
            counts["samples"] += timing.n_columns * activity.holds
            before = activity.drive
            if activity.convert is not None:
                columns = timing.columns_in_group(activity.convert.group)
                counts["adc_cycles"] += columns
                counts["conversions"] += columns * activity.takes
            if activity.shift_add[-1] is not None:
                counts["shift_adds"] += timing.columns_in_group(activity.shift_add[-1].group)
            if activity.accumulate is not None:
                counts["accumulations"] += timing.columns_in_group(activity.accumulate.group)
        counts["row_cycles"] = counts["array_cycles"] * timing.n_rows
        counts["column_cycles"] = counts["array_cycles"] * timing.n_columns
        return {"cycles": len(self.activities), "products": self.n_products, **counts}

    def ledger(self):
        """Return the events as a `Ledger`; its wall time is that of no computer and stays zero."""
        return Ledger(self.events())

    def text(self):
        """Return the trace as one line a clock, for reading: step numbers by stage, groups behind a slash."""
        lines = [f"clock  {'  '.join(f'{stage:>9}' for stage in STAGES)}"]
        for clock, activity in enumerate(self.activities):
            cells = [_cell(getattr(activity, stage), self.timing) for stage in STAGES]
            lines.append(f"{clock:5}  {'  '.join(f'{cell:>9}' for cell in cells)}")
        return "\n".join(lines)


def trace_tile(timing, n_products=1):
    """Run a tile clock by clock, each product started as soon as the tile takes it.

    Loading inputs and reading results are not part of the trace: they happen before a start and after a result.

    Parameters
    ----------
    timing : TileTiming
        Size and times of the tile.
    n_products : int
        Products; two or more show the initiation interval.

    Returns
    -------
    TileTrace
    """
    if n_products < 1:
        raise InputError(f"Products of a trace must be at least 1, not {n_products}")
    pipeline = TilePipeline(timing)
    activities, started, done = [], [], []
    clock = -1
    while len(done) < n_products:
        starts = pipeline.ready and len(started) < n_products
        if starts:
            started.append(clock)
        if clock >= 0:
            activities.append(activity_of(pipeline))
        pipeline.tick(starts)
        clock += 1
        if pipeline.done is not None:
            done.append(clock)
    return TileTrace(timing, tuple(activities), tuple(started), tuple(done))


def activity_of(pipeline):
    """Return what the stages of a `TilePipeline` are busy with in its present cycle; Activity."""
    phase, step = pipeline.phase, pipeline.step
    return Activity(
        drive=step if phase == TilePhase.DRIVE else None,
        settle=step if phase == TilePhase.SETTLE else None,
        sample=step if phase == TilePhase.SAMPLE else None,
        holds=pipeline.holds,
        held=step if phase == TilePhase.HOLD else None,
        convert=None if pipeline.scanned is None else Conversion(pipeline.scanned, pipeline.group),
        takes=pipeline.takes,
        shift_add=tuple(pipeline.adds),
        accumulate=pipeline.accumulating,
    )


def _cell(work, timing):
    """Return one stage's cell of the text."""
    if isinstance(work, tuple) and not isinstance(work, (Step, Conversion)):
        work = next((entry for entry in reversed(work) if entry is not None), None)
    if work is None:
        return "."
    step = work.step if isinstance(work, Conversion) else work
    number = step.tile * timing.n_planes + timing.n_planes - 1 - step.plane
    place = f"/{work.group}" if isinstance(work, Conversion) else ""
    return f"{step.product}:{number}{place}"
