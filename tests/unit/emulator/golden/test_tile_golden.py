"""The golden tile controller and the emulated array against the integer product and against counts by hand."""

import re
from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.golden.tile.array import IdealArray, NoisyArray, SampledArray, settled_product
from spinchip.emulator.golden.tile.controller import TileController
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.tile.array import TileArray
from spinchip.emulator.spec.tile.controller import TileControllerSpec, TileInputs
from spinchip.emulator.spec.tile.timing import TileTiming
from spinchip.sim.cosim.tile_cosim import tile_stimulus

SPEC = TileControllerSpec(TileTiming(6, 7, 2, 4, 3, 2, 3, 2, 2, 2), adc_bits=8)


def play(golden, array, stimulus):
    """Play pins on a golden controller and its array; return the result register by cycle."""
    results = []
    for inputs in stimulus:
        pipeline = golden.pipeline
        strobes = (pipeline.holds, pipeline.transfers, pipeline.scanned is not None)
        rows = np.array(golden.rows, dtype=np.uint8)
        results.append(golden.result)
        golden.tick(inputs, array.observe(rows, pipeline.step.tile, strobes, pipeline.group))
    return np.array(results)


def drawn(spec, seed, n_products=3):
    rng, timing = np.random.default_rng([10, seed]), spec.timing
    weights = rng.integers(-20, 21, (timing.n_row_tiles, timing.n_rows, timing.n_columns))
    shape = (n_products, timing.n_row_tiles, timing.n_rows)
    return weights, rng.integers(*spec.input_range, shape, endpoint=True)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("pipelined", [True, False])
def test_product_is_exact(signed, pipelined):
    spec = replace(SPEC, signed_inputs=signed, timing=replace(SPEC.timing, pipelined=pipelined))
    weights, words = drawn(spec, signed)
    stimulus, reads = tile_stimulus(spec, words)
    golden = TileController(spec)
    results = play(golden, SampledArray(spec, IdealArray(weights)), stimulus)
    assert results[reads].tolist() == np.einsum("ptr,trc->pc", words, weights).tolist()
    assert golden.refused == golden.saturations == 0


def test_unsigned_controller_misreads_signed_words():
    """The negative control of the sign: the same bits mean something else."""
    weights, words = drawn(SPEC, 3)
    unsigned = replace(SPEC, signed_inputs=False)
    stimulus, _ = tile_stimulus(SPEC, words)
    _, reads = tile_stimulus(unsigned, words & 15)
    results = play(TileController(unsigned), SampledArray(unsigned, IdealArray(weights)), stimulus)
    assert results[reads].tolist() == np.einsum("ptr,trc->pc", words & 15, weights).tolist()
    assert results[reads].tolist() != np.einsum("ptr,trc->pc", words, weights).tolist()


def test_extreme_words_and_codes_fit_the_derived_widths():
    """Codes at either end of their range reach both bounds of the total, and one bit less does not hold them."""
    timing = TileTiming(1, 1, n_row_tiles=3, n_planes=4)
    spec = TileControllerSpec(timing, adc_bits=5)
    # The top plane subtracts: its code at one end and the others' at the other make the sum extreme.
    extremes = [3 * (8 * 16 + 7 * 15), 3 * (-8 * 15 - 7 * 16)]
    assert (spec.partial_bits, spec.exact_bits) == (9, 11)
    for extreme, others in zip(extremes, (15, -16), strict=True):
        for bits, saturated in ((11, 0), (10, 1)):
            golden = TileController(replace(spec, accumulator_bits=bits))
            codes = {3: -1 - others}
            golden.tick(TileInputs(start=1), [0])
            while golden.pipeline.busy:
                scanned = golden.pipeline.scanned
                golden.tick(None, [codes.get(scanned.plane, others) if scanned else 0])
            assert golden.totals == [extreme if bits == 11 else int(np.clip(extreme, -512, 511))]
            assert golden.saturations == saturated
            assert golden.rails == 12


def test_counters_by_hand():
    golden = TileController(SPEC)
    array = SampledArray(SPEC, IdealArray(np.zeros((2, 6, 7), int)))
    stimulus = [
        TileInputs(start=1),
        TileInputs(start=1),  # refused
        TileInputs(write=1),  # refused: the bank that runs
        TileInputs(write=1, write_bank=1, write_row=6),  # refused: no such row
        TileInputs(write=1, write_bank=1, write_row=5, write_data=9),
        TileInputs(start=1, write=1),  # refused twice
    ]
    play(golden, array, stimulus)
    assert golden.refused == 5
    assert golden.words[1][0] == [0, 0, 0, 0, 0, 9]
    assert golden.cycles == 5
    play(golden, array, [TileInputs(clear=1), TileInputs()])
    assert (golden.refused, golden.cycles) == (0, 1)


