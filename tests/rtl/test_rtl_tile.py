"""The tile controller in Amaranth's own simulator: golden's pins in every cycle, the integer product, and mutants."""

from dataclasses import replace

import numpy as np
import pytest
from amaranth.hdl import Const

from spinchip.emulator.golden.tile.array import IdealArray, SampledArray, settled_product
from spinchip.emulator.golden.tile.controller import TileController as GoldenTile
from spinchip.emulator.golden.tile.trace import trace_tile
from spinchip.emulator.spec.tile.controller import TileControllerSpec, TileInputs
from spinchip.emulator.spec.tile.timing import TileTiming
from spinchip.rtl.tile import controller as tile_controller
from spinchip.rtl.tile import lane as tile_lane
from spinchip.rtl.tile import scanner as tile_scanner
from spinchip.rtl.tile import sequencer as tile_sequencer
from spinchip.rtl.tile.controller import TileController

# Shared converters with a short last group; not pipelined; one converter a column, unsigned; two planes only.
SPECS = {
    "shared": TileControllerSpec(TileTiming(6, 7, 2, 4, 3, 2, 3, 2, 2, 2), adc_bits=7),
    "waiting": TileControllerSpec(TileTiming(4, 5, 3, 3, 2, 1, 2, 1, 1, 1, pipelined=False), adc_bits=6),
    "parallel": TileControllerSpec(TileTiming(5, 3, 1, 5, 3, 1, 1, 1, 4, 3), adc_bits=6, signed_inputs=False),
    "narrow": TileControllerSpec(TileTiming(4, 4, 2, 2, 1, 1, 4, 1, 1, 1), adc_bits=5, accumulator_bits=5),
}


