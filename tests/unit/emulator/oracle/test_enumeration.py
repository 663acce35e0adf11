"""Oracle against a naive twin: Boltzmann laws by enumeration."""

import itertools
import math

import numpy as np
import pytest

from spinchip.emulator.oracle.enumeration import boltzmann_answer, boltzmann_law, ground_states, state_energies
from spinchip.emulator.oracle.law_distance import kl_divergence, total_variation
from spinchip.emulator.oracle.law_moments import law_moments
from spinchip.emulator.oracle.states import all_spins, state_indices
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance

# Both sides sum at most 2^7 terms of order 10 in float64: 2^7 * 10 * 2^-52 < 3e-13.
ROUNDING = 3e-13


def random_instance(n, seed, bias=0.5):
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.6), 1)
    return IsingInstance(upper + upper.T, bias * rng.normal(size=n))


def ring(n, coupling, bias=0.0):
    return IsingInstance.from_edges(n, [(i, (i + 1) % n) for i in range(n)], [coupling] * n, [bias] * n)


def naive_energy(instance, spins):
    matrix = instance.couplings.toarray()
    n = len(spins)
    energy = -sum(instance.biases[i] * spins[i] for i in range(n))
    return energy - sum(matrix[i, j] * spins[i] * spins[j] for i in range(n) for j in range(i + 1, n))


def naive_answer(instance, beta, clamps):
    """Return {spins: probability}, ln Z and the mean energy from the definitions, in plain Python."""
    weights = {}
    for spins in itertools.product((-1, 1), repeat=instance.n_spins):
        if all(c in (0, s) for c, s in zip(clamps, spins, strict=True)):
            weights[spins] = math.exp(-beta * naive_energy(instance, spins))
    z = math.fsum(weights.values())
    law = {spins: weight / z for spins, weight in weights.items()}
    return law, math.log(z), math.fsum(p * naive_energy(instance, spins) for spins, p in law.items())


@pytest.mark.promise("oracle.enumeration")
@pytest.mark.parametrize("clamps", [[0] * 7, [0, 1, 0, 0, -1, 0, 0], [1, -1, 1, -1, 1, -1, 1]])
def test_law_equals_naive_twin(clamps):
    instance = random_instance(7, seed=3)
    answer = boltzmann_answer(instance, 0.7, clamps)
    law, log_z, mean_energy = naive_answer(instance, 0.7, clamps)
    expected = np.zeros(2**7)
    for spins, p in law.items():
        expected[sum(1 << i for i, s in enumerate(spins) if s == 1)] = p
    assert np.abs(answer.law - expected).max() < ROUNDING
    assert answer.log_z == pytest.approx(log_z, abs=ROUNDING)
    assert answer.moments.mean_energy == pytest.approx(mean_energy, abs=ROUNDING)
    for i in range(7):
        assert answer.moments.spin_means[i] == pytest.approx(sum(p * s[i] for s, p in law.items()), abs=ROUNDING)
    for (i, j), mean in zip(instance.edges, answer.moments.edge_means, strict=True):
        assert mean == pytest.approx(sum(p * s[i] * s[j] for s, p in law.items()), abs=ROUNDING)


@pytest.mark.promise("oracle.enumeration")
def test_wrong_sign_of_biases_is_seen():
    instance = random_instance(7, seed=3)
    wrong = IsingInstance(instance.couplings, -instance.biases)
    assert total_variation(boltzmann_law(instance, 0.7), boltzmann_law(wrong, 0.7)) > 0.1


def test_heat_capacity_is_the_slope_of_the_energy():
    instance, beta, step = random_instance(9, seed=5), 0.6, 1e-4
    answer = boltzmann_answer(instance, beta)
    ahead, behind = (boltzmann_answer(instance, beta + d).moments.mean_energy for d in (step, -step))
    # Error of the central difference: step^2 / 6 times a third cumulant (25 here), and rounding 1e-13 / step.
    slope_error = beta**2 * (step**2 / 6 * 100 + 1e-13 / step)
    assert answer.heat_capacity == pytest.approx(-(beta**2) * (ahead - behind) / (2 * step), abs=slope_error)
    assert answer.heat_capacity > 1000 * slope_error  # the comparison could fail