def test_read_port_shows_zero_where_there_is_no_column():
    golden = TileController(SPEC)
    golden.totals = list(range(1, 8))
    shown = play(golden, SampledArray(SPEC, IdealArray(np.zeros((2, 6, 7), int))), _all_reads())
    assert shown[1:].tolist() == [1, 4, 7, 0, 2, 5, 0, 0, 3, 6, 0, 0, 0, 0, 0, 0]


def _all_reads():
    return [TileInputs(read_group=group, read_adc=adc) for adc in range(4) for group in range(4)] + [TileInputs()]


def test_rows_are_on_for_the_front_end_of_every_set_bit():
    weights, words = drawn(SPEC, 5, n_products=1)
    golden = TileController(SPEC)
    stimulus, _ = tile_stimulus(SPEC, words)
    play(golden, SampledArray(SPEC, IdealArray(weights)), stimulus)
    set_bits = sum((words[0] >> plane) & 1 for plane in range(4))
    assert golden.on_cycles.tolist() == (7 * set_bits).tolist()  # drive 2, settle 3, sample 2


@pytest.mark.parametrize("stage", ["drive_cycles", "settle_cycles", "sample_cycles", "convert_cycles"])
def test_slower_array_spoils_the_product(stage):
    weights, words = drawn(SPEC, 6)
    slower = replace(SPEC, timing=replace(SPEC.timing, **{stage: getattr(SPEC.timing, stage) + 1}))
    stimulus, reads = tile_stimulus(SPEC, words)
    for spec, right in ((SPEC, True), (slower, False)):
        results = play(TileController(SPEC), SampledArray(spec, IdealArray(weights)), stimulus)
        assert (results[reads].tolist() == np.einsum("ptr,trc->pc", words, weights).tolist()) == right


def test_noise_has_its_sigma():
    """4000 reads of 7 columns: a sigma wrong by 5 % lies 11 standard errors of s, sigma / sqrt(2 n), away."""
    array = NoisyArray(np.ones((1, 6, 7), int), sigma=1.5, seed=3)
    noise = np.array([array.columns(0, np.ones(6, np.uint8)) - 6 for _ in range(4000)])
    error = 1.5 / np.sqrt(2 * noise.size)
    assert abs(noise.std() - 1.5) < 4 * error
    assert abs(1.05 * noise.std() - 1.5) > 4 * error
    assert abs(noise.mean()) < 4 * 1.5 / np.sqrt(noise.size)


def test_settled_product_clips_each_plane():
    spec = TileControllerSpec(TileTiming(4, 1, n_planes=3), adc_bits=3, signed_inputs=False)
    array = IdealArray(np.full((1, 4, 1), 2))
    assert settled_product(spec, array, [[1, 1, 1, 5]]).tolist() == [3 + 4 * 2]  # 8 and 2, the first clipped at 3
    assert isinstance(array, TileArray)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"adc_bits": 0}, "adc_bits must be 1..32, not 0"),
        ({"accumulator_bits": 14}, "accumulator_bits must be 1..13, not 14"),
        ({"timing": TileTiming(1, 1, n_planes=33)}, "input_bits must be 1..32, not 33"),
    ],
)
def test_bad_controllers_are_refused(changes, text):
    assert SPEC.exact_bits == 13
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        replace(SPEC, **{"accumulator_bits": 0, **changes})


@pytest.mark.parametrize("weights", [np.ones((2, 2)), np.ones((1, 2, 2)), np.ones((2, 2), int)])
def test_bad_weights_are_refused(weights):
    rule = "Weights of a tile must be integers of shape (tiles, rows, columns)"
    text = f"{rule}, not {weights.dtype} of shape {weights.shape}"
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        IdealArray(weights)


def test_design_id_tells_designs_apart():
    others = [replace(SPEC, signed_inputs=False), replace(SPEC, timing=replace(SPEC.timing, pipelined=False))]
    assert len({spec.design_id for spec in [SPEC, *others]}) == 3
