"""The effective operator and sensitivities against the exact solution and finite differences."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.wires import elimination
from spinchip.emulator.wires.effective import effective_conductance_S
from spinchip.emulator.wires.nodal import solve
from spinchip.emulator.wires.sensitivity import adjoint_fields, current_variance_A2
from spinchip.emulator.wires.wires import Wires

STRONG = Wires(3.0, 2.0, 50.0, 20.0)


def array(n_rows, n_cols, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(2e-5, 1e-3, (n_rows, n_cols)), rng.uniform(-0.3, 0.3, n_rows)


@pytest.mark.promise("crossbar.wires")
@pytest.mark.parametrize("shape", [(13, 21), (21, 13), (1, 6), (6, 1)])
@pytest.mark.parametrize("wires", [STRONG, Wires(0, 2), Wires(2, 0), Wires(0, 0, 10, 0), Wires(0, 0, 0, 10)], ids=str)
def test_effective_operator_equals_every_solution(shape, wires):
    cells, _ = array(*shape)
    effective = effective_conductance_S(cells, wires)
    batch = np.random.default_rng(3).normal(size=(4, shape[0]))
    exact = solve(cells, batch, wires).currents_A
    assert np.abs(batch @ effective - exact).max() < 1e-11 * np.abs(exact).max()
    assert np.abs(batch @ cells - exact).max() > 1e-3 * np.abs(exact).max(), "wires must matter here"


@pytest.mark.parametrize("largest_S", [1e-9, 1e-4, 1e-2, 1.0])
def test_every_entry_of_the_operator_equals_a_dense_solution(dense, largest_S):
    """From cells a billion times the wires to cells as strong as these; a tenth of the cells are off."""
    rng = np.random.default_rng(4)
    cells = largest_S * rng.uniform(0.02, 1, (9, 7)) * (rng.random((9, 7)) > 0.1)
    wires = Wires(1.5, 0.7, 3.0, 2.0)
    effective = effective_conductance_S(cells, wires)
    expected = np.stack([dense(cells, unit, wires).currents_A for unit in np.eye(9)])
    assert np.abs(effective - expected).max() < 1e-10 * np.abs(expected).max()
    swapped = effective_conductance_S(cells, Wires(0.7, 1.5, 3.0, 2.0))  # negative control
    assert np.abs(swapped - expected).max() > 1e-10 * np.abs(expected).max()


def test_almost_ideal_operator_keeps_what_the_wires_take():
    """To first order the loss is proportional to the wires; 1e-8 of a current here, known to 1e-16."""
    cells, _ = array(13, 9)
    small, double = (1.0 - effective_conductance_S(cells, Wires(r, r)) / cells for r in (1e-6, 2e-6))
    assert small.min() > 1e-9
    assert np.allclose(double / small, 2.0, rtol=1e-6)


def test_effective_operator_of_ideal_wires_is_a_copy():
    cells, _ = array(3, 4)
    effective = effective_conductance_S(cells, Wires())
    assert np.array_equal(effective, cells)
    assert effective is not cells


def test_adjoint_field_is_the_voltage_of_the_array_driven_from_a_column():
    """By reciprocity: the same array seen from a column is the array turned round, driven in that row alone."""
    cells, _ = array(8, 6)
    fields = adjoint_fields(cells, STRONG)
    turned = Wires(STRONG.column_ohm, STRONG.row_ohm, STRONG.sense_ohm, STRONG.driver_ohm)
    found = solve(cells[::-1, ::-1].T, np.eye(6)[::-1], turned)
    across = (found.word_V - found.bit_V)[:, ::-1, ::-1].transpose(0, 2, 1)
    assert np.abs(fields - across).max() < 1e-12
    assert np.abs((fields * cells).sum(axis=2) - effective_conductance_S(cells, STRONG).T).max() < 1e-15


def test_more_resistance_carries_less_current():
    """Monotone for voltages of one sign (Rayleigh): the total falls with every wire that grows."""
    cells, voltages = array(15, 15)
    totals = [solve(cells, np.abs(voltages), Wires(r, r)).currents_A.sum() for r in (0.0, 0.1, 1.0, 10.0)]
    assert np.all(np.diff(totals) < 0)


@pytest.mark.promise("crossbar.wires")
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


@pytest.mark.parametrize("kept_bytes", [0, 10_000])
def test_variance_does_not_depend_on_what_is_kept(monkeypatch, kept_bytes):
    """Nothing but every fifth row, or nine rows at once, against all 23."""
    cells, _ = array(23, 9)
    batch = np.random.default_rng(2).normal(size=(3, 23))
    expected = current_variance_A2(cells, 0.1 * cells, batch, STRONG)
    monkeypatch.setattr(elimination, "KEPT_BYTES", kept_bytes)
    assert np.allclose(current_variance_A2(cells, 0.1 * cells, batch, STRONG), expected, rtol=1e-13)


def test_variance_of_ideal_wires_is_the_plain_sum():
    cells, voltages = array(7, 9)
    assert np.allclose(current_variance_A2(cells, 0.1 * cells, voltages, Wires()), (voltages**2) @ (0.1 * cells) ** 2)


def test_variance_of_almost_ideal_wires_tends_to_the_plain_sum():
    cells, voltages = array(7, 9)
    found = current_variance_A2(cells, 0.1 * cells, voltages, Wires(1e-9, 1e-9))
    assert np.allclose(found, (voltages**2) @ (0.1 * cells) ** 2, rtol=1e-8)


def test_a_single_vector_is_a_batch_of_one():
    cells, voltages = array(7, 9)
    one = current_variance_A2(cells, 0.1 * cells, voltages, STRONG)
    assert np.allclose(
        one, current_variance_A2(cells, 0.1 * cells, np.stack([voltages, -voltages]), STRONG), rtol=1e-12
    )


def test_noise_of_another_shape_is_refused():
    cells, voltages = array(7, 9)
    text = r"^Noise and voltages must have shapes \(7, 9\) and \(n_batch, 7\), not \(9, 7\) and \(1, 7\)$"
    with pytest.raises(InputError, match=text):
        current_variance_A2(cells, cells.T, voltages, STRONG)