def test_ring_of_the_notes():
    # Source: notes/p-computer.md, section 2.4: exact <m> = .37363, <E> = -3.83732 to the digits printed.
    answer = boltzmann_answer(ring(6, 1.0, 0.3), 0.5)
    assert answer.moments.magnetization == pytest.approx(0.37363, abs=5e-6)
    assert answer.moments.mean_energy == pytest.approx(-3.83732, abs=5e-6)


def test_energies_equal_those_of_the_instance():
    instance = random_instance(11, seed=8)
    assert np.abs(state_energies(instance) - instance.energies(all_spins(11))).max() < ROUNDING


def test_state_indices_invert_all_spins():
    assert np.array_equal(state_indices(all_spins(9)), np.arange(2**9))
    assert state_indices([1, -1, -1]) == 1  # spin 0 is the lowest bit


@pytest.mark.promise("oracle.enumeration")
def test_twenty_spins_agree_with_independent_halves():
    left, right = random_instance(10, seed=1), random_instance(10, seed=2)
    matrix = np.zeros((20, 20))
    matrix[:10, :10], matrix[10:, 10:] = left.couplings.toarray(), right.couplings.toarray()
    both = IsingInstance(matrix, np.concatenate([left.biases, right.biases]))
    # Spins 0..9 are the low bits, so the law of the whole is the outer product with the right half first.
    product = np.outer(boltzmann_law(right, 0.5), boltzmann_law(left, 0.5)).ravel()
    assert total_variation(boltzmann_law(both, 0.5), product) < 1e-12


def test_twenty_one_spins_are_refused():
    with pytest.raises(InputError, match=r"^Spins must be 1\.\.20 to enumerate their states, not 21$"):
        boltzmann_law(ring(21, 1.0), 0.5)


@pytest.mark.parametrize("beta", [-0.1, float("nan"), float("inf")])
def test_beta_out_of_range_is_refused(beta):
    with pytest.raises(InputError, match=r"^Inverse temperature must be finite and 0 or more, not "):
        boltzmann_law(ring(4, 1.0), beta)


def test_clamps_out_of_range_are_refused():
    with pytest.raises(InputError, match=r"^Clamps must be 4 values out of -1, 0, \+1$"):
        boltzmann_law(ring(4, 1.0), 0.5, [0, 2, 0, 0])


@pytest.mark.parametrize(("n", "coupling", "n_ground"), [(6, 1.0, 2), (6, -1.0, 2), (7, -0.1, 14), (5, -1.0, 10)])
def test_ground_states_of_rings(n, coupling, n_ground):
    # An odd antiferromagnetic ring leaves one bond unsatisfied: 2 n ground states, energy -(n - 2) |J|. The coupling
    # of -0.1, no binary fraction, needs the tolerance for ties.
    energy, indices = ground_states(ring(n, coupling))
    broken = 1 if coupling < 0 and n % 2 else 0
    assert energy == pytest.approx(-(n - 2 * broken) * abs(coupling), abs=1e-14)
    assert len(indices) == n_ground


def test_ground_states_respect_clamps():
    energy, indices = ground_states(ring(4, 1.0, 0.25), clamps=[-1, 0, 0, 0])
    assert energy == pytest.approx(-3.0)
    assert indices.tolist() == [0]


def test_moments_of_a_histogram():
    instance = ring(3, 1.0, 0.5)
    histogram = np.zeros(8)
    histogram[[0b000, 0b011]] = 0.25, 0.75
    moments = law_moments(histogram, instance)
    assert np.allclose(moments.spin_means, [0.5, 0.5, -1.0], atol=1e-15)
    assert np.allclose(moments.edge_means, [1.0, -0.5, -0.5], atol=1e-15)  # edges 01, 02, 12
    assert moments.mean_energy == pytest.approx(0.25 * -1.5 + 0.75 * 0.5)


def test_total_variation_is_the_largest_difference_of_an_event():
    rng = np.random.default_rng(1)
    p, q = rng.dirichlet(np.ones(8)), rng.dirichlet(np.ones(8))
    events = itertools.product((0, 1), repeat=8)
    assert total_variation(p, q) == pytest.approx(max(np.dot(event, p - q) for event in events), abs=1e-15)
    assert kl_divergence([1.0, 0.0], [0.0, 1.0]) == math.inf


def test_laws_of_different_size_are_refused():
    with pytest.raises(InputError, match=r"^Distributions must be over the same states, .*\(2,\) and \(3,\)$"):
        total_variation([0.5, 0.5], [0.2, 0.3, 0.5])
