"""Every formula to its order on exact moments, exact where it must be; the wrong sign of Bethe's is caught."""

import numpy as np
import pytest

from spinchip.calibration.inverse_ising.infer import infer_from_moments, moments_of_law, moments_of_states
from spinchip.calibration.inverse_ising.mean_field import MOMENT_METHODS
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.states import all_spins
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance

# Power of the couplings in the error of couplings and of biases, with biases of order 1. Sessak and Monasson's formula
# holds through the third order for any correlations, so its error is of the fourth or a higher one.
ORDERS = {
    "naive_mean_field": (2, 2),
    "tap": (3, 3),
    "independent_pairs": (2, 2),
    "sessak_monasson": (4, 4),
    "bethe": (3, 3),
}
SLACK = 0.4  # between scales 0.02 and 0.01 the next order is 2 % of the first: 0.03 of a power, times its coefficient


def glass(n, seed, scale=1.0, bias=0.5):
    rng = np.random.default_rng(seed)
    couplings = np.triu(rng.normal(size=(n, n)), 1)
    return scale * (couplings + couplings.T), bias * rng.normal(size=n)


def exact_moments(couplings, biases):
    return moments_of_law(boltzmann_law(IsingInstance(couplings, biases), 1.0))


def tree(n, seed):
    rng, couplings = np.random.default_rng(seed), np.zeros((n, n))
    for i in range(1, n):
        j = rng.integers(i)
        couplings[i, j] = couplings[j, i] = rng.normal()
    return couplings, rng.normal(size=n)


def errors_at(method, scale):
    couplings, biases = glass(6, 1, scale)
    found = infer_from_moments(*exact_moments(couplings, biases), method)
    return np.array([np.abs(found.couplings - couplings).max(), np.abs(found.biases - biases).max()])


@pytest.mark.parametrize("method", MOMENT_METHODS)
def test_error_is_of_the_known_order(method):
    powers = np.log2(errors_at(method, 0.02) / errors_at(method, 0.01))
    expected = np.array(ORDERS[method])
    assert (powers > expected - SLACK).all(), powers
    if method != "sessak_monasson":
        assert (powers < expected + SLACK).all(), powers


@pytest.mark.parametrize("method", ["independent_pairs", "sessak_monasson", "bethe"])
def test_two_spins_are_exact(method):
    couplings, biases = np.array([[0.0, 0.7], [0.7, 0.0]]), np.array([0.3, -0.5])
    found = infer_from_moments(*exact_moments(couplings, biases), method)
    assert np.allclose(found.couplings, couplings, atol=1e-12)
    assert np.allclose(found.biases, biases, atol=1e-12)


@pytest.mark.promise("calibration.machine")
def test_bethe_is_exact_on_trees_and_the_printed_sign_is_not():
    couplings, biases = tree(8, 2)
    m, c = exact_moments(couplings, biases)
    found = infer_from_moments(m, c, "bethe")
    assert np.allclose(found.couplings, couplings, atol=1e-10)
    assert np.allclose(found.biases, biases, atol=1e-10)
    for method in ("naive_mean_field", "sessak_monasson"):
        assert infer_from_moments(m, c, method).distance(couplings) > 1e-3
    # Eq. 27 of arXiv:1809.10606 as printed, without biases: artanh of the same with the other sign.
    _, c = exact_moments(couplings, np.zeros(8))
    printed = 0.5 * np.arcsinh(2.0 * np.linalg.inv(c)) * ~np.eye(8, dtype=bool)
    assert np.allclose(printed, -couplings, atol=1e-10)
    assert infer_from_moments(np.zeros(8), c, "bethe").distance(-printed) < 1e-10


@pytest.mark.parametrize(
    ("beta", "naive", "pairs_and_loops", "trees"),
    [(0.3, 2.1e-3, 1.3e-4, 5.9e-4), (1.5, 0.275, 0.299, 0.103)],
)
def test_glass_of_twenty_spins_has_the_errors_computed_before(beta, naive, pairs_and_loops, trees):
    couplings = np.triu(np.random.default_rng(1).normal(size=(20, 20)) / np.sqrt(20), 1)
    couplings = beta * (couplings + couplings.T)
    moments = exact_moments(couplings, np.zeros(20))
    expected = {"naive_mean_field": naive, "sessak_monasson": pairs_and_loops, "bethe": trees, "tap": naive}
    for method, value in expected.items():
        assert infer_from_moments(*moments, method).distance(couplings) / beta == pytest.approx(
            value, rel=0.05
        )  # two digits


def test_moments_of_states_are_those_of_their_histogram():
    law = boltzmann_law(IsingInstance(*glass(4, 3)), 1.0)
    counts = np.round(1000 * law).astype(int)
    states = np.repeat(all_spins(4), counts, axis=0)
    for found, expected in zip(moments_of_states(states), moments_of_law(counts / counts.sum()), strict=True):
        assert np.allclose(found, expected, atol=1e-14)


def test_instance_of_the_answer_has_the_law():
    couplings, biases = tree(5, 4)
    found = infer_from_moments(*exact_moments(couplings, biases), "bethe").instance(beta=0.5)
    law = boltzmann_law(IsingInstance(couplings, biases), 1.0)
    assert np.allclose(boltzmann_law(found, 0.5), law, atol=1e-12)


@pytest.mark.parametrize(
    ("m", "c", "method", "text"),
    [
        ([0.0, 1.0], np.diag([1.0, 0.0]), "bethe", r"Spin 1 must be seen in both states, not with a mean of 1"),
        ([0.0, 0.0], np.eye(3), "tap", r"Moments must be n means and n x n covariances, not \(2,\) and \(3, 3\)"),
        ([0.0, np.nan], np.eye(2), "tap", "Moments must be finite, not NaN or infinite"),
        ([0.0, 0.5], np.eye(2), "tap", "Covariances must be symmetric with 1 - m.2 on the diagonal, not others"),
        ([0.0, 0.0], np.ones((2, 2)), "bethe", r"Covariances must be positive definite \(.* above 1e-09\), not .*"),
        ([0.0, 0.0], np.eye(2), "magic", r"Method must be one of .*, pseudolikelihood, not 'magic'"),
        (
            [0.6, 0.6, 0.6],
            0.64 * np.eye(3) + 0.36 * (np.ones((3, 3)) - np.eye(3)) * np.array([[0, 1, 1], [1, 0, -0.2], [1, -0.2, 0]]),
            "bethe",
            "Spins 1 and 2 must be weakly correlated enough for the Bethe approximation.*",
        ),
    ],
)
def test_moments_of_no_spins_are_refused(m, c, method, text):
    with pytest.raises(InputError, match=f"^{text}$"):
        infer_from_moments(m, c, method)
