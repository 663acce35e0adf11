"""Nonlinear devices: pulses at one voltage see no curve, amplitudes do; through wires both are exact."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.crossbar.encoding import KINDS, Encoding
from spinchip.emulator.crossbar.tile_spec import TileSpec
from spinchip.emulator.devices.memristor.conduction import Cubic, Sinh
from spinchip.emulator.devices.memristor.ideal import CARD as IDEAL
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.wires.newton import solve_nonlinear
from spinchip.emulator.wires.nodal import solve
from spinchip.emulator.wires.wires import Wires

CURVED = replace(IDEAL, conduction=Sinh(0.1), v_max_V=0.3)
WIRES = Wires(20.0, 30.0, 100.0, 50.0)
RNG = np.random.default_rng(7)
WEIGHTS = RNG.uniform(-1, 1, (6, 4))
INPUTS = RNG.integers(-3, 4, (5, 6)).astype(float)
INPUTS[:, 0] = 3.0
EXACT = INPUTS @ WEIGHTS
VOLTS = 0.2


def product(dac, **changes):
    return Crossbar(WEIGHTS, TileSpec(CURVED, dac=dac, **changes)).multiply(INPUTS)


@pytest.mark.parametrize("kind", KINDS)
def test_pulses_see_no_curve(kind):
    encoding = Encoding(kind)
    for dac in (Dac(3, "pwm", 3.0), Dac(3, "bit_serial", 3.0), Dac(3, "bit_serial", 3.0, "sign_magnitude")):
        assert np.allclose(product(dac, encoding=encoding), EXACT, rtol=0, atol=1e-12)
    assert np.abs(product(Dac(3, bound=3.0), encoding=encoding) - EXACT).max() > 0.1


@pytest.mark.promise("crossbar.tile")
def test_amplitudes_follow_the_curve():
    """I = G V0 sinh(V / V0), one device: full scale is exact, a third of it is not a third."""
    crossbar = Crossbar([[1.0]], TileSpec(CURVED, dac=Dac(3, bound=3.0)))
    for level in (-3, -1, 0, 1, 2, 3):
        wanted = 3 * np.sinh(level / 3 * VOLTS / 0.1) / np.sinh(VOLTS / 0.1)
        assert crossbar.multiply(np.array([float(level)]))[0] == pytest.approx(wanted, rel=1e-12, abs=1e-15)


def test_curve_that_is_not_odd_has_two_matrices():
    device = ASYMMETRIC
    crossbar = Crossbar([[1.0]], TileSpec(device, dac=Dac(1, "pwm"), encoding=Encoding("offset_digital")))
    up, down = crossbar.multiply(np.array([1.0]))[0], crossbar.multiply(np.array([-1.0]))[0]
    curve = device.current_A(25e-6, np.array([VOLTS, -VOLTS])) / VOLTS
    step_S, middle = crossbar.spec.encoding.nominal(device, VOLTS)
    assert up == pytest.approx(curve[0] / step_S - middle, rel=1e-12)
    assert down == pytest.approx(curve[1] / step_S + middle, rel=1e-12)
    assert abs(up + down) > 0.01


def targets(device):
    scale = np.abs(WEIGHTS).max()
    return [device.g_max_S * np.maximum(sign * WEIGHTS / scale, 0) for sign in (1, -1)], scale


@pytest.mark.promise("crossbar.nonlinear-wires")
def test_amplitudes_through_wires_are_newtons():
    (plus, minus), scale = targets(CURVED)
    volts = INPUTS / 3 * VOLTS
    currents = [solve_nonlinear(array, CURVED, volts, WIRES).currents_A for array in (plus, minus)]
    full_A = float(CURVED.current_A(CURVED.g_max_S, VOLTS))
    wanted = (currents[0] - currents[1]) / full_A * scale * 3
    found = product(Dac(3, bound=3.0), wires=WIRES)
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-9)
    assert not np.allclose(found, product(Dac(3, bound=3.0)), rtol=1e-3)


def test_pulses_through_wires_are_added_slot_by_slot():
    """Three slots: in slot s the rows with |level| > s are at the read voltage, the others at 0 V."""
    (plus, minus), scale = targets(CURVED)
    charge = np.zeros_like(EXACT)
    for slot in range(3):
        volts = np.where(np.abs(INPUTS) > slot, np.sign(INPUTS), 0.0) * VOLTS
        for sign, array in ((1, plus), (-1, minus)):
            charge += sign * solve_nonlinear(array, CURVED, volts, WIRES).currents_A
    wanted = charge / float(CURVED.current_A(CURVED.g_max_S, VOLTS)) * scale
    found = product(Dac(3, "pwm", 3.0), wires=WIRES)
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-9)
    assert not np.allclose(found, product(Dac(3, bound=3.0), wires=WIRES), rtol=1e-3)


def test_linear_devices_through_wires_are_nodal_solutions():
    spec = TileSpec(IDEAL, dac=Dac(3, bound=3.0), wires=WIRES)
    (plus, minus), scale = targets(IDEAL)
    currents = [solve(array, INPUTS, WIRES).currents_A for array in (plus, minus)]
    wanted = (currents[0] - currents[1]) / IDEAL.g_max_S * scale
    for dac in (Dac(3, bound=3.0), Dac(3, "pwm", 3.0), Dac(3, "bit_serial", 3.0)):
        found = Crossbar(WEIGHTS, replace(spec, dac=dac)).multiply(INPUTS)
        assert np.allclose(found, wanted, rtol=1e-9, atol=1e-12)
    assert np.abs(wanted - EXACT).max() > 0.01


ASYMMETRIC = replace(IDEAL, conduction=Cubic((1e-6,), (0.0,), 1e-6, 25e-6))


@pytest.mark.parametrize("wires", [Wires(), WIRES])
@pytest.mark.parametrize("dac", [Dac(3, bound=3.0), Dac(3, "pwm", 3.0), Dac(3, "bit_serial", 3.0, "sign_magnitude")])
@pytest.mark.parametrize("device", [IDEAL, CURVED, ASYMMETRIC], ids=["linear", "sinh", "cubic"])
def test_matrices_and_cells_agree(device, dac, wires):
    """What is computed once as a matrix is what the arrays give, read vector by vector."""
    spec = TileSpec(device, dac=dac, wires=wires, encoding=Encoding("two_sided_pair", 2))
    reader = Crossbar(WEIGHTS, spec).tiles[0].readers[0]
    for plane in dac.planes(dac.levels(INPUTS)[0].copy()):
        assert np.allclose(reader.currents(plane), reader.currents_of(reader.arrays_S, plane), rtol=1e-9, atol=1e-12)
    assert reader.is_matrix == (device is IDEAL or (dac.kind != "amplitude" and wires.are_ideal))


def test_curved_products_are_no_matrix():
    for spec in (TileSpec(CURVED), TileSpec(CURVED, dac=Dac(3, "pwm"), wires=WIRES)):
        with pytest.raises(InputError, match="Effective weights must be of linear devices"):
            Crossbar(WEIGHTS, spec).effective_weights()
    pulses = Crossbar(WEIGHTS, TileSpec(CURVED, dac=Dac(3, "pwm")))
    assert np.allclose(pulses.effective_weights(), WEIGHTS, rtol=1e-12)
