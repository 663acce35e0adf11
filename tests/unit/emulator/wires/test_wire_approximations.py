"""Published approximations against the exact solution: limits where they are exact, and the order of their errors."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.wires.approximate import APPROXIMATIONS, approximation, errors
from spinchip.emulator.wires.wires import Wires


def array(n_rows, n_cols, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(2e-5, 1e-3, (n_rows, n_cols)), rng.uniform(-0.3, 0.3, n_rows)


@pytest.mark.promise("crossbar.wires")
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
    with pytest.raises(InputError, match=f"^Approximation must be one of {', '.join(APPROXIMATIONS)}, not 'dmr'$"):
        approximation("dmr")


def test_errors_are_ordered_by_what_a_method_knows():
    """Nothing, no rows, means of lines, cells of lines, everything: each knows more than the one before."""
    rng = np.random.default_rng(0)
    cells = rng.uniform(0.02, 1, (128, 128)) / 40e3
    found = errors(cells, rng.uniform(0, 0.3, 128), Wires(0.35, 0.35))
    names = ("ideal wires", "fast-polynomial", "thevenin", "diagonal-regression", "alpha-beta", "picard")
    sizes = [found[name] for name in names]
    assert np.all(np.diff(sizes) < 0), found
    assert found["diagonal-regression"] < found["equal-currents"] < found["thevenin"]


def test_alpha_beta_is_right_to_first_order_and_the_means_are_not():
    """A tenth of the wires leaves a hundredth of the error of alpha-beta, a tenth of that of the means."""
    cells, voltages = array(20, 30)
    far, near = (errors(0.01 * cells, voltages, Wires(r, 2 * r, 9 * r, 5 * r)) for r in (0.1, 0.01))
    assert 80 < far["alpha-beta"] / near["alpha-beta"] < 120
    assert 8 < far["diagonal-regression"] / near["diagonal-regression"] < 12


def test_means_of_equal_cells_are_the_cells():
    cells, voltages = np.full((9, 14), 1e-4), array(9, 14)[1]
    wires = Wires(2.0, 3.0, 10.0, 20.0)
    one, other = (approximation(name)(cells, voltages, wires) for name in ("alpha-beta", "diagonal-regression"))
    assert np.allclose(one, other, rtol=1e-13)


def test_one_cell_in_series_with_its_wires_is_exact():
    """Of one cell, all current is the same; scaling by two factors in turn is not the series sum."""
    cells, voltages = np.array([[1e-3]]), np.array([0.2])
    found = errors(cells, voltages, Wires(20.0, 30.0, 100.0, 50.0))
    assert found["equal-currents"] < 1e-14
    assert found["alpha-beta"] == pytest.approx(1 - 1.2 / (1.12 * 1.08), abs=1e-12)