def drawn(spec, seed):
    """Return an ideal array and words whose products are exact: weights in -5..5, words over their whole range."""
    rng = np.random.default_rng(seed)
    timing = spec.timing
    top = min(5, spec.code_range[1] // timing.n_rows)
    weights = rng.integers(-top, top + 1, (timing.n_row_tiles, timing.n_rows, timing.n_columns))
    words = rng.integers(*spec.input_range, (timing.n_row_tiles, timing.n_rows), endpoint=True)
    words.flat[:2] = spec.input_range
    return IdealArray(weights), words


def traffic(spec, words, bank=0):
    """Return the pins of one product: load, start, wait for as long as the trace says, read every column."""
    mask = (1 << spec.input_bits) - 1
    rows = [
        TileInputs(write=1, write_bank=bank, write_tile=tile, write_row=row, write_data=int(word) & mask)
        for tile, inputs in enumerate(words)
        for row, word in enumerate(inputs)
    ]
    rows.append(TileInputs(start=1, start_bank=bank))
    rows += [TileInputs()] * trace_tile(spec.timing).latency_cycles
    for column in range(spec.timing.n_columns):
        group, adc = spec.timing.place_of_column(column)
        rows.append(TileInputs(read_group=group, read_adc=adc))
    return [*rows, TileInputs()]


def golden_pins(golden):
    """Return what the pins show in golden's present cycle; dict."""
    pipeline = golden.pipeline
    return {
        "ready": pipeline.ready,
        "busy": pipeline.busy,
        "done": pipeline.done is not None,
        "hold": pipeline.holds,
        "transfer": pipeline.transfers,
        "converting": pipeline.scanned is not None,
        "select": pipeline.group,
        "tile": pipeline.step.tile,
        "row_drive": sum(bit << row for row, bit in enumerate(golden.rows)),
        **{name: getattr(golden, name) for name in ("result", "cycles", "saturations", "rails", "refused")},
    }


def run(simulate, spec, array, rows):
    """Run a controller on its pins; return its results by cycle, and the names of pins that ever left golden."""
    dut, golden = TileController(spec), GoldenTile(spec)
    results, wrong = [], set()

    async def bench(context):
        for inputs in rows:
            for name, value in inputs._asdict().items():
                context.set(getattr(dut, name), value)
            strobes = tuple(bool(context.get(pin)) for pin in (dut.hold, dut.transfer, dut.converting))
            driven = context.get(dut.row_drive)
            bits = np.array([driven >> row & 1 for row in range(spec.timing.n_rows)], dtype=np.uint8)
            codes = array.observe(bits, context.get(dut.tile), strobes, context.get(dut.select))
            for adc, code in enumerate(codes):
                context.set(getattr(dut, f"code_{adc}"), code)
            wrong.update(
                name for name, value in golden_pins(golden).items() if context.get(getattr(dut, name)) != value
            )
            results.append(context.get(dut.result))
            golden.tick(inputs, codes)
            await context.tick()

    simulate(dut, bench)
    return results, wrong


def product(simulate, spec, seed=0):
    """Return the columns that a controller computes, the exact ones, and the pins that left golden."""
    array, words = drawn(spec, seed)
    results, wrong = run(simulate, spec, SampledArray(spec, array), traffic(spec, words))
    exact = np.einsum("tr,trc->c", words, array.weights)
    assert settled_product(spec, array, words).tolist() == exact.tolist()
    return results[-spec.timing.n_columns :], exact.tolist(), wrong


@pytest.mark.promise("crossbar.controller")
@pytest.mark.parametrize("name", ["shared", "waiting", "parallel"])
@pytest.mark.parametrize("seed", range(3))
def test_product_is_exact_and_every_pin_is_golden(simulate, name, seed):
    found, exact, wrong = product(simulate, SPECS[name], seed)
    assert found == exact
    assert wrong == set()


def test_narrow_accumulator_saturates_and_counts(simulate):
    spec = SPECS["narrow"]
    array = IdealArray(np.full((2, 4, 4), 3))
    words = np.array([[1, 1, 1, 1], [1, 1, 0, 0]])  # 12 + 6 saturates at 15; the second product is its negative
    results, wrong = run(
        simulate, spec, SampledArray(spec, array), traffic(spec, words) + traffic(spec, -words, bank=1)
    )
    n = spec.timing.n_columns
    assert results[-n:] == [-16] * n
    assert results[len(results) // 2 - n : len(results) // 2] == [15] * n
    assert wrong == set()


def test_refused_writes_and_starts_are_counted(simulate):
    spec = SPECS["shared"]
    array, words = drawn(spec, 4)
    rows = traffic(spec, words)
    loads = words.size
    noise = [
        TileInputs(write=1, write_row=2, write_data=7),  # the bank that runs
        TileInputs(start=1),
        TileInputs(write=1, write_bank=1, write_row=7),  # no such row
        TileInputs(write=1, write_bank=1, write_row=1),  # allowed
    ]
    rows[loads + 1 : loads + 5] = noise
    results, wrong = run(simulate, spec, SampledArray(spec, array), rows)
    assert results[-7:] == np.einsum("tr,trc->c", words, array.weights).tolist()
    assert wrong == set()  # so the counters are golden's, which test_tile_controller counts by hand


@pytest.mark.promise("crossbar.controller")
def test_products_follow_each_other_at_the_traced_interval(simulate):
    spec = SPECS["shared"]
    array, first = drawn(spec, 5)
    second = -1 - first
    trace = trace_tile(spec.timing, 2)
    load = traffic(spec, first, bank=0)[: first.size] + traffic(spec, second, bank=1)[: first.size]
    reads = traffic(spec, first)[-8:-1]
    rest = trace.interval_cycles - 1
    rows = [*load, TileInputs(start=1), *[TileInputs()] * rest, TileInputs(start=1, start_bank=1)]
    until_done = trace.latency_cycles - trace.interval_cycles
    rows += [*[TileInputs()] * until_done, *reads, *[TileInputs()] * (trace.interval_cycles - 7), *reads, TileInputs()]
    results, wrong = run(simulate, spec, SampledArray(spec, array), rows)
    assert wrong == set()
    at = len(load) + 1 + trace.latency_cycles + 1
    assert results[at : at + 7] == np.einsum("tr,trc->c", first, array.weights).tolist()
    assert results[-7:] == np.einsum("tr,trc->c", second, array.weights).tolist()


class PlusTopPlane(tile_lane.TileLane):
    """Adds the top plane, as if inputs had no sign."""

    def _subtracts(self, adding):
        return Const(0)


class KeptPartial(tile_lane.TileLane):
    """Goes on with the partial sum of the tile before."""

    def _clears(self, adding):
        return Const(0)


class KeptTotal(tile_lane.TileLane):
    """Goes on with the total of the product before."""

    def _begins(self, accumulating):
        return Const(0)


class HastySequencer(tile_sequencer.TileSequencer):
    """Leaves out one settling clock."""

    @property
    def stages(self):
        drive, (phase, length, after), sample = super().stages
        return drive, (phase, length - 1, after), sample


class SwappedChannels(TileController):
    """Reads the first two ADCs the wrong way round."""

    def _code(self, adc):
        return super()._code(adc ^ 1 if adc < 2 else adc)


class HastyScanner(tile_scanner.TileScanner):
    """Takes codes one clock before the conversion has ended."""

    def __init__(self, spec):
        super().__init__(replace(spec, timing=replace(spec.timing, convert_cycles=spec.timing.convert_cycles - 1)))


MUTANTS = {
    PlusTopPlane: "TileLane",
    KeptPartial: "TileLane",
    KeptTotal: "TileLane",
    HastySequencer: "TileSequencer",
    HastyScanner: "TileScanner",
    SwappedChannels: None,
}


@pytest.mark.promise("crossbar.controller")
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_mutant_gets_the_product_wrong(simulate, monkeypatch, mutant):
    spec = SPECS["shared"]
    array, words = drawn(spec, 6)
    if MUTANTS[mutant]:
        monkeypatch.setattr(tile_controller, MUTANTS[mutant], mutant)
    else:
        monkeypatch.setitem(globals(), "TileController", mutant)
    rows = traffic(spec, words) + traffic(spec, words, bank=1)
    results, wrong = run(simulate, spec, SampledArray(spec, array), rows)
    assert results[-7:] != np.einsum("tr,trc->c", words, array.weights).tolist()
    assert wrong
