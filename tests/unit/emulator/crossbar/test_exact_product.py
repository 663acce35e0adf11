"""Without a non-ideality a crossbar is the matrix; with any of them it is not."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.crossbar.adc import Adc
from spinchip.emulator.crossbar.backends import matvec
from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.crossbar.encoding import KINDS, Encoding
from spinchip.emulator.crossbar.tile_spec import TileSpec
from spinchip.emulator.devices.memristor.conduction import Sinh
from spinchip.emulator.devices.memristor.faults import StuckCells
from spinchip.emulator.devices.memristor.ideal import CARD as IDEAL
from spinchip.emulator.devices.memristor.levels import UniformLevels
from spinchip.emulator.spec.matvec import MatVec
from spinchip.emulator.wires.wires import Wires

SMALL = TileSpec(n_rows=16, n_columns=10)


def relative(found, exact):
    return np.abs(found - exact).max() / np.abs(exact).max()


@pytest.mark.promise("crossbar.ideal")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scaling", ["matrix", "tile", "column"])
@pytest.mark.parametrize("n_pairs", [1, 3])
def test_ideal_crossbar_is_the_matrix(problem, kind, scaling, n_pairs):
    weights, inputs, exact = problem
    spec = replace(SMALL, encoding=Encoding(kind, n_pairs), scaling=scaling)
    assert relative(Crossbar(weights, spec).multiply(inputs), exact) < 1e-12
    later = Crossbar(weights, spec).at(3e7, 350.0)
    assert relative(later.multiply(inputs), exact) < 1e-12
    assert relative(later.effective_weights(), weights) < 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_lowest_conductance_above_zero_is_no_error(problem, kind):
    """A window that does not reach zero: pairs and offsets cancel what every device lets through."""
    weights, inputs, exact = problem
    leaky = replace(IDEAL, g_min_S=5e-6)
    spec = replace(SMALL, device=leaky, encoding=Encoding(kind))
    assert relative(Crossbar(weights, spec).multiply(inputs), exact) < 1e-12


@pytest.mark.promise("crossbar.tile")
@pytest.mark.parametrize("kind", KINDS)
def test_any_tile_size_gives_the_same(problem, kind):
    weights, inputs, exact = problem
    for n_rows in (1, 7, 40, 100):
        for n_columns in (1, 11, 24, 100):
            spec = TileSpec(n_rows=n_rows, n_columns=n_columns, encoding=Encoding(kind))
            crossbar = Crossbar(weights, spec)
            assert crossbar.n_tiles == -(-40 // n_rows) * -(-24 // n_columns)
            assert relative(crossbar.multiply(inputs), exact) < 1e-12


@pytest.mark.promise("crossbar.matvec")
def test_backends_keep_the_protocol(problem):
    weights, inputs, exact = problem
    for backend in (matvec("ideal", weights), matvec("crossbar", weights), matvec("crossbar", weights, SMALL, seed=3)):
        assert isinstance(backend, MatVec)
        assert backend.shape == (40, 24)
        assert relative(backend.multiply(inputs), exact) < 1e-12
        single = backend.multiply(inputs[0])
        assert single.shape == (24,)
        assert relative(single, exact[0]) < 1e-12
        assert backend.ledger.events["products"] == 7


def test_weights_and_inputs_are_left_alone(problem):
    weights, inputs, exact = problem
    kept = weights.copy(), inputs.copy()
    backends = matvec("ideal", weights), Crossbar(weights, replace(SMALL, dac=Dac(4), adc=Adc(4)))
    before = backends[0].multiply(inputs)
    assert np.array_equal(weights, kept[0])
    assert np.array_equal(inputs, kept[1])
    weights[:] = 0.0
    assert np.array_equal(backends[0].multiply(inputs), before)


def test_results_do_not_share_memory(problem):
    weights, inputs, _ = problem
    crossbar = Crossbar(weights, replace(SMALL, dac=Dac(8, "bit_serial"), adc=Adc(8)))
    first = crossbar.multiply(inputs)
    kept = first.copy()
    Crossbar(-weights, crossbar.spec).multiply(inputs)
    assert np.array_equal(first, kept)


def test_single_precision_keeps_six_digits(problem):
    weights, inputs, exact = problem
    found = Crossbar(weights, replace(SMALL, single_precision=True)).multiply(inputs)
    assert found.dtype == np.float64
    assert 1e-9 < relative(found, exact) < 40 * 2.0**-23


def test_zero_matrix_and_zero_vector(problem):
    assert np.array_equal(Crossbar(np.zeros((3, 2)), SMALL).multiply(np.ones(3)), np.zeros(2))
    crossbar = Crossbar(np.ones((3, 2)), replace(SMALL, dac=Dac(8), adc=Adc(8, "max")))
    assert np.array_equal(crossbar.multiply(np.zeros(3)), np.zeros(2))


def spec_of(device):
    return lambda only: replace(SMALL, device=device(only))


BITES = {
    "programming": spec_of(lambda only: only("programming")),
    "read noise": spec_of(lambda only: only("read_noise")),
    "read noise, per device": lambda only: replace(SMALL, device=only("read_noise"), read_noise="per_device"),
    "drift": spec_of(lambda only: only("drift")),
    "temperature": spec_of(lambda only: only("temperature")),
    "stuck cells": spec_of(lambda only: replace(IDEAL, faults=StuckCells(0.02, 0.02))),
    "levels": spec_of(lambda only: replace(IDEAL, levels=UniformLevels(16))),
    "curved conduction": spec_of(lambda only: replace(IDEAL, conduction=Sinh(0.25))),
    "row wires": lambda only: replace(SMALL, wires=Wires(row_ohm=1.0)),
    "column wires": lambda only: replace(SMALL, wires=Wires(column_ohm=1.0)),
    "drivers": lambda only: replace(SMALL, wires=Wires(driver_ohm=10.0)),
    "sense": lambda only: replace(SMALL, wires=Wires(sense_ohm=10.0)),
    "DAC": lambda only: replace(SMALL, dac=Dac(8)),
    "DAC, pulses": lambda only: replace(SMALL, dac=Dac(8, "pwm")),
    "DAC, bits": lambda only: replace(SMALL, dac=Dac(8, "bit_serial")),
    "DAC bound": lambda only: replace(SMALL, dac=Dac(bound=1.0)),
    "ADC": lambda only: replace(SMALL, adc=Adc(12)),
    "ADC, largest possible range": lambda only: replace(SMALL, adc=Adc(12, "max")),
    "ADC, quantile": lambda only: replace(SMALL, adc=Adc(12, "quantile", 0.99)),
    "ADC noise": lambda only: replace(SMALL, adc=Adc(24, enob=10)),
    "weight bits": lambda only: replace(SMALL, encoding=Encoding(bits=8)),
    "weight slices": lambda only: replace(SMALL, encoding=Encoding(bits=8, slices=2)),
}


def product_later(weights, spec, inputs):
    hot = 310.0 if spec.device.temperature else 300.0
    return Crossbar(weights, spec, seed=1).at(100.0, hot).multiply(inputs, seed=1)


@pytest.mark.promise("crossbar.ideal")
@pytest.mark.parametrize("name", BITES)
def test_no_silent_bypass(problem, only, name):
    """A part in 10^5 is a hundred million times rounding; the weakest effect here is 24 bits with noise of 10."""
    weights, inputs, exact = problem
    spec = BITES[name](only)
    assert relative(product_later(weights, spec, inputs), exact) > 1e-5
    without = replace(spec, device=IDEAL, wires=Wires(), dac=Dac(), adc=Adc(), encoding=Encoding(), read_noise="none")
    assert relative(product_later(weights, without, inputs), exact) < 1e-12


@pytest.mark.parametrize("change", [{"remap": True}, {"compensation": "global"}, {"compensation": "column"}])
def test_repairs_help_a_broken_crossbar_alone(problem, only, change):
    weights, inputs, exact = problem
    device = replace(IDEAL, faults=StuckCells(0.0, 0.02)) if "remap" in change else only("drift")
    spec = replace(SMALL, device=device)
    broken, repaired = (product_later(weights, each, inputs) for each in (spec, replace(spec, **change)))
    assert np.sqrt(np.mean((repaired - exact) ** 2)) < 0.8 * np.sqrt(np.mean((broken - exact) ** 2))
    sound = replace(SMALL, **change)
    assert relative(product_later(weights, sound, inputs), exact) < 1e-12
