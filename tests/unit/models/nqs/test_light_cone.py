"""Light cones: spin-wave ground state, conserved energy, speed against magnons, and exact evolution of 4 x 4."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.nqs.hamiltonian import Heisenberg, bond_matrix, exact_ground_state
from spinchip.models.nqs.lattice import Lattice
from spinchip.models.nqs.light_cone import SpinWaves, correlations, evolve_pairs, light_cones
from spinchip.models.nqs.quench import evolved, expectation


def test_ground_state_is_that_of_linear_spin_waves():
    """Anderson 1952: E / N = -0.658 and a moment of 0.303 for the large square; side 96 is within its 1 / L."""
    occupation, pairs = SpinWaves(96).ground()
    assert 2.0 * correlations(occupation, pairs)[1, 0] == pytest.approx(-0.658, abs=1e-3)
    assert 0.5 - occupation.mean() == pytest.approx(0.3034, abs=0.012)


def test_energy_is_conserved_and_rest_stays_at_rest():
    before, after = SpinWaves(24), SpinWaves(24, 0.2)
    energies = []
    for occupation, pairs in evolve_pairs(before, after, 0.02, 200):
        energies.append((2.0 * after.diagonal * occupation + 2.0 * after.pairing * pairs.real).sum())
    assert np.ptp(energies) < 1e-5 * abs(energies[0])
    still = [correlations(*state) for state in evolve_pairs(before, before, 0.02, 50)]
    np.testing.assert_allclose(still[-1], still[0], atol=1e-9)


@pytest.mark.promise("nqs.supermagnonic")
@pytest.mark.parametrize("excess", [0.01, 0.3])
def test_correlations_spread_at_twice_the_highest_magnon_velocity(excess):
    """Within 3 %; at 0.3 the two axes differ by 14 %, which the cones must tell apart."""
    cones, velocities = light_cones(excess=excess), SpinWaves(96, excess).velocities()
    for cone, velocity in zip(cones, velocities, strict=True):
        assert cone.speed == pytest.approx(2.0 * velocity, rel=0.03)
        assert abs(cone.speed / velocity - 1.0) > 0.5  # one magnon alone would be half as fast


def test_velocities_are_the_slope_of_the_band():
    waves = SpinWaves(96, 0.2)
    k = 2.0 * np.pi / 96
    found = (waves.frequencies[1, 0] / k, waves.frequencies[0, 1] / k)
    assert found == pytest.approx(waves.velocities(), rel=2e-3)


@pytest.mark.promise("nqs.supermagnonic")
def test_exact_evolution_of_four_by_four_has_the_noted_value():
    """Exchange along x raised by 0.1: <S S> along x goes from -0.3509 to -0.3760 by t = 0.8, and falls across."""
    model = Heisenberg(Lattice((4, 4)))
    along, across = (bond_matrix(model, model.lattice.pairs([step])) for step in ((0, 1), (1, 0)))
    states = evolved(model.matrix() + 0.1 * along, exact_ground_state(model)[1], [0.0, 0.4, 0.8])
    x, y = expectation(along, states) / 16, expectation(across, states) / 16
    assert x[[0, 2]] == pytest.approx([-0.3508901, -0.3760], abs=5e-5)
    assert y[2] > y[1] > y[0]


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: SpinWaves(5), "Side must be even"),
        (lambda: SpinWaves(8, -1.0), "Excess of the exchange"),
        (lambda: light_cones(16, farthest=9), "Farthest distance must be 3..7"),
    ],
)
def test_bad_input_is_refused(call, fault):
    with pytest.raises(InputError, match=fault):
        call()
