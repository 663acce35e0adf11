"""Integer weights and inputs with enough ADC bits: the integer product, to the last bit, also through a controller."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.crossbar.adc import Adc
from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.crossbar.encoding import KINDS, Encoding
from spinchip.emulator.crossbar.settled_columns import SettledColumns
from spinchip.emulator.crossbar.tile_spec import TileSpec
from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.golden.tile.array import settled_product
from spinchip.emulator.golden.tile.trace import trace_tile
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.tile.array import TileArray
from spinchip.emulator.spec.tile.controller import TileControllerSpec
from spinchip.emulator.spec.tile.timing import TileTiming

RNG = np.random.default_rng(9)
WEIGHTS = RNG.integers(-15, 16, (40, 12))
WEIGHTS[:4] = [[15], [-15], [0], [1]]
INPUTS = RNG.integers(-8, 8, (9, 40)).astype(float)
INPUTS[0], INPUTS[1], INPUTS[2] = -8, 7, 0

# 16 rows of at most 15 steps are 240 in magnitude for pairs, twice that for offsets: 9 bits and a sign, one to spare.
SERIAL = TileSpec(
    n_rows=16,
    n_columns=12,
    dac=Dac(4, "bit_serial", bound=7),
    adc=Adc(11, "step"),
    encoding=Encoding(bits=4, bound=15),
)


@pytest.mark.promise("crossbar.tile")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("slices", [1, 2, 4])
@pytest.mark.parametrize("n_pairs", [1, 2])
@pytest.mark.parametrize("single_precision", [False, True])
def test_bit_serial_product_is_the_integer_product(kind, slices, n_pairs, single_precision):
    encoding = Encoding(kind, n_pairs, slices, bits=4, bound=15)
    spec = replace(SERIAL, encoding=encoding, single_precision=single_precision)
    crossbar = Crossbar(WEIGHTS, spec)
    assert np.array_equal(crossbar.multiply(INPUTS), INPUTS @ WEIGHTS)
    assert crossbar.ledger.events["clipped_codes"] == 0
    assert crossbar.ledger.events["clipped_inputs"] == 0


@pytest.mark.parametrize("dac", [Dac(4, "bit_serial", 7, "sign_magnitude"), Dac(4, bound=7), Dac(4, "pwm", 7)])
def test_other_inputs_give_it_too(dac):
    spec = replace(SERIAL, dac=dac, adc=Adc(16, "step"))
    inputs = np.maximum(INPUTS, -7)
    assert np.array_equal(Crossbar(WEIGHTS, spec).multiply(inputs), inputs @ WEIGHTS)


def test_spins_are_exact_with_one_bit():
    spins = RNG.choice([-1.0, 1.0], (9, 40))
    for kind in ("amplitude", "pwm"):
        spec = replace(SERIAL, dac=Dac(1, kind))
        assert np.array_equal(Crossbar(WEIGHTS, spec).multiply(spins), spins @ WEIGHTS)


def test_one_bit_less_clips_and_counts():
    """All rows at full weight: 240 steps a plane, while 8 bits end at 127."""
    crossbar = Crossbar(np.full((16, 1), 15), replace(SERIAL, adc=Adc(8, "step")))
    found = crossbar.multiply(np.full(16, 7.0))
    assert found == 127 * 7
    assert crossbar.ledger.events["clipped_codes"] == 3
    assert crossbar.multiply(np.full(16, -8.0)) == -8 * 127
    assert crossbar.ledger.events["clipped_codes"] == 4


def test_wide_words_are_exact_in_single_precision_too():
    """Sums up to 8 x 2047 x 32767, far beyond the integers of float32; only the codes of one plane are within them."""
    weights, inputs = RNG.integers(-2047, 2048, (8, 3)), RNG.integers(-32768, 32768, (20, 8)).astype(float)
    spec = TileSpec(dac=Dac(16, "bit_serial", bound=32767), adc=Adc(16, "step"), encoding=Encoding(bits=11, bound=2047))
    for single_precision in (False, True):
        found = Crossbar(weights, replace(spec, single_precision=single_precision)).multiply(inputs)
        assert np.array_equal(found, inputs @ weights)
    assert np.abs(found).max() > 2**25


@pytest.mark.parametrize("scaling", ["matrix", "tile", "column"])
def test_full_scale_is_where_it_is_taken(scaling):
    """Four bits hold whole numbers to 15 times a unit: of the matrix, of a tile, of a column."""
    units = {"matrix": np.ones(12), "tile": 10.0 ** -(np.arange(12) // 4), "column": 10.0 ** -np.arange(12.0)}
    whole = WEIGHTS[:16].copy()
    whole[0] = 15
    for kind in units:
        spec = TileSpec(n_rows=16, n_columns=4, encoding=Encoding(bits=4), scaling=scaling)
        weights = whole * units[kind]
        exact = np.allclose(Crossbar(weights, spec).effective_weights(), weights, rtol=1e-12, atol=0)
        assert exact == (list(units).index(kind) <= list(units).index(scaling))


def test_noise_spoils_the_bits():
    noisy = replace(SERIAL, device=device("pcm_ibm").without("drift"))
    assert not np.array_equal(Crossbar(WEIGHTS, noisy).multiply(INPUTS), INPUTS @ WEIGHTS)


TIMING = TileTiming(n_rows=16, n_columns=12, n_row_tiles=3, n_planes=4, n_adcs=4)
CONTROLLER = TileControllerSpec(TIMING, adc_bits=11)


def words(vector):
    padded = np.zeros(48, dtype=np.int64)
    padded[:40] = vector
    return padded.reshape(3, 16)


@pytest.mark.promise("crossbar.controller")
def test_controller_computes_what_the_crossbar_does():
    array = SettledColumns(Crossbar(WEIGHTS, SERIAL))
    assert isinstance(array, TileArray)
    for vector in INPUTS:
        assert np.array_equal(settled_product(CONTROLLER, array, words(vector)), vector @ WEIGHTS)


def test_controller_sees_the_devices():
    """The same programmed cells without read noise: codes differ from the ideal ones, and equal the crossbar's own."""
    spec = replace(SERIAL, device=device("pcm_ibm"), read_noise="none")
    crossbar = Crossbar(WEIGHTS, spec, seed=4).at(3600.0)
    array = SettledColumns(crossbar)
    found = np.array([settled_product(CONTROLLER, array, words(vector)) for vector in INPUTS])
    assert np.array_equal(found, crossbar.multiply(INPUTS))
    assert not np.array_equal(found, INPUTS @ WEIGHTS)


