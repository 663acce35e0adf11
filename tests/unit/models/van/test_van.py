"""Autoregressive networks: exact references, enumerated gradients, training, and honest weights on noisy hardware."""

import numpy as np
import pytest

from spinchip.emulator.oracle.enumeration import boltzmann_answer
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.models.van.directed_pbits import DirectedHardware, draw_directed
from spinchip.models.van.exact import (
    SQUARE,
    enumerated,
    half_energies,
    hopfield_couplings,
    hopfield_free_energy,
    sk_couplings,
    torus_couplings,
    triangular_entropy,
    triangular_free_energy,
)
from spinchip.models.van.fvsbn import Fvsbn
from spinchip.models.van.training import VanPlan, energies_of, enumerated_free_energy, free_energy, gradient, train_van

GLASS, BETA = sk_couplings(12, 4), 1.0
PLAN = VanPlan(tuple(np.round(np.arange(0.1, 1.01, 0.1), 3).tolist()), 40, 500, 0.02)


@pytest.fixture(scope="module")
def trained():
    return train_van(GLASS, PLAN, 1)[BETA]


def every_state(n):
    return (2 * ((np.arange(1 << n)[:, None] >> np.arange(n)) & 1) - 1).astype(np.int8)


def random_network(n, seed, scale=0.5):
    return Fvsbn(np.tril(scale * np.random.default_rng(seed).standard_normal((n, n)), -1))


@pytest.mark.promise("van.exact")
def test_exact_references_have_their_printed_digits():
    glass = sk_couplings(20, 1)
    assert half_energies(glass).min() / 20 == pytest.approx(-0.610082, abs=5e-7)
    found = enumerated(glass, (0.5, 2.0, 5.0))
    assert [one.free_energy for one in found] == pytest.approx([-1.483042, -0.697969, -0.633972], abs=5e-7)
    assert triangular_entropy(6, 3.0) == pytest.approx(0.346777, abs=1e-6)
    assert triangular_free_energy(16, 3.0) == pytest.approx(-1.106769, abs=1e-6)
    assert hopfield_free_energy(100, 1.5) == pytest.approx(-0.541882, abs=5e-7)
    assert hopfield_free_energy(40, 1.5) == pytest.approx(-0.548002, abs=5e-7)


@pytest.mark.promise("van.exact")
def test_thermodynamics_agree_with_the_oracle():
    instance = IsingInstance(GLASS, np.zeros(12))
    answer, mine = boltzmann_answer(instance, 0.7), enumerated(GLASS, (0.7,))[0]
    assert mine.free_energy == pytest.approx(-answer.log_z / (0.7 * 12), abs=1e-12)
    assert mine.energy * 12 == pytest.approx(float(answer.law @ instance.energies(every_state(12))), abs=1e-10)


@pytest.mark.promise("van.exact")
def test_triangular_torus_of_four_has_42_ground_states():
    couplings = np.zeros((16, 16))
    sites = np.arange(16).reshape(4, 4)
    for step in ((1, 0), (0, 1), (1, 1)):
        moved = np.roll(sites, step, axis=(0, 1)).ravel()
        np.add.at(couplings, (sites.ravel(), moved), -1.0)
        np.add.at(couplings, (moved, sites.ravel()), -1.0)
    energies = half_energies(couplings)
    assert 2 * np.isclose(energies, energies.min()).sum() == 42
    assert enumerated(couplings, (1.0,))[0].free_energy == pytest.approx(triangular_free_energy(4, 1.0), abs=1e-10)


@pytest.mark.promise("van.exact")
def test_hopfield_groups_agree_with_enumeration():
    couplings, _ = hopfield_couplings(12)
    assert enumerated(couplings, (1.3,))[0].free_energy == pytest.approx(hopfield_free_energy(12, 1.3), abs=1e-12)


def test_network_is_normalised_and_its_samples_follow_it():
    network = random_network(6, 1)
    states, log_q = network.enumerated()
    assert np.exp(log_q).sum() == pytest.approx(1.0, abs=1e-12)
    drawn = network.sample(100_000, 2)
    counts = np.bincount((drawn > 0) @ (1 << np.arange(6)), minlength=64)
    z = (counts - 1e5 * np.exp(log_q)) / np.sqrt(1e5 * np.exp(log_q))
    assert (z**2).sum() < 63 + 4.0 * np.sqrt(126)
    other = random_network(6, 3).log_probabilities(states)
    assert (((counts - 1e5 * np.exp(other)) ** 2) / (1e5 * np.exp(other))).sum() > 1000.0


def test_gradient_is_that_of_the_enumerated_free_energy():
    """300 000 states: each of 15 derivatives within five standard errors, and the sign turned around is not."""
    couplings, network = sk_couplings(6, 2), random_network(6, 5)
    estimate = gradient(network, couplings, BETA, network.sample(300_000, 6))
    exact = np.zeros((6, 6))
    for i, j in zip(*np.tril_indices(6, -1), strict=True):
        step = np.zeros((6, 6))
        step[i, j] = 1e-5
        above, below = (enumerated_free_energy(Fvsbn(network.weights + s * step), couplings, BETA)[0] for s in (1, -1))
        exact[i, j] = BETA * 6 * (above - below) / 2e-5
    assert np.abs(estimate - exact).max() < 0.02
    assert np.abs(estimate + exact).max() > 0.1


