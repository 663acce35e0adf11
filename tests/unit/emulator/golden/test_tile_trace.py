"""The cycle-exact trace of a tile against cycles written out by hand and against closed formulas."""

import re
from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.golden.tile import trace as tile_trace
from spinchip.emulator.golden.tile.pipeline import TilePipeline
from spinchip.emulator.golden.tile.trace import trace_tile
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.tile.timing import TileTiming

# Two planes of three columns on two converters: scans of two groups, that is 2 clocks, against 3 of the front end.
# product:step, and /group behind the converters.
WRITTEN_OUT = """\
clock      drive     settle     sample    convert  shift_add  accumulate
    0        0:0          .          .          .          .          .
    1          .        0:0          .          .          .          .
    2          .          .        0:0          .          .          .
    3        0:1          .          .      0:0/0          .          .
    4          .        0:1          .      0:0/1      0:0/0          .
    5          .          .        0:1          .      0:0/1          .
    6          .          .          .      0:1/0          .          .
    7          .          .          .      0:1/1      0:1/0          .
    8          .          .          .          .      0:1/1      0:1/0
    9          .          .          .          .          .      0:1/1"""


def random_timing(seed):
    rng = np.random.default_rng([9, seed])
    n_columns = int(rng.integers(1, 20))
    stages = ("drive_cycles", "settle_cycles", "sample_cycles", "convert_cycles", "shift_add_cycles")
    return TileTiming(
        n_rows=int(rng.integers(1, 9)),
        n_columns=n_columns,
        n_row_tiles=int(rng.integers(1, 4)),
        n_planes=int(rng.integers(1, 6)),
        n_adcs=int(rng.integers(1, n_columns + 1)),
        **{stage: int(rng.integers(1, 7)) for stage in stages},
        pipelined=bool(seed % 2),
    )


def formula(timing):
    """Return latency and interval by formula: the check of the trace, and used nowhere else."""
    front = timing.drive_cycles + timing.settle_cycles + timing.sample_cycles
    scan = -(-timing.n_columns // timing.n_adcs) * timing.convert_cycles
    steps, tail = timing.n_row_tiles * timing.n_planes, timing.shift_add_cycles + 1
    if not timing.pipelined:
        return steps * (front + scan) + tail, steps * (front + scan)
    return front + (steps - 1) * max(front, scan) + scan + tail, steps * max(front, scan)


def expected_events(timing, n_products):
    steps = timing.n_row_tiles * timing.n_planes * n_products
    on = steps * (timing.drive_cycles + timing.settle_cycles + timing.sample_cycles)
    columns = steps * timing.n_columns
    return {
        "products": n_products,
        "row_drives": steps * timing.n_rows,
        "array_cycles": on,
        "row_cycles": on * timing.n_rows,
        "column_cycles": on * timing.n_columns,
        "samples": columns,
        "conversions": columns,
        "adc_cycles": columns * timing.convert_cycles,
        "shift_adds": columns,
        "accumulations": columns // timing.n_planes,
    }


@pytest.mark.promise("crossbar.ledger")
def test_every_clock_is_as_written_out():
    assert trace_tile(TileTiming(4, 3, n_planes=2, n_adcs=2)).text() == WRITTEN_OUT


def test_values_wait_for_busy_converters_with_rows_off():
    trace = trace_tile(TileTiming(4, 5, n_planes=2))  # scans of 5 clocks behind a front end of 3
    held = [clock for clock, activity in enumerate(trace.activities) if activity.held is not None]
    assert held == [6, 7]
    assert trace.events()["array_cycles"] == 6


@pytest.mark.promise("crossbar.ledger")
@pytest.mark.parametrize("seed", range(60))
def test_trace_equals_the_closed_formulas(seed):
    timing = random_timing(seed)
    latency, interval = formula(timing)
    trace = trace_tile(timing, 4)
    assert (trace.latency_cycles, trace.interval_cycles) == (latency, interval)
    assert np.diff(trace.done).tolist() == [interval] * 3
    events = trace.events()
    assert events.pop("cycles") == 3 * interval + latency
    assert events == expected_events(timing, 4)
    assert trace_tile(timing).interval_cycles == latency


@pytest.mark.promise("crossbar.ledger")
def test_formula_rejects_a_pipeline_that_samples_one_clock_early(monkeypatch):
    class Hasty(TilePipeline):
        @property
        def holds(self):
            return super().rows_on and self.phase == 3 and self.count == self.timing.sample_cycles - 2

    timing = TileTiming(4, 3, n_planes=2, n_adcs=2, sample_cycles=3)
    assert trace_tile(timing).latency_cycles == formula(timing)[0]
    monkeypatch.setattr(tile_trace, "TilePipeline", Hasty)
    assert trace_tile(timing).latency_cycles != formula(timing)[0]


@pytest.mark.promise("crossbar.ledger")
@pytest.mark.parametrize("seed", range(0, 60, 5))
def test_utilisation_is_work_over_capacity(seed):
    timing = random_timing(seed)
    shares = trace_tile(timing, 6).utilisation()
    interval, steps = formula(timing)[1], timing.n_steps
    assert shares["front_end"] == pytest.approx(
        steps * (timing.drive_cycles + timing.settle_cycles + timing.sample_cycles) / interval
    )
    scan = timing.columns_per_adc * timing.convert_cycles
    assert shares["convert"] == pytest.approx(steps * scan / interval)
    work = steps * timing.n_columns * timing.convert_cycles
    assert shares["adc_columns"] == pytest.approx(work / (interval * timing.n_adcs))
    assert shares["accumulate"] == pytest.approx(timing.n_row_tiles * timing.columns_per_adc / interval)
    if timing.pipelined:
        assert max(shares["front_end"], shares["convert"]) == pytest.approx(1)  # one of the two sets the pace


def test_more_converters_shorten_the_interval_only_while_they_set_the_pace():
    timing = TileTiming(8, 16, n_planes=4, settle_cycles=4)  # front end of 6 clocks
    intervals = [trace_tile(replace(timing, n_adcs=n), 2).interval_cycles for n in (1, 2, 4, 8, 16)]
    assert intervals == [64, 32, 24, 24, 24]


def test_ledger_holds_the_events():
    trace = trace_tile(TileTiming(4, 3, n_planes=2, n_adcs=2))
    assert trace.ledger().as_dict() == {**trace.events(), "wall_seconds": 0.0}


def test_no_product_is_refused():
    with pytest.raises(InputError, match="^Products of a trace must be at least 1, not 0$"):
        trace_tile(TileTiming(1, 1), 0)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"n_rows": 0}, "n_rows must be an integer of at least 1, not 0"),
        ({"n_planes": 2.0}, "n_planes must be an integer of at least 1, not 2.0"),
        ({"settle_cycles": True}, "settle_cycles must be an integer of at least 1, not True"),
        ({"n_adcs": 4}, "n_adcs must be at most the 3 columns, not 4"),
        ({"clock_hz": float("nan")}, "clock_hz must be a positive number, not nan"),
        ({"clock_hz": 0.0}, "clock_hz must be a positive number, not 0.0"),
    ],
)
def test_bad_timing_is_refused(changes, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        TileTiming(**{"n_rows": 2, "n_columns": 3, **changes})
