"""Oracle against oracle: transfer matrices, Kaufman's torus, enumeration and closed forms."""

import numpy as np
import pytest
from scipy.special import ellipk

from spinchip.emulator.oracle.enumeration import boltzmann_answer
from spinchip.emulator.oracle.kaufman import torus_answer
from spinchip.emulator.oracle.transfer_matrix import strip_answer
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance

BETA_CRITICAL = 0.5 * np.log(1 + np.sqrt(2))
BETAS = [0.01, 0.3, 0.44, BETA_CRITICAL, 0.6, 2.0, 8.0]


def strip(width, length, seed=None, periodic=(False, False)):
    """Return a strip, spin = column * width + row: J = 1 and h = 0, or normal couplings and biases from a seed."""
    bonds = {}
    rng = np.random.default_rng(seed)
    for column in range(length):
        for row in range(width):
            for next_column, next_row in ((column, row + 1), (column + 1, row)):
                inside = next_column < length and next_row < width
                if inside or (periodic[0] and next_row == width) or (periodic[1] and next_column == length):
                    pair = (column * width + row, next_column % length * width + next_row % width)
                    pair = (min(pair), max(pair))
                    bonds[pair] = bonds.get(pair, 0.0) + (1.0 if seed is None else rng.normal())
    bonds = {pair: value for pair, value in bonds.items() if pair[0] != pair[1]}
    biases = np.zeros(width * length) if seed is None else rng.normal(size=width * length)
    return IsingInstance.from_edges(width * length, list(bonds), list(bonds.values()), biases)


def agrees(strip_result, enumerated, rounding=1e-12):
    """Compare; 2^15 terms of order 50 in float64 round to 1e-12 at the very worst."""
    return (
        abs(strip_result.log_z - enumerated.log_z) < rounding
        and abs(strip_result.mean_energy - enumerated.moments.mean_energy) < rounding
        and np.abs(strip_result.spin_means - enumerated.moments.spin_means).max() < rounding
    )


@pytest.mark.promise("oracle.transfer-matrix")
@pytest.mark.parametrize("periodic", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize(("width", "length"), [(1, 1), (1, 2), (1, 9), (2, 2), (2, 5), (3, 4), (4, 3), (5, 3), (5, 1)])
def test_random_strip_equals_enumeration(width, length, periodic):
    instance = strip(width, length, seed=10 * width + length, periodic=periodic)
    assert agrees(strip_answer(instance, width, 0.8), boltzmann_answer(instance, 0.8))


@pytest.mark.promise("oracle.transfer-matrix")
def test_one_wrong_bias_is_seen():
    instance = strip(3, 4, seed=34, periodic=(True, True))
    wrong = IsingInstance(instance.couplings, instance.biases + 1e-9 * np.eye(12)[7])
    assert not agrees(strip_answer(wrong, 3, 0.8), boltzmann_answer(instance, 0.8))


def test_strip_starts_in_batches(monkeypatch):
    instance = strip(4, 3, seed=1, periodic=(True, True))
    whole = strip_answer(instance, 4, 0.5)
    monkeypatch.setattr("spinchip.emulator.oracle.transfer_matrix.STORED_VALUES", 3 * 16 * 5)  # 5 of 16 starts at once
    batched = strip_answer(instance, 4, 0.5)
    assert batched.log_z == pytest.approx(whole.log_z, abs=1e-13)
    assert batched.mean_energy == pytest.approx(whole.mean_energy, abs=1e-13)
    assert np.abs(batched.spin_means - whole.spin_means).max() < 1e-13


@pytest.mark.promise("oracle.transfer-matrix")
def test_long_ring_equals_its_eigenvalues():
    n, beta, coupling, bias = 1000, 0.9, 1.0, 0.3
    ring = IsingInstance.from_edges(n, [(i, (i + 1) % n) for i in range(n)], [coupling] * n, [bias] * n)
    cosh, sinh = np.cosh(beta * bias), np.sinh(beta * bias)
    root = np.sqrt(sinh**2 + np.exp(-4 * beta * coupling))
    high, low = cosh + root, cosh - root
    answer = strip_answer(ring, 1, beta)
    log_z = n * (beta * coupling + np.log(high)) + np.log1p((low / high) ** n)
    assert answer.log_z == pytest.approx(log_z, rel=1e-13)
    assert np.allclose(answer.spin_means, sinh / root, rtol=0, atol=1e-12)  # the other eigenvalue is down by 1e-200


def test_cold_strip_neither_overflows_nor_vanishes():
    answer = strip_answer(strip(4, 30), 4, 50.0)
    n_bonds = 4 * 29 + 3 * 30
    assert answer.mean_energy == pytest.approx(-n_bonds, abs=1e-9)
    assert answer.log_z == pytest.approx(50.0 * n_bonds + np.log(2), rel=1e-12)


def test_coupling_across_the_strip_is_refused():
    rule = r"^Coupling must stay in its column or row of a strip of width 2, not 0 to 3$"
    with pytest.raises(InputError, match=rule):
        strip_answer(IsingInstance.from_edges(6, [(0, 3)], [1.0]), 2, 0.5)


def test_width_that_does_not_divide_is_refused():
    with pytest.raises(InputError, match=r"^Width must divide the number of spins, 6, not 4$"):
        strip_answer(strip(2, 3), 4, 0.5)


def test_wide_periodic_strip_is_refused():
    with pytest.raises(InputError, match=r"^Width of this strip must be at most 12, not 13$"):
        strip_answer(strip(13, 3, periodic=(False, True)), 13, 0.5)


@pytest.mark.promise("oracle.kaufman")
@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (2, 3), (3, 3), (3, 4), (4, 3), (4, 4), (5, 3)])
def test_torus_equals_enumeration(rows, columns, beta):
    exact = boltzmann_answer(strip(rows, columns, periodic=(True, True)), beta)
    torus = torus_answer(rows, columns, beta)
    rounding = 1e-12 * max(1.0, beta**2)  # beta^2 multiplies the rounding of the variance
    assert torus.log_z == pytest.approx(exact.log_z, abs=1e-12)
    # A sum over 2^n states rounds by eps 2^(n/2) of its size; four times that.
    summed = 4 * np.finfo(float).eps * 2.0 ** (rows * columns / 2) * abs(torus.mean_energy)
    assert torus.mean_energy == pytest.approx(exact.moments.mean_energy, abs=max(1e-12, summed))
    assert torus.heat_capacity == pytest.approx(exact.heat_capacity, abs=rounding)