def test_training_meets_the_exact_free_energy_from_above(trained):
    found, total = enumerated_free_energy(trained, GLASS, BETA)
    exact = enumerated(GLASS, (BETA,))[0].free_energy
    assert total == pytest.approx(1.0, abs=1e-10)
    assert 0.0 <= (found - exact) / abs(exact) < 2e-3
    start = enumerated_free_energy(Fvsbn(np.zeros((12, 12))), GLASS, BETA)[0]
    assert (start - exact) / abs(exact) > 0.05


def test_weights_make_energies_and_heat_capacities_exact(trained):
    spins = trained.sample(100_000, 3)
    found = free_energy(GLASS, BETA, spins, trained.log_probabilities(spins))
    exact = enumerated(GLASS, (BETA,))[0]
    assert abs(found.reweighted - exact.free_energy) < 4.0 * found.error
    assert found.energy == pytest.approx(exact.energy, abs=2e-3)
    assert found.heat_capacity == pytest.approx(exact.heat_capacity, rel=0.03)
    assert found.variational >= exact.free_energy - 1e-4


@pytest.mark.promise("generative.no-bypass")
def test_only_realised_probabilities_stay_unbiased_on_noisy_hardware(trained):
    """Read noise of 0.5: realised weights give the exact energy, ideal ones miss it though their ESS is higher."""
    exact = enumerated(GLASS, (BETA,))[0]
    drawn = draw_directed(trained, DirectedHardware(read_noise=0.5), 400_000, 7)
    realised, ideal = (free_energy(GLASS, BETA, drawn.spins, one) for one in (drawn.realised, drawn.ideal))
    spread = np.sqrt(exact.heat_capacity / 12) / BETA / np.sqrt(realised.effective * 400_000)
    assert abs(realised.energy - exact.energy) < 5.0 * spread
    assert abs(ideal.energy - exact.energy) > 20.0 * spread
    assert ideal.effective > realised.effective


@pytest.mark.parametrize("hardware", [DirectedHardware(weight_bits=4), DirectedHardware(device_name="pcm_ibm")])
def test_imperfect_cells_are_undone_by_realised_weights(trained, hardware):
    exact = enumerated(GLASS, (BETA,))[0]
    drawn = draw_directed(trained, hardware, 200_000, 8)
    found = free_energy(GLASS, BETA, drawn.spins, drawn.realised)
    assert abs(found.reweighted - exact.free_energy) < 5.0 * found.error
    assert drawn.cycles == 12


@pytest.mark.promise("generative.no-bypass")
def test_nothing_bypasses_the_hardware(trained):
    """One-bit weights, a doubled slope, a day of drift: each makes the free energy worse."""
    exact = enumerated(GLASS, (BETA,))[0].free_energy
    errors = {}
    for name, hardware in (
        ("exact", DirectedHardware()),
        ("bits", DirectedHardware(weight_bits=1)),
        ("slope", DirectedHardware(slope=2.0)),
        ("drift", DirectedHardware(device_name="pcm_ibm", after_s=86400.0)),
    ):
        drawn = draw_directed(trained, hardware, 50_000, 9)
        errors[name] = free_energy(GLASS, BETA, drawn.spins, drawn.realised).variational - exact
    assert all(errors[name] > errors["exact"] + 0.005 for name in ("bits", "slope", "drift"))


def test_exact_hardware_draws_the_network():
    network = random_network(5, 11)
    drawn = draw_directed(network, DirectedHardware(), 100_000, 12)
    np.testing.assert_allclose(drawn.realised, drawn.ideal, atol=1e-12)
    _, log_q = network.enumerated()
    counts = np.bincount((drawn.spins > 0) @ (1 << np.arange(5)), minlength=32)
    assert (((counts - 1e5 * np.exp(log_q)) ** 2) / (1e5 * np.exp(log_q))).sum() < 31 + 5.0 * np.sqrt(62)


def test_torus_has_two_bonds_a_site():
    couplings = torus_couplings(4, SQUARE, 1.0)
    assert couplings.sum() == 4 * 16
    assert energies_of(couplings, np.ones((1, 16)))[0] == -32.0


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: Fvsbn(np.ones((3, 3))), "strictly lower triangular"),
        (lambda: VanPlan((0.5, 0.4)), "Betas must rise from above 0"),
        (lambda: VanPlan((0.0,)), "Betas must rise from above 0"),
        (lambda: train_van(np.triu(np.ones((3, 3)), 1), VanPlan((1.0,)), 1), "Couplings must be symmetric"),
        (lambda: half_energies(np.zeros((30, 30))), "Couplings must be of 2 to 22 spins"),
        (lambda: enumerated(GLASS, (0.0,)), "Inverse temperature must be above 0"),
        (lambda: triangular_free_energy(5, 1.0), "Side must be even"),
        (lambda: DirectedHardware(weight_bits=0), "Bits of a weight must be 1 to 16"),
    ],
)
def test_bad_input_is_one_line(call, fault):
    with pytest.raises(InputError, match=fault):
        call()
