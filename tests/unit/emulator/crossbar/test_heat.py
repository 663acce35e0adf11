"""Heat of the cells: V I t of every cell and read, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.crossbar.heat import heat_J
from spinchip.emulator.crossbar.tile_spec import TileSpec
from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.conduction import Sinh
from spinchip.emulator.devices.memristor.ideal import CARD as IDEAL
from spinchip.emulator.ledger.array_energy import array_energy_J

RNG = np.random.default_rng(3)
WEIGHTS, LEVELS = RNG.standard_normal((12, 7)), RNG.integers(-7, 8, (3, 12)).astype(float)
SPEC = TileSpec(device("pcm_ibm"), n_rows=5, n_columns=4, dac=Dac(4, bound=7.0))


def rows_S(crossbar):
    return sum(crossbar.conductances_S())


def test_amplitudes_heat_by_their_square():
    crossbar = Crossbar(WEIGHTS, SPEC)
    wanted = sum(array_energy_J(row / 7 * 0.2, rows_S(crossbar), 1e-7) for row in LEVELS)
    assert heat_J(crossbar, LEVELS, 1e-7) == pytest.approx(wanted, rel=1e-12)


def test_pulses_heat_by_their_length():
    crossbar = Crossbar(WEIGHTS, replace(SPEC, dac=Dac(4, "pwm", 7.0)))
    wanted = sum(array_energy_J(0.2, rows_S(crossbar), np.abs(row) / 7 * 1e-7) for row in LEVELS)
    assert heat_J(crossbar, LEVELS, 1e-7) == pytest.approx(wanted, rel=1e-12)


def test_bits_heat_where_they_are_set():
    crossbar = Crossbar(WEIGHTS, replace(SPEC, dac=Dac(4, "bit_serial", 7.0)))
    n_set = np.array([[bin(int(level) & 15).count("1") for level in row] for row in LEVELS])
    wanted = sum(array_energy_J(0.2, rows_S(crossbar), n * 1e-7) for n in n_set)
    assert heat_J(crossbar, LEVELS, 1e-7) == pytest.approx(wanted, rel=1e-12)


def test_curved_devices_heat_by_their_current():
    spec = replace(SPEC, device=replace(IDEAL, conduction=Sinh(0.1)), dac=Dac())
    crossbar = Crossbar([[1.0]], spec)
    volts = 0.2
    wanted = volts * 25e-6 * 0.1 * np.sinh(volts / 0.1) * 1e-7
    assert heat_J(crossbar, np.array([-3.0]), 1e-7) == pytest.approx(wanted, rel=1e-12)
