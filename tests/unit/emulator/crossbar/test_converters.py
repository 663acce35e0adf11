"""DAC and ADC: every level and code at its place, clipping counted, effective bits by their law."""

import numpy as np
import pytest

from spinchip.emulator.crossbar.adc import Adc
from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.crossbar.encoding import Encoding
from spinchip.emulator.crossbar.tile_spec import TileSpec

GRID = np.arange(-300, 301) / 20.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("dac", "lowest", "top"),
    [
        (Dac(4, bound=7.0), -7, 7),
        (Dac(4, "pwm", 7.0), -7, 7),
        (Dac(4, "bit_serial", 7.0), -8, 7),
        (Dac(4, "bit_serial", 7.0, "sign_magnitude"), -7, 7),
    ],
)
def test_levels_of_a_bound(dac, lowest, top, dtype):
    """A unit of 1: levels are the inputs rounded half to even, and clipped."""
    levels, unit, n_clipped = dac.levels(GRID[None], dtype)
    rounded = np.rint(GRID)
    assert levels.dtype == dtype
    assert np.array_equal(levels[0], np.clip(rounded, lowest, top))
    assert unit[0] == 1.0
    assert n_clipped == np.count_nonzero((rounded < lowest) | (rounded > top))


def test_levels_scale_with_each_vector():
    inputs = np.array([[0.5, -2.0, 1.0], [0.0, 0.0, 0.0], [3e-9, 1e-9, -1.5e-9]])
    levels, unit, n_clipped = Dac(8).levels(inputs)
    assert levels.tolist() == [[32, -127, 64], [0, 0, 0], [127, 42, -64]]
    assert np.allclose(unit * 127, [2.0, 1.0, 3e-9], rtol=1e-15)
    assert n_clipped == 0


def test_exact_inputs_are_clipped_at_a_bound():
    levels, unit, n_clipped = Dac(bound=2.0).levels(np.array([[1.0, -3.0, 2.0]]))
    assert (levels * unit).tolist() == [[1.0, -2.0, 2.0]]
    assert n_clipped == 1


def test_one_bit_is_the_sign():
    levels, unit, n_clipped = Dac(1).levels(np.array([[1.0, -1.0, 0.5, 0.0]]))
    assert levels.tolist() == [[1, -1, 1, 1]]
    assert unit[0] == 1.0
    assert n_clipped == 0
    assert Dac(1, bound=0.25).levels(np.array([[0.25, -1.0]]))[2] == 1


@pytest.mark.promise("crossbar.tile")
@pytest.mark.parametrize("code", ["twos_complement", "sign_magnitude"])
@pytest.mark.parametrize("bits", [2, 5, 16])
def test_planes_add_up_to_the_levels(code, bits):
    dac = Dac(bits, "bit_serial", float(2 ** (bits - 1) - 1), code)
    inputs = np.unique(np.linspace(dac.lowest, dac.top, 1001).round())[None]
    levels = dac.levels(inputs)[0]
    total = np.zeros_like(levels)
    for weight, plane in zip(dac.plane_weights, dac.planes(levels), strict=True):
        assert np.isin(plane, (0, 1) if code == "twos_complement" else (-1, 0, 1)).all()
        total += weight * plane
    assert np.array_equal(total, inputs)
    assert len(dac.plane_weights) == bits - (code == "sign_magnitude")


def wire(adc, dac=None, encoding=None):
    """Return a crossbar that is one device: its output is what the ADC makes of its input."""
    spec = TileSpec(dac=dac or Dac(8, bound=127.0), adc=adc, encoding=encoding or Encoding(bits=1, bound=1.0))
    return Crossbar([[1.0]], spec, calibration_inputs=np.arange(-50.0, 51.0)[:, None])


LEVELS = np.arange(-127.0, 128.0)


@pytest.mark.promise("crossbar.tile")
def test_code_is_the_rounded_and_clipped_level():
    crossbar = wire(Adc(4, "step"))
    assert np.array_equal(crossbar.multiply(LEVELS[:, None])[:, 0], np.clip(LEVELS, -8, 7))
    assert crossbar.ledger.events["clipped_codes"] == np.count_nonzero((LEVELS < -8) | (LEVELS > 7))


@pytest.mark.parametrize(
    ("adc", "full"),
    [
        (Adc(6, "max"), 127.0),  # one row, full weight
        (Adc(6, "calibrated"), 50.0),  # the largest of the calibration run
        (Adc(6, "quantile", 0.5), 25.0),  # the middle of |-50 ... 50|
    ],
)
def test_full_scale_is_the_largest_code(adc, full):
    crossbar = wire(adc)
    step = full / 31
    wanted = np.rint(LEVELS * (1 / step))
    codes = np.clip(wanted, -32, 31)
    assert np.allclose(crossbar.multiply(LEVELS[:, None])[:, 0], step * codes, rtol=1e-14, atol=0)
    assert crossbar.ledger.events["clipped_codes"] == np.count_nonzero(codes != wanted)


def test_max_range_of_an_offset_holds_its_largest_current():
    """All rows and all weights at their top: the column carries twice the weight, and nothing clips."""
    for kind in ("offset_column", "offset_digital", "pair", "two_sided_pair"):
        spec = TileSpec(dac=Dac(4), adc=Adc(16, "max"), encoding=Encoding(kind))
        crossbar = Crossbar(np.ones((8, 2)), spec)
        found = crossbar.multiply(np.ones(8))
        assert np.abs(found - 8).max() < 8 * 2.0**-14
        assert crossbar.ledger.events["clipped_codes"] == 0


@pytest.mark.promise("crossbar.tile")
def test_effective_bits_have_their_noise():
    """Errors of 8 bits that are worth 6: variance step^2 / 12 x 4^2. 6.1 bits have 13 % less.

    The relative error of a variance of n normal numbers is sqrt(2 / n); eight of them in 13 % take n = 7574.
    """
    n = 8000
    inputs = np.random.default_rng(3).uniform(-100, 100, n)
    crossbar = wire(Adc(8, "max", enob=6), Dac(bound=127.0), Encoding())
    errors = crossbar.multiply(inputs[:, None], seed=5)[:, 0] - inputs
    step = 127.0 / 127
    z, z_wrong = ((np.mean(errors**2) / (step**2 / 12 * 4.0 ** (8 - enob)) - 1) / np.sqrt(2 / n) for enob in (6.0, 6.1))
    assert abs(z) < 4, f"{z=:.2f}"
    assert abs(z_wrong) > 4, f"{z_wrong=:.2f}"
