"""The line solver against a dense solution of all node equations, Kirchhoff's law, limits and refusals."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.wires.nodal import ConvergenceError, Network, solve
from spinchip.emulator.wires.wires import Wires

WIRES = [
    Wires(0.35, 0.35),
    Wires(2.0, 5.0, 100.0, 50.0),
    Wires(1e-6, 1e-6),
    Wires(300.0, 700.0, 0.0, 20.0),
]
LIMITS = [
    Wires(0.0, 3.0),
    Wires(3.0, 0.0),
    Wires(0.0, 0.0, 100.0, 50.0),
    Wires(0.0, 0.0, 100.0, 0.0),
    Wires(2.0, 0.0, 0.0, 30.0),
    Wires(0.0, 2.0, 40.0, 0.0),
]


def array(n_rows, n_cols, seed=0, largest_S=1e-4):
    """Return random conductances, 1:50, one cell in ten off, and voltages of both signs."""
    rng = np.random.default_rng(seed)
    cells = largest_S * rng.uniform(0.02, 1.0, (n_rows, n_cols)) * (rng.random((n_rows, n_cols)) > 0.1)
    return cells, rng.uniform(-0.3, 0.3, n_rows)


def assert_kirchhoff(cells, voltages, wires, solution, bound=1e-11):
    """Hold node voltages against drops summed from the cell currents, line by line."""
    currents = cells * (solution.word_V - solution.bit_V)
    along = wires.row_ohm * np.cumsum(currents[:, ::-1], axis=1)[:, ::-1]
    along[:, 0] += wires.driver_ohm * currents.sum(axis=1)
    scale = np.abs(voltages).max()
    assert np.abs(voltages[:, None] - np.cumsum(along, axis=1) - solution.word_V).max() < bound * scale
    down = wires.column_ohm * np.cumsum(currents, axis=0)
    down[-1] += wires.sense_ohm * currents.sum(axis=0)
    assert np.abs(np.cumsum(down[::-1], axis=0)[::-1] - solution.bit_V).max() < bound * scale


@pytest.mark.promise("crossbar.wires")
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (9, 13), (14, 8)])
@pytest.mark.parametrize("wires", WIRES, ids=str)
def test_node_voltages_equal_a_dense_solution(dense, wires, shape):
    cells, voltages = array(*shape)
    expected, found = dense(cells, voltages, wires), solve(cells, voltages, wires)
    scale = np.abs(voltages).max()
    assert np.abs(found.word_V - expected.word_V).max() < 1e-10 * scale
    assert np.abs(found.bit_V - expected.bit_V).max() < 1e-10 * scale
    assert np.abs(found.currents_A - expected.currents_A).max() <= 1e-10 * np.abs(expected.currents_A).max()


@pytest.mark.parametrize("wires", [Wires(1.0, 1.0), Wires(0.5, 2.0, 10.0, 30.0)], ids=str)
def test_currents_through_wires_as_strong_as_cells_equal_a_dense_solution(dense, wires):
    """Most of the voltage drops in the wires: a current is a small part of sum G |V|, to which errors refer."""
    cells, voltages = array(9, 13, largest_S=1.0)
    expected, found = dense(cells, voltages, wires).currents_A, solve(cells, voltages, wires).currents_A
    assert np.abs(expected).max() < 0.3 * np.abs(voltages @ cells).max()
    assert np.abs(found - expected).max() < 1e-10 * np.abs(expected).max()


@pytest.mark.promise("crossbar.wires")
@pytest.mark.parametrize("wires", [Wires(0.35, 0.7, 20.0, 5.0), Wires(30.0, 8.0, 1.0, 2.0)], ids=str)
def test_larger_arrays_equal_a_sparse_solution(sparse_solution, wires):
    cells, voltages = array(64, 99)
    word_V, bit_V = sparse_solution(cells, voltages, wires)
    found = solve(cells, voltages, wires)
    assert np.abs(found.word_V - word_V).max() < 1e-10 * np.abs(voltages).max()
    assert np.abs(found.bit_V - bit_V).max() < 1e-10 * np.abs(voltages).max()


@pytest.mark.promise("crossbar.wires")
def test_swapped_rows_and_columns_are_not_the_same(dense):
    """Negative control: a solver that mixes up the two resistances is far from the dense solution."""
    cells, voltages = array(9, 13)
    expected = dense(cells, voltages, Wires(2.0, 5.0, 100.0, 50.0))
    for wrong in (Wires(5.0, 2.0, 100.0, 50.0), Wires(2.0, 5.0, 50.0, 100.0)):
        found = solve(cells, voltages, wrong)
        assert np.abs(found.currents_A - expected.currents_A).max() > 1e-4 * np.abs(expected.currents_A).max()


@pytest.mark.parametrize("wires", LIMITS, ids=str)
def test_lines_without_resistance_are_the_limit_of_small_ones(wires):
    """The limit and 1 nohm differ by the drop that 1 nohm makes, some 1e-10 of the voltage, and by no more."""
    cells, voltages = array(11, 9, largest_S=1e-3)
    exact = solve(cells, voltages, wires)
    assert_kirchhoff(cells, voltages, wires, exact)
    small = Wires(wires.row_ohm or 1e-9, wires.column_ohm or 1e-9, wires.driver_ohm, wires.sense_ohm)
    near = solve(cells, voltages, small)
    assert np.abs(exact.currents_A - near.currents_A).max() < 1e-9 * np.abs(near.currents_A).max()


def test_ideal_wires_give_the_plain_product():
    cells, voltages = array(6, 5)
    found = solve(cells, np.stack([voltages, 2 * voltages]), Wires())
    assert np.allclose(found.currents_A, np.stack([voltages @ cells, 2 * voltages @ cells]), rtol=1e-14, atol=0)
    assert found.iterations == 0


def test_solutions_superpose():
    cells, voltages = array(17, 12)
    wires, other = Wires(4.0, 3.0, 50.0, 20.0), array(17, 12, seed=8)[1]
    found = solve(cells, np.stack([voltages, other, 2 * voltages - 3 * other]), wires)
    assert np.abs(2 * found.word_V[0] - 3 * found.word_V[1] - found.word_V[2]).max() < 1e-11
    assert np.abs(2 * found.bit_V[0] - 3 * found.bit_V[1] - found.bit_V[2]).max() < 1e-11


def test_solutions_are_reciprocal():
    """A row at 1 V sends into a column at 0 V what that column at 1 V would send into the row."""
    cells, _ = array(17, 12)
    wires, turned = Wires(4.0, 3.0, 50.0, 20.0), Wires(3.0, 4.0, 20.0, 50.0)
    there = solve(cells, np.eye(17), wires).currents_A
    back = solve(cells[::-1, ::-1].T, np.eye(12), turned).currents_A[::-1, ::-1].T
    assert np.abs(there - back).max() < 1e-12 * there.max()
    wrong = solve(cells.T, np.eye(12), turned).currents_A.T  # negative control: drivers at the wrong ends
    assert np.abs(there - wrong).max() > 1e-3 * there.max()


def test_arrays_that_take_turns_do_not_disturb_each_other():
    """Working memory is shared between solutions; nodes of one stay when another of the same shape is solved."""
    cells, voltages = array(17, 12)
    first = solve(cells, voltages, Wires(4.0, 3.0))
    word, bit = first.word_V.copy(), first.bit_V.copy()
    solve(cells[:5], voltages[:5], Wires(1.0, 1.0))
    solve(0.5 * cells, -voltages, Wires(1.0, 1.0))
    again = solve(cells, voltages, Wires(4.0, 3.0))
    assert np.array_equal(first.word_V, word)
    assert np.array_equal(first.bit_V, bit)
    assert np.array_equal(again.word_V, word)


@pytest.mark.promise("crossbar.wires")
@pytest.mark.parametrize("ratio", [1.0, 1e2, 1e3, 1e4, 1e5, 1e6, 1e9])
@pytest.mark.parametrize("n", [64, 256])
def test_every_ratio_of_device_to_wire_converges(n, ratio):
    cells, voltages = array(n, n, largest_S=1 / ratio)
    wires = Wires(1.0, 1.0)
    # A drop sums n^2 / 2 cell currents, and each of them is off by the error of its voltages, 1e-12, over the ratio.
    bound = 1e-12 * max(1e3, n * n / ratio)
    assert_kirchhoff(cells, voltages, wires, solve(cells, voltages, wires), bound)


@pytest.mark.promise("crossbar.wires")
@pytest.mark.parametrize("ratio", [1e2, 1e6])
def test_the_largest_array_converges(ratio):
    cells, voltages = array(512, 512, largest_S=1 / ratio)
    wires = Wires(1.0, 1.0)
    assert_kirchhoff(cells, voltages, wires, solve(cells, voltages, wires), bound=1e-9)


def test_missed_tolerance_is_an_error():
    cells, voltages = array(64, 64, largest_S=1e-2)
    with pytest.raises(ConvergenceError, match=r"^Node voltages must reach a tolerance of 1e-30, not stop at [\d.e-]+"):
        solve(cells, voltages, Wires(1.0, 1.0), tolerance=1e-30)


@pytest.mark.parametrize(
    "wires", [Wires(3.0, 2.0, 50.0, 20.0), Wires(0, 0, 100, 50), Wires(), Wires(0, 2), Wires(2, 0)]
)
def test_floating_lines_carry_nothing(wires):
    """A line without a terminal takes no net current, and still joins its cells: sneak paths."""
    cells, voltages = array(12, 10, largest_S=1e-3)
    driven, sensed = np.ones(12, dtype=bool), np.ones(10, dtype=bool)
    driven[[4, 7]] = False
    sensed[2] = False
    found = solve(cells, voltages, wires, driven=driven, sensed=sensed)
    currents = cells * (found.word_V - found.bit_V)
    largest = np.abs(currents).max()
    assert np.abs(currents[[4, 7]].sum(axis=1)).max() < 1e-11 * largest
    assert abs(currents[:, 2].sum()) < 1e-11 * largest
    assert found.currents_A[2] == 0
    assert np.abs(currents[4]).max() > 1e-3 * largest, "test too weak: a floating row must pass sneak currents"
    cut = np.where(driven[:, None] & sensed, cells, 0.0)
    without = solve(cut, voltages, wires).currents_A
    assert np.abs(without - found.currents_A).max() > 1e-3 * np.abs(without).max(), "sneak paths must matter here"


@pytest.mark.parametrize(
    ("cells", "voltages", "text"),
    [
        (np.ones(3), np.ones(3), r"Conductances must be a matrix, not of shape \(3,\)"),
        (-np.ones((2, 2)), np.ones(2), "Conductances must be finite and 0 or more"),
        (np.full((2, 2), np.nan), np.ones(2), "Conductances must be finite and 0 or more"),
        (np.ones((2, 3)), np.ones(3), r"Voltages must be finite, 2 a vector, not of shape \(3,\)"),
        (np.ones((2, 3)), np.array([1, np.inf]), r"Voltages must be finite, 2 a vector, not of shape \(2,\)"),
    ],
)
def test_bad_arrays_are_refused(cells, voltages, text):
    with pytest.raises(InputError, match=f"^{text}$"):
        solve(cells, voltages, Wires(1.0, 1.0))


def test_bad_masks_and_resistances_are_refused():
    with pytest.raises(InputError, match=r"^Mask of driven lines must have shape \(2,\), not \(3,\)$"):
        Network(np.ones((2, 3)), Wires(), driven=np.ones(3))
    for value in (-1.0, np.inf, np.nan):
        with pytest.raises(InputError, match=f"^row_ohm must be 0 or more and finite, not {value}$"):
            Wires(row_ohm=value)


def test_first_segment_lies_between_driver_and_first_cell():
    """A cell alone is in series with one segment of each line, and the n-th cell with n."""
    assert solve(np.array([[1e-3]]), np.array([1.0]), Wires(100.0, 100.0)).currents_A[0] == pytest.approx(1 / 1200)
    far = solve(np.array([[1e-15, 1e-15, 1e-3]]), np.array([1.0]), Wires(100.0, 0.0))
    assert far.currents_A[2] == pytest.approx(1 / 1300)
