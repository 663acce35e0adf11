"""The effective operator, sensitivities, approximations and geometry against the exact solution."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.wires.approximate import APPROXIMATIONS, approximation, errors
from spinchip.emulator.wires.effective import effective_conductance_S
from spinchip.emulator.wires.geometry import segment_ohm
from spinchip.emulator.wires.nodal import solve
from spinchip.emulator.wires.sensitivity import current_variance_A2
from spinchip.emulator.wires.wires import Wires

STRONG = Wires(3.0, 2.0, 50.0, 20.0)


def array(n_rows, n_cols, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(2e-5, 1e-3, (n_rows, n_cols)), rng.uniform(-0.3, 0.3, n_rows)


@pytest.mark.parametrize("shape", [(13, 21), (21, 13)])
@pytest.mark.parametrize("wires", [STRONG, Wires(0, 2), Wires(0, 0, 10, 0)], ids=str)
def test_effective_operator_equals_every_solution(shape, wires):
    cells, _ = array(*shape)
    effective = effective_conductance_S(cells, wires)
    batch = np.random.default_rng(3).normal(size=(4, shape[0]))
    exact = solve(cells, batch, wires).currents_A
    assert np.abs(batch @ effective - exact).max() < 1e-11 * np.abs(exact).max()
    assert np.abs(batch @ cells - exact).max() > 1e-3 * np.abs(exact).max(), "wires must matter here"


def test_effective_operator_of_ideal_wires_is_a_copy():
    cells, _ = array(3, 4)
    effective = effective_conductance_S(cells, Wires())
    assert np.array_equal(effective, cells)
    assert effective is not cells


def test_more_resistance_carries_less_current():
    """Monotone for voltages of one sign (Rayleigh): the total falls with every wire that grows."""
    cells, voltages = array(15, 15)
    totals = [solve(cells, np.abs(voltages), Wires(r, r)).currents_A.sum() for r in (0.0, 0.1, 1.0, 10.0)]
    assert np.all(np.diff(totals) < 0)


def test_variance_equals_finite_differences():
    cells, _ = array(7, 9)
    rng = np.random.default_rng(5)
    sigma, batch = 0.02 * cells * rng.uniform(0.5, 1.5, cells.shape), rng.normal(size=(2, 7))
    found, expected, step = current_variance_A2(cells, sigma, batch, STRONG), np.zeros((2, 9)), 1e-5
    for place in np.ndindex(*cells.shape):
        up, down = cells.copy(), cells.copy()
        up[place] *= 1 + step
        down[place] *= 1 - step
        change = solve(up, batch, STRONG).currents_A - solve(down, batch, STRONG).currents_A
        expected += np.square(change / (2 * step * cells[place]) * sigma[place])
    assert np.abs(found / expected - 1).max() < 1e-6  # (step)^2 and rounding over step
    naive = np.square(batch) @ np.square(sigma)
    assert np.abs(naive / expected - 1).max() > 0.05, "wires must matter here"


def test_variance_of_ideal_wires_is_the_plain_sum():
    cells, voltages = array(7, 9)
    assert np.allclose(current_variance_A2(cells, 0.1 * cells, voltages, Wires()), (voltages**2) @ (0.1 * cells) ** 2)


def test_variance_of_almost_ideal_wires_tends_to_the_plain_sum():
    cells, voltages = array(7, 9)
    found = current_variance_A2(cells, 0.1 * cells, voltages, Wires(1e-9, 1e-9))
    assert np.allclose(found, (voltages**2) @ (0.1 * cells) ** 2, rtol=1e-8)


@pytest.mark.parametrize("name", APPROXIMATIONS)
def test_approximation_tends_to_the_exact_currents(name):
    """A hundredth of the wire leaves at most a fiftieth of the error."""
    cells, voltages = np.full((64, 64), 1e-5), np.full(64, 0.2)
    far, near = (errors(cells, voltages, Wires(0.0, r))[name] for r in (1.0, 0.01))
    assert near < max(far / 50, 1e-12)
    assert far < errors(cells, voltages, Wires(0.0, 1.0))["ideal wires"]


def test_thevenin_is_exact_with_ideal_rows_and_not_else():
    cells, voltages = array(30, 20)
    assert errors(cells, voltages, Wires(0.0, 2.0, 0.0, 9.0))["thevenin"] < 1e-12
    assert errors(cells, voltages, Wires(2.0, 2.0))["thevenin"] > 1e-3


def test_picard_settles_on_mild_wires_and_drifts_on_strong_ones():
    cells, voltages = array(30, 20)
    assert errors(0.01 * cells, voltages, Wires(0.35, 0.35, 5.0, 2.0))["picard"] < 1e-10
    assert errors(100 * cells, voltages, Wires(5.0, 5.0))["picard"] > 1e-10


def test_unknown_approximation_is_refused():
    with pytest.raises(InputError, match="^Approximation must be one of fast-polynomial, thevenin, picard, not 'dmr'$"):
        approximation("dmr")


def test_segment_of_copper_by_hand():
    """40 nm: 29.7 nohm m x 80 nm / (40 nm^2 x 1.9)."""
    assert segment_ohm(40e-9, 80e-9) == pytest.approx(29.7e-9 * 80e-9 / (40e-9**2 * 1.9), rel=1e-12)
    assert segment_ohm(40e-9, 80e-9, temperature_K=400) / segment_ohm(40e-9, 80e-9) == pytest.approx(1.451)
    thick = 1 - (2 * 1.9 + 1) * 2e-9 / (1.9 * 40e-9)
    assert segment_ohm(40e-9, 80e-9, barrier_m=2e-9) == pytest.approx(segment_ohm(40e-9, 80e-9) / thick)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((10e-9, 80e-9), r"Wire width must be 15 to 175 nm \(the tabulated range\), not 10 nm"),
        ((40e-9, 0.0), "Segment length must be above 0 m, not 0.0 m"),
        ((40e-9, 80e-9, 250.0), "Temperature must be 300 K or more, where the slope was fitted, not 250.0 K"),
        ((40e-9, 80e-9, 300.0, 20e-9), "Barrier must leave some of the wire and be 0 or more, not 20 nm thick"),
    ],
)
def test_bad_geometry_is_refused(arguments, text):
    with pytest.raises(InputError, match=f"^{text}$"):
        segment_ohm(*arguments)
