"""What a crossbar refuses, in one line that names the rule and the value."""

import re
from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.crossbar.adc import Adc
from spinchip.emulator.crossbar.backends import matvec
from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.crossbar.encoding import Encoding
from spinchip.emulator.crossbar.heat import heat_J
from spinchip.emulator.crossbar.tile_spec import TileSpec
from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.spec.errors import InputError

PCM = TileSpec(device("pcm_ibm"))
ONES = np.ones((3, 2))
BAD_SPECS = [
    (lambda: Dac(0), "DAC bits must be 1..16 or None, not 0"),
    (lambda: Dac(17), "DAC bits must be 1..16 or None, not 17"),
    (lambda: Dac(4, "serial"), "DAC must be one of amplitude, pwm, bit_serial, not 'serial'"),
    (lambda: Dac(1, "bit_serial"), "Bit-serial inputs must have 2..16 bits, not 1"),
    (lambda: Dac(None, "bit_serial"), "Bit-serial inputs must have 2..16 bits, not None"),
    (lambda: Dac(4, bound=0.0), "DAC bound must be above 0 and finite, not 0.0"),
    (lambda: Dac(4, code="gray"), "Code of the DAC must be one of twos_complement, sign_magnitude, not 'gray'"),
    (lambda: Adc(1), "ADC bits must be 2..24 or None, not 1"),
    (lambda: Adc(8, "auto"), "ADC range must be one of max, calibrated, quantile, step, not 'auto'"),
    (lambda: Adc(8, quantile=0.2), "ADC quantile must be 0.5..1, not 0.2"),
    (lambda: Adc(8, enob=9), "Effective bits must be 1 to the ADC's bits, not 9"),
    (lambda: Adc(enob=4), "Effective bits must be 1 to the ADC's bits, not 4"),
    (lambda: Adc(8, columns_per_adc=0), "Columns per ADC must be 1 or more, not 0"),
    (
        lambda: Encoding("single"),
        "Encoding must be one of pair, two_sided_pair, offset_column, offset_digital, not 'single'",
    ),
    (lambda: Encoding(n_pairs=0), "Pairs and slices must be 1 or more, not 0 and 1"),
    (lambda: Encoding(slices=2), "Slices must divide the weight bits evenly, not 2 of None bits"),
    (lambda: Encoding(slices=3, bits=8), "Slices must divide the weight bits evenly, not 3 of 8 bits"),
    (lambda: Encoding(bits=17), "Weight bits must be 1..16 or None, not 17"),
    (lambda: Encoding(bound=-1.0), "Bound of the weights must be above 0 and finite, not -1.0"),
    (lambda: TileSpec(n_rows=0), "Tiles must have 1 row and column or more, not 0 x 256"),
    (lambda: TileSpec(read_voltage_V=0.0), "Read voltage must be above 0 V and finite, not 0.0 V"),
    (lambda: TileSpec(read_noise="white"), "Read noise must be one of none, lumped, per_device, not 'white'"),
    (lambda: TileSpec(compensation="row"), "Compensation must be one of none, global, tile, column, not 'row'"),
    (lambda: TileSpec(scaling="row"), "Scaling must be one of matrix, tile, column, not 'row'"),
    (
        lambda: TileSpec(remap=True, encoding=Encoding("offset_column")),
        "Remapping must have pairs of devices, not an encoding of kind 'offset_column'",
    ),
    (lambda: TileSpec(adc=Adc(8, "step")), "ADC range 'step' must have weights and inputs in bits, not analog ones"),
    (lambda: matvec("analog", ONES), "Matrix backend must be one of ideal, crossbar, not 'analog'"),
    (lambda: matvec("ideal", ONES, PCM), "Backend 'ideal' must have no tiles, not a TileSpec; choose 'crossbar'"),
    (lambda: Crossbar(ONES, PCM, seed=-1), "Seed must be a whole number of at least 0, not -1"),
    (lambda: Crossbar(ONES, PCM).multiply(np.ones(3), seed=0.5), "Seed must be a whole number of at least 0, not 0.5"),
    (
        lambda: Crossbar(ONES, replace(PCM, encoding=Encoding(bound=0.5))),
        "Weights must be within +-0.5, their bound, not 1",
    ),
    (lambda: heat_J(Crossbar(ONES, PCM), np.ones(3), 0.0), "Time of a read must be above 0 s and finite, not 0.0 s"),
]


@pytest.mark.parametrize(("make", "text"), BAD_SPECS, ids=[text for _, text in BAD_SPECS])
def test_rule_is_named(make, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        make()


BEYOND = [
    (lambda: Crossbar(ONES, PCM).at(19.0), "Time of pcm_ibm must be within 20 to 3.2e+07 s, not 19 s"),
    (lambda: Crossbar(ONES, PCM).at(1.0), "Time of pcm_ibm must be within 20 to 3.2e+07 s, not 1 s"),
    (lambda: Crossbar(ONES, PCM).at(1e9), "Time of pcm_ibm must be within 20 to 3.2e+07 s, not 1e+09 s"),
    (lambda: Crossbar(ONES, PCM).at(60.0, 500.0), "Temperature of pcm_ibm must be within 180 to 400 K, not 500 K"),
    (
        lambda: Crossbar(ONES, replace(PCM, temperature_K=100.0)),
        "Temperature of pcm_ibm must be within 180 to 400 K, not 100 K",
    ),
    (
        lambda: Crossbar(ONES, replace(PCM, read_voltage_V=0.32)),
        "Voltage of pcm_ibm must be within -0.3 to 0.3 V, not 0.32 V",
    ),
]


@pytest.mark.promise("crossbar.bad-input")
@pytest.mark.parametrize(("make", "text"), BEYOND, ids=[text for _, text in BEYOND])
def test_range_of_the_card_is_named(make, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        make()


@pytest.mark.promise("crossbar.bad-input")
@pytest.mark.parametrize("name", ["ideal", "crossbar"])
@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ([[1.0, np.nan]], "Weights must be finite, not nan at (0, 1)"),
        ([[1.0], [np.inf]], "Weights must be finite, not inf at (1, 0)"),
        ([[1.0j]], "Weights must be real numbers, not of type complex128"),
        (np.zeros((0, 3)), "Weights must not be empty, but have shape (0, 3)"),
        ([1.0, 2.0], "Weights must have 2 dimensions, not shape (2,)"),
        ([["a"]], "Weights must be real numbers, not of type <U1"),
    ],
)
def test_bad_weights_are_refused_by_every_backend(name, weights, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        matvec(name, weights)


@pytest.mark.parametrize("name", ["ideal", "crossbar"])
@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ([1.0, 2.0], "Inputs must be 3 wide, not of shape (2,)"),
        ([1.0, np.nan, 0.0], "Inputs must be finite, not nan at (1,)"),
        (np.zeros((0, 3)), "Inputs must not be empty, but have shape (0, 3)"),
        (1.0, "Inputs must have 1 or 2 dimensions, not shape ()"),
    ],
)
def test_bad_inputs_are_refused_by_every_backend(name, inputs, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        matvec(name, ONES).multiply(inputs)
