"""Single laws at single numbers: what a sample of cells is too coarse to show."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.constants import elementary_charge, k

from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.faults import StuckCells
from spinchip.emulator.devices.memristor.levels import UniformLevels
from spinchip.emulator.devices.memristor.pulse_spread import PulseSpread
from spinchip.emulator.devices.memristor.state_functions import Polynomial
from spinchip.emulator.devices.memristor.write_verify import WriteVerify

PCM = device("pcm_ibm")
US = 1e-6


def test_levels_decide_the_drift():
    """Two levels: a target of 1 uS is a cell of 0 uS and drifts like one, by 0.1 instead of 0.074."""
    sharp = replace(PCM.without("programming"), drift=replace(PCM.drift, spread=Polynomial((0.0,))))
    binary = replace(sharp, levels=UniformLevels(2))
    target_S = np.array([1.0, 15.0]) * US
    nu = binary.program(target_S, np.random.default_rng(0)).drawn["nu"]
    assert nu == pytest.approx([0.1, 0.049], rel=1e-12)  # at 0 and at 25 uS
    free = sharp.program(target_S, np.random.default_rng(0)).drawn["nu"]
    assert free[0] == pytest.approx(-0.0155 * np.log(1 / 25) + 0.0244, rel=1e-12)


def test_stuck_cell_warms_and_rustles_like_the_state_it_is_stuck_in():
    """Asked for 2.5 uS and stuck at 25 uS: not activated, Q = 0.0088, whatever was asked for."""
    card = replace(PCM, faults=StuckCells(low=0.0, high=1.0))
    cells = card.program(np.array([2.5 * US]), np.random.default_rng(0))
    assert card.conductance_S(cells, 20.0, 350.0) == pytest.approx([25 * US], rel=1e-12)
    quiet = 25 * US * 0.0088 * np.sqrt(np.log((20 + 250e-9) / 500e-9))
    assert card.read_sigma_S(cells, 20.0) == pytest.approx([quiet], rel=1e-12)
    sound = PCM.without("programming")
    cells = sound.program(np.array([2.5 * US]), np.random.default_rng(0))
    energy_J = 0.25 * 0.9 * elementary_charge
    warmed = 2.5 * US * np.exp(energy_J / k * (1 / 300 - 1 / 350))
    assert sound.conductance_S(cells, 20.0, 350.0) == pytest.approx([warmed], rel=1e-8)


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize(
    ("name", "target_uS", "sigma_uS"),
    [
        ("rram_cmo", 8.0, 0.0112185391 + 0.01129027418 * 8),
        ("rram_cmo_fine", 8.0, 0.00081107 + 0.00106879 * 8),
        ("rram_milo", 225.0, 4.782321 - 0.009107 * 225),
        ("pcm_hermes_1", 2.07, 0.15781817 + 2.32443916 * 0.2 - 2.16310839 * 0.04 + 0.68841818 * 0.008),
        ("pcm_hermes_2", 4.14, 0.16603222 + 4.71806468 * 0.2 - 8.48101252 * 0.04 + 4.68961419 * 0.008),
    ],
)
def test_programming_error_to_the_last_digit(name, target_uS, sigma_uS):
    found = device(name).programming.sigma_S(np.array(target_uS * US))
    assert found == pytest.approx(sigma_uS * US, rel=1e-12)


def test_spread_is_never_negative():
    assert Polynomial((1.0, -2.0))(np.array([0.0, 0.4, 0.6])).tolist() == pytest.approx([1.0, 0.2, 0.0])
    assert Polynomial((1.0, -2.0), low=0.3)(np.array([0.4, 0.6])).tolist() == [0.3, 0.3]


def test_cmo_cell_below_a_microsiemens_is_silent():
    """log10(G / 1 uS) is negative there, which no spread can be."""
    law = device("rram_cmo").read_noise
    sigma_S = law.sigma_S(np.array([0.0, 0.5, 1.0, 100.0]) * US, None, 60.0)
    loud = 2 * 0.0277316483 * US * np.sqrt(np.log((60 + 1e-6) / 2e-6))
    assert sigma_S == pytest.approx([0.0, 0.0, 0.0, loud], rel=1e-12)


def test_loop_starts_from_what_was_there():
    """From 80 uS half of what is too much each time: 65, 57.5, 53.75, 51.875, 50.94 uS < 1 uS after five pulses."""
    loop = WriteVerify(window_S=US, window_share=0.0, gain=0.5, pulse_S=0.0, relax_S=0.0, read_S=0.0, start_S=80 * US)
    written_S, drawn = loop.write(np.array([50 * US]), np.random.default_rng(0))
    assert drawn["n_pulses"].tolist() == [5]
    assert written_S == pytest.approx([(50 + 30 / 32) * US], rel=1e-12)


@pytest.mark.parametrize(("up_down", "up", "down"), [(0.3, 1.0, 0.7), (-0.3, 0.7, 1.0), (0.0, 1.0, 1.0)])
def test_asymmetry_shortens_one_direction(up_down, up, down):
    devices = PulseSpread(dw_min=0.01, up_down=up_down).draw((3,), np.random.default_rng(0))
    assert devices.step_up == pytest.approx(np.full(3, 0.01 * up), rel=1e-12)
    assert devices.step_down == pytest.approx(np.full(3, 0.01 * down), rel=1e-12)
