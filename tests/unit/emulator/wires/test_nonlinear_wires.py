"""Nonlinear devices and wires together: Kirchhoff's law at any strength, the linear limit, and one cell by hand."""

import numpy as np
import pytest
from scipy.optimize import brentq

from spinchip.emulator.devices.memristor.rram_milo import CARD as MILO
from spinchip.emulator.wires.newton import solve_nonlinear
from spinchip.emulator.wires.nodal import ConvergenceError, solve
from spinchip.emulator.wires.wires import Wires


class Sinh:
    """I = G V0 sinh(V / V0)."""

    def __init__(self, scale_V):
        self.scale_V = scale_V

    def current_A(self, conductance_S, voltage_V):
        return conductance_S * self.scale_V * np.sinh(voltage_V / self.scale_V)

    def slope_S(self, conductance_S, voltage_V):
        return conductance_S * np.cosh(voltage_V / self.scale_V)


class Kink(Sinh):
    """A current with a jump: no voltage in between solves it, and Newton goes to and fro."""

    def current_A(self, conductance_S, voltage_V):
        return conductance_S * (voltage_V + np.where(voltage_V > 0.1, 0.1, 0.0))

    def slope_S(self, conductance_S, voltage_V):
        return conductance_S * np.ones_like(voltage_V)


def array(n, largest_S, seed=0):
    rng = np.random.default_rng(seed)
    return largest_S * rng.uniform(0.02, 1, (n, n)), rng.uniform(-0.3, 0.3, n)


@pytest.mark.promise("crossbar.nonlinear-wires")
@pytest.mark.parametrize(
    ("n", "largest_S", "ohm", "scale_V"),
    [(64, 2.5e-5, 0.35, 0.1), (64, 1e-3, 2.0, 0.05), (48, 1e-2, 1.0, 0.02), (128, 1e-3, 2.0, 0.1)],
)
def test_currents_and_voltages_obey_both_laws(n, largest_S, ohm, scale_V):
    cells, voltages = array(n, largest_S)
    device, found = Sinh(scale_V), solve_nonlinear(cells, Sinh(scale_V), voltages, Wires(ohm, ohm))
    currents = device.current_A(cells, found.word_V - found.bit_V)
    rows = np.cumsum(ohm * np.cumsum(currents[:, ::-1], axis=1)[:, ::-1], axis=1)
    columns = np.cumsum((ohm * np.cumsum(currents, axis=0))[::-1], axis=0)[::-1]
    assert np.abs(voltages[:, None] - rows - found.word_V).max() < 1e-10
    assert np.abs(columns - found.bit_V).max() < 1e-10
    assert found.residual_A < 1e-12 * np.abs(currents).max()
    linear = solve(cells, voltages, Wires(ohm, ohm)).currents_A
    assert np.abs(found.currents_A - linear).max() > 1e-2 * np.abs(linear).max(), "the curve must matter here"


def test_flat_curve_is_the_linear_array():
    """At V0 = 1000 V the curve differs from a line by (V / V0)^2 / 6 < 1e-7."""
    cells, voltages = array(20, 1e-3)
    found = solve_nonlinear(cells, Sinh(1e3), voltages, Wires(2.0, 3.0, 50.0, 10.0))
    linear = solve(cells, voltages, Wires(2.0, 3.0, 50.0, 10.0))
    assert np.allclose(found.currents_A, linear.currents_A, rtol=1e-7)


@pytest.mark.promise("crossbar.nonlinear-wires")
def test_one_cell_is_a_scalar_equation():
    device, total = Sinh(0.05), 70.0
    found = solve_nonlinear(np.array([[1e-3]]), device, np.array([0.3]), Wires(20.0, 10.0, 30.0, 10.0))
    expected = brentq(lambda v: device.current_A(1e-3, v) * total + v - 0.3, 0, 0.3, xtol=1e-16)
    assert found.word_V[0, 0] - found.bit_V[0, 0] == pytest.approx(expected, rel=1e-12)


def test_curve_with_a_jump_is_an_error():
    with pytest.raises(ConvergenceError, match=r"^Cell voltages must settle within 1e-12, not still move by "):
        solve_nonlinear(np.array([[1e-2]]), Kink(0.02), np.array([0.22]), Wires(50.0, 50.0))


def test_published_cubic_that_is_not_odd_obeys_both_laws():
    """Milo's current bends to one side: turning all voltages round is not turning all currents round."""
    rng = np.random.default_rng(3)
    cells, voltages, ohm = rng.uniform(50e-6, 225e-6, (24, 24)), rng.uniform(-0.4, 0.4, 24), 20.0
    found = solve_nonlinear(cells, MILO, np.stack([voltages, -voltages]), Wires(ohm, ohm))
    for source, word, bit, out in zip((voltages, -voltages), found.word_V, found.bit_V, found.currents_A, strict=True):
        currents = MILO.current_A(cells, word - bit)
        assert np.abs(currents.sum(axis=0) - out).max() < 1e-12 * np.abs(out).max()
        rows = np.cumsum(ohm * np.cumsum(currents[:, ::-1], axis=1)[:, ::-1], axis=1)
        assert np.abs(source[:, None] - rows - word).max() < 1e-11
    there, back = found.currents_A
    assert np.abs(there + back).max() > 1e-2 * np.abs(there).max()


def test_voltages_far_up_the_curve_settle():
    """30 V0 over the cells: the slope spans e^30, and the first tangents overshoot out of the range of numbers."""
    cells, voltages = array(16, 1e-6)
    device, found = Sinh(0.01), solve_nonlinear(cells, Sinh(0.01), voltages, Wires(1.0, 1.0, 10.0, 10.0))
    currents = device.current_A(cells, found.word_V - found.bit_V)
    assert np.abs(currents.sum(axis=0) - found.currents_A).max() < 1e-12 * np.abs(currents).max()
    rows = 10.0 * currents.sum(axis=1) + np.cumsum(currents[:, ::-1], axis=1)[:, ::-1][:, 0]
    assert np.abs(voltages - rows - found.word_V[:, 0]).max() < 1e-10


def test_floating_lines_of_nonlinear_devices_carry_nothing():
    cells, voltages = array(10, 1e-3)
    driven, sensed = np.arange(10) != 4, np.arange(10) != 7
    device, wires = Sinh(0.1), Wires(5.0, 5.0, 20.0)
    found = solve_nonlinear(cells, device, voltages, wires, driven=driven, sensed=sensed)
    currents = device.current_A(cells, found.word_V - found.bit_V)
    assert abs(currents[4].sum()) < 1e-11 * np.abs(currents).max()
    assert abs(currents[:, 7].sum()) < 1e-11 * np.abs(currents).max()
    assert found.currents_A[7] == 0
    assert np.abs(currents[4]).max() > 1e-3 * np.abs(currents).max(), "test too weak: sneak currents must flow"