def test_controller_works_with_another_step():
    """Full scale by the largest current possible: coarse codes, which times the step are the crossbar's result."""
    weights = np.resize(WEIGHTS, (48, 12))
    crossbar = Crossbar(weights, replace(SERIAL, adc=Adc(6, "max")))
    array, step = SettledColumns(crossbar), crossbar.adc_steps[0][0]
    assert step == 16 * 15 / 31
    coarse = TileControllerSpec(TIMING, adc_bits=6)
    for vector in RNG.integers(-8, 8, (5, 48)):
        codes = settled_product(coarse, array, vector.reshape(3, 16))
        assert np.allclose(codes * step, crossbar.multiply(vector.astype(float)), rtol=1e-12)


def test_controller_reads_noise_anew():
    array = SettledColumns(Crossbar(WEIGHTS, replace(SERIAL, device=device("pcm_ibm"))), seed=2)
    bits = np.ones(16, dtype=np.uint8)
    first, second = array.columns(0, bits), array.columns(0, bits)
    assert not np.array_equal(first, second)
    again = SettledColumns(Crossbar(WEIGHTS, replace(SERIAL, device=device("pcm_ibm"))), seed=2)
    assert np.array_equal(again.columns(0, bits), first)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (replace(SERIAL, n_columns=6), "must be one tile wide, of pairs without slices"),
        (replace(SERIAL, encoding=Encoding(bits=4, slices=2)), "must be one tile wide, of pairs without slices"),
        (
            replace(SERIAL, encoding=Encoding("offset_digital", bits=4)),
            "must be one tile wide, of pairs without slices",
        ),
        (replace(SERIAL, adc=Adc()), r"must have one step, not \[0.0\]"),
        (replace(SERIAL, adc=Adc(8, "calibrated")), "must have one step, not"),
    ],
)
def test_controller_refuses_other_crossbars(spec, text):
    with pytest.raises(InputError, match=text):
        SettledColumns(Crossbar(WEIGHTS, spec))


@pytest.mark.promise("crossbar.ledger")
def test_events_are_those_of_the_cycle_exact_trace():
    """A matrix that fills three tiles: what a product counts is what the trace of the same tile counts."""
    weights = np.resize(WEIGHTS, (48, 12))
    crossbar = Crossbar(weights, SERIAL)
    crossbar.multiply(np.zeros((5, 48)))
    traced = trace_tile(TIMING, n_products=5).events()
    for event in ("products", "row_drives", "samples", "conversions", "shift_adds", "accumulations"):
        assert crossbar.ledger.events[event] == traced[event], event


def test_events_by_hand():
    """Two by two tiles of at most 16 x 10; 40 + offset columns 20 + 4; two digits; 4 planes; 3 vectors."""
    spec = replace(SERIAL, n_rows=20, n_columns=6, encoding=Encoding("offset_column", bits=4, slices=2, bound=15))
    crossbar = Crossbar(WEIGHTS, spec)
    crossbar.multiply(INPUTS[:3])
    events = crossbar.ledger.events
    reads = 4 * 2 * 4 * 3
    assert events["array_reads"] == reads
    assert events["row_drives"] == reads * 20
    assert events["samples"] == events["conversions"] == events["shift_adds"] == reads * 7
    assert events["accumulations"] == 4 * 6 * 3
    assert events["offset_adds"] == 4 * 6 * 3 * 2
    analog = Crossbar(WEIGHTS, replace(SERIAL, adc=Adc()))
    analog.multiply(INPUTS[:3])
    assert analog.ledger.events["conversions"] == 0