@pytest.mark.promise("oracle.kaufman")
@pytest.mark.parametrize("beta", [0.3, 0.44, 0.6])
@pytest.mark.parametrize(("rows", "columns"), [(4, 16), (7, 6)])
def test_torus_equals_transfer_matrix(rows, columns, beta):
    exact = strip_answer(strip(rows, columns, periodic=(True, True)), rows, beta)
    torus = torus_answer(rows, columns, beta)
    assert torus.log_z == pytest.approx(exact.log_z, abs=1e-11)
    assert torus.mean_energy == pytest.approx(exact.mean_energy, abs=1e-11)


def naive_log_z(n, beta):
    """Return ln Z of the n x n torus from Kaufman's printed formula, in 80-bit floats without any care."""
    k = np.longdouble(beta)
    ell = np.arange(1, 2 * n)
    gamma = np.arccosh(np.cosh(2 * k) / np.tanh(2 * k) - np.cos(ell * np.longdouble(np.pi) / n))
    gamma = np.concatenate([[2 * k + np.log(np.tanh(k))], gamma]) * n / 2
    odd, even = gamma[1::2], gamma[0::2]
    products = [np.prod(2 * f(x)) for x in (odd, even) for f in (np.cosh, np.sinh)]
    return float(np.log((2 * np.sinh(2 * k)) ** (np.longdouble(n * n) / 2) / 2 * sum(products)))


@pytest.mark.promise("oracle.kaufman")
@pytest.mark.parametrize("beta", [0.3, 0.44, 0.6])
def test_torus_of_side_16_equals_naive_twin(beta):
    step = 1e-4
    torus = torus_answer(16, 16, beta)
    ahead, here, behind = (naive_log_z(16, beta + d) for d in (step, 0, -step))
    assert torus.log_z == pytest.approx(here, abs=1e-12)
    # Central difference: step^2 / 6 times the third derivative (2.3e4 at 0.44), and rounding 1e-13 / step.
    assert torus.mean_energy == pytest.approx(-(ahead - behind) / (2 * step), abs=1e-4)
    # Second difference: step^2 / 12 times the fourth derivative (1.1e6 at 0.44), and rounding 4e-13 / step^2.
    curvature = (ahead - 2 * here + behind) / step**2
    assert torus.heat_capacity == pytest.approx(beta**2 * curvature, abs=beta**2 * (2e-3 + 4e-5))


@pytest.mark.parametrize("beta", [0.25, 0.55])
def test_large_torus_equals_onsager(beta):
    # Finite-size terms fall as exp(-L / xi): below 1e-12 at L = 256 this far from the critical point.
    bulk_modulus = (2 * np.sinh(2 * beta) / np.cosh(2 * beta) ** 2) ** 2
    slope = 2 * np.tanh(2 * beta) ** 2 - 1
    onsager = -(1 + 2 / np.pi * slope * ellipk(bulk_modulus)) / np.tanh(2 * beta)
    assert torus_answer(256, 256, beta).mean_energy / 256**2 == pytest.approx(onsager, abs=1e-12)


@pytest.mark.parametrize("beta", [0.3, BETA_CRITICAL, BETA_CRITICAL * (1 + 1e-9), 0.6])
def test_torus_does_not_care_which_side_is_which(beta):
    one, other = torus_answer(8, 20, beta), torus_answer(20, 8, beta)
    assert one.log_z == pytest.approx(other.log_z, rel=1e-14)
    assert one.mean_energy == pytest.approx(other.mean_energy, rel=1e-12)
    assert one.heat_capacity == pytest.approx(other.heat_capacity, rel=1e-10)


def test_torus_at_the_ends_of_its_range():
    hot, cold = torus_answer(16, 16, 0.0), torus_answer(16, 16, 150.0)
    assert (hot.log_z, hot.mean_energy, hot.heat_capacity) == (256 * np.log(2), 0.0, 0.0)
    assert cold.mean_energy == pytest.approx(-512, rel=1e-12)
    assert cold.log_z == pytest.approx(150.0 * 512 + np.log(2), rel=1e-14)


@pytest.mark.parametrize("beta", [-0.1, 151.0, float("nan")])
def test_torus_beta_out_of_range_is_refused(beta):
    with pytest.raises(InputError, match=r"^Inverse temperature must be in 0\.\.150, not "):
        torus_answer(4, 4, beta)


def test_torus_side_1_is_refused():
    with pytest.raises(InputError, match=r"^Sides of the torus must be whole numbers of 2 or more, not 1 and 4$"):
        torus_answer(1, 4, 0.5)
