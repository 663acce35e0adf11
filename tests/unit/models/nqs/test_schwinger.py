"""Schwinger bosons: mean-field energy and velocity, rest, conserved bosons and energy, and the speed of their cones."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.nqs.light_cone import SpinWaves
from spinchip.models.nqs.schwinger import SchwingerBosons, boson_cones, correlations, evolve_bosons


@pytest.mark.parametrize(("side", "energy"), [(8, -0.67441), (32, -0.67049), (96, -0.67042)])
def test_ground_state_has_half_a_boson_and_the_known_energy(side, energy):
    """Arovas and Auerbach: -0.6704 for the large square; magnons are 1.158 times as fast as those of spin waves."""
    bosons = SchwingerBosons(side)
    occupation, pairs, _ = bosons.ground()
    assert occupation.mean() == pytest.approx(0.5, abs=1e-9)
    assert 2.0 * correlations(pairs)[1, 0] == pytest.approx(energy, abs=1e-5)
    assert np.abs(bosons.fields(pairs)).max() == pytest.approx(np.abs(bosons.fields(pairs)).min(), abs=1e-9)
    ratio = bosons.velocities()[0] / SpinWaves(side).velocities()[0]
    assert ratio == pytest.approx(1.158, abs=4e-3 if side == 8 else 1e-3)


def test_ground_state_is_stationary_and_a_change_conserves_bosons_and_energy():
    before, after = SchwingerBosons(16), SchwingerBosons(16, 0.2)
    *_, (n, m) = evolve_bosons(before, before, 0.01, 200)
    np.testing.assert_allclose(n, before.ground()[0], atol=1e-6)
    np.testing.assert_allclose(m, before.ground()[1], atol=1e-6)
    states = list(evolve_bosons(before, after, 0.01, 300))

    def energy(pairs):
        return -0.5 * sum(j * abs(d) ** 2 for j, d in zip(after.exchange, after.fields(pairs), strict=True))

    energies = np.array([energy(m) for _, m in states])
    assert np.ptp([n.mean() for n, _ in states]) < 1e-9
    assert np.ptp(energies) < 1e-8
    assert np.ptp([correlations(m)[1, 0] for _, m in states]) > 1e-3


@pytest.mark.promise("nqs.supermagnonic")
def test_correlations_spread_at_twice_the_renormalised_velocity():
    """3 % of finite distances are left; the bare velocity of spin waves is 16 % less and does not fit."""
    for cone, own, bare in zip(
        boson_cones(), SchwingerBosons(96, 0.01).velocities(), SpinWaves(96, 0.01).velocities(), strict=True
    ):
        assert cone.speed / own == pytest.approx(2.0, rel=0.05)
        assert abs(cone.speed / bare / 2.0 - 1.0) > 0.1
        assert (np.diff(cone.arrivals) > 0).all()


def test_bad_squares_are_refused():
    with pytest.raises(InputError, match="Side must be even"):
        SchwingerBosons(7)
    with pytest.raises(InputError, match="above -1"):
        SchwingerBosons(8, -1.0)
    with pytest.raises(InputError, match="Farthest distance must be"):
        boson_cones(side=8, farthest=5)
