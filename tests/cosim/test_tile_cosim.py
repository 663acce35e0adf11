"""The tile controller under Icarus with the analog array in the bench: product, cycles, lockstep, mutants."""

import re
from dataclasses import replace

import numpy as np
import pytest
from amaranth.hdl import Const

from spinchip.emulator.golden.tile.array import IdealArray, NoisyArray, SampledArray, settled_product
from spinchip.emulator.golden.tile.trace import trace_tile
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.tile.controller import TileControllerSpec
from spinchip.emulator.spec.tile.timing import TileTiming
from spinchip.rtl.tile.controller import TileController
from spinchip.rtl.tile.lane import TileLane
from spinchip.rtl.tile.sequencer import TileSequencer
from spinchip.sim.cosim.tile_cosim import run_tile

pytestmark = pytest.mark.icarus

N_SPECS = 12


def random_spec(seed):
    """Draw a controller: sizes, tiles, ADC sharing, widths, stage lengths, pipelined or not."""
    rng = np.random.default_rng([7, seed])
    n_columns = int(rng.integers(1, 18))
    timing = TileTiming(
        n_rows=int(rng.integers(1, 21)),
        n_columns=n_columns,
        n_row_tiles=int(rng.integers(1, 4)),
        n_planes=int(rng.integers(1, 9)),
        n_adcs=int(rng.integers(1, n_columns + 1)),
        drive_cycles=int(rng.integers(1, 4)),
        settle_cycles=int(rng.integers(1, 6)),
        sample_cycles=int(rng.integers(1, 4)),
        convert_cycles=int(rng.integers(1, 5)),
        shift_add_cycles=int(rng.integers(1, 4)),
        pipelined=bool(seed % 3),
    )
    return TileControllerSpec(timing, adc_bits=int(rng.integers(6, 11)), signed_inputs=bool(seed % 4))


def random_product(spec, seed, n_products=2):
    """Draw weights whose column sums never leave the ADC's range, and words that reach both ends of theirs."""
    rng, timing = np.random.default_rng([8, seed]), spec.timing
    top = max(1, spec.code_range[1] // timing.n_rows)
    weights = rng.integers(-top, top + 1, (timing.n_row_tiles, timing.n_rows, timing.n_columns))
    words = rng.integers(*spec.input_range, (n_products, timing.n_row_tiles, timing.n_rows), endpoint=True)
    words[0].flat[0], words[-1].flat[-1] = spec.input_range
    words[-1, 0] = spec.input_range[0]
    return weights, words


@pytest.mark.promise("crossbar.controller")
@pytest.mark.parametrize("seed", range(N_SPECS))
def test_random_controllers_equal_the_integer_product(tmp_path, seed):
    spec = random_spec(seed)
    weights, words = random_product(spec, seed)
    run = run_tile(spec, IdealArray(weights), words, tmp_path)
    assert (run.mismatches, run.first) == (0, {})
    assert run.registers > 20
    assert run.products.tolist() == np.einsum("ptr,trc->pc", words, weights).tolist()
    trace = trace_tile(spec.timing)
    assert run.latencies == (trace.latency_cycles,) * 2
    assert run.counters["cycles"] == 2 * trace.events()["cycles"]
    assert run.counters["refused"] == run.counters["saturations"] == 0


FIXED = TileControllerSpec(TileTiming(12, 7, 2, 4, 3, 2, 3, 2, 2, 2), adc_bits=9)


def test_noise_reaches_the_product_and_lockstep_holds(tmp_path):
    weights, words = random_product(FIXED, 20)
    run = run_tile(FIXED, NoisyArray(weights, sigma=2.0, seed=5), words, tmp_path)
    assert run.mismatches == 0
    same = NoisyArray(weights, sigma=2.0, seed=5)
    assert run.products.tolist() == [settled_product(FIXED, same, product).tolist() for product in words]
    assert (run.products != np.einsum("ptr,trc->pc", words, weights)).any()


def test_clipping_converter_and_narrow_accumulator_are_counted(tmp_path):
    spec = replace(FIXED, adc_bits=4, accumulator_bits=6)
    array = IdealArray(np.full((2, 12, 7), 1))
    words = np.full((1, 2, 12), 7)
    run = run_tile(spec, array, words, tmp_path)
    # 12 driven rows clip at 7 in three of the four planes: 7 (4 + 2 + 1) = 49 a tile, and 31 is the most of 6 bits.
    assert run.products.tolist() == [[31] * 7]
    assert run.mismatches == 0
    assert (run.counters["rails"], run.counters["saturations"]) == (2 * 3 * 7, 2 * 7)


# Faults by the class, the attribute and what stands there instead, and the register that gives each away first.
MUTANTS = {
    "sign of the top plane": (TileLane, "_subtracts", lambda lane, adding: Const(0), "lane_0.partials[0]"),
    "partial sum kept": (TileLane, "_clears", lambda lane, adding: Const(0), "lane_0.partials[0]"),
    "total kept": (TileLane, "_begins", lambda lane, accumulating: Const(0), "lane_0.totals[0]"),
    "settle clock missing": (TileSequencer, "stages", None, "sequencer.phase"),
    "channels swapped": (
        TileController,
        "_code",
        lambda top, adc: getattr(top, f"code_{(1, 0, 2)[adc]}"),
        "lane_0.code_0",
    ),
}
HONEST_STAGES = TileSequencer.stages.fget


def hasty_stages(sequencer):
    """Return the stages of a sequencer without one settling clock."""
    drive, (phase, length, after), sample = HONEST_STAGES(sequencer)
    return drive, (phase, length - 1, after), sample


@pytest.mark.promise("crossbar.controller")
@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught_and_located(tmp_path, monkeypatch, name):
    owner, attribute, fault, register = MUTANTS[name]
    monkeypatch.setattr(owner, attribute, fault or property(hasty_stages))
    weights, words = random_product(FIXED, 21)
    run = run_tile(FIXED, IdealArray(weights), words, tmp_path)
    assert run.products.tolist() != np.einsum("ptr,trc->pc", words, weights).tolist()
    assert run.mismatches > 0
    assert next(iter(run.first)) == register


@pytest.mark.promise("crossbar.controller")
def test_array_slower_than_its_controller_is_seen(tmp_path):
    """Golden makes the same mistake as the RTL, so that only the product can tell."""
    timing = replace(FIXED.timing, settle_cycles=FIXED.timing.settle_cycles + 1)
    weights, words = random_product(FIXED, 22)
    run = run_tile(FIXED, SampledArray(replace(FIXED, timing=timing), IdealArray(weights)), words, tmp_path)
    assert run.mismatches == 0
    assert run.products.tolist() != np.einsum("ptr,trc->pc", words, weights).tolist()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (np.zeros((1, 2, 11), int), "Words must be integers of shape (products, 2, 12), not int64 of shape (1, 2, 11)"),
        (np.full((1, 2, 12), 8), "Words must be -8..7, not 8..8"),
    ],
)
def test_bad_words_are_refused(tmp_path, words, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        run_tile(FIXED, IdealArray(np.ones((2, 12, 7), int)), words, tmp_path)
