"""Kinetic theory against the closed forms: numbers of collisions, and the loss terms of the equations."""

import numpy as np
import pytest
from scipy import constants

from spinchip.emulator.spec.errors import InputError
from spinchip.models.dipolar_gas import enskog as kinetic
from spinchip.models.dipolar_gas.formulas import MASS_KG, P_WAVE_COLLISIONS, S_WAVE_COLLISIONS, n_coll
from spinchip.models.dipolar_gas.ode import law_of, slope

ANGLES = np.radians([0.0, 17.0, 45.0, 70.0, 90.0])


@pytest.mark.promise("calibration.dipolar-angle")
@pytest.mark.parametrize("reading", kinetic.READINGS)
def test_quadrature_gives_the_closed_forms(reading):
    found = [kinetic.collisions_to_thermalise(theta, reading) for theta in ANGLES]
    assert found == pytest.approx(n_coll(ANGLES, reading).tolist(), rel=1e-12)
    assert found != pytest.approx(n_coll(ANGLES, "published").tolist(), rel=0.02)


def test_known_numbers_of_s_and_p_waves():
    for theta in ANGLES:
        s_wave = kinetic.collisions_to_thermalise(theta, cross_section=kinetic.isotropic_cross_section)
        p_wave = kinetic.collisions_to_thermalise(theta, cross_section=kinetic.p_wave_cross_section)
        assert (s_wave, p_wave) == pytest.approx((S_WAVE_COLLISIONS, P_WAVE_COLLISIONS), rel=1e-12)


def test_cross_section_by_angle_is_that_of_bohn_and_jin():
    # sigma(eta) = (pi / 3) (3 + 18 cos^2 - 13 cos^4) for dipoles at eta to the collision axis, arXiv:1312.2893
    nodes, weights = kinetic.sphere()
    for cosine in (0.0, 0.4, 1.0):
        across = np.sqrt(1.0 - cosine**2) * nodes[:, 0] / np.sqrt(1.0 - nodes[:, 2] ** 2)
        section = kinetic.dipolar_cross_section(nodes[:, 2], np.full(len(nodes), cosine), across)
        expected = np.pi / 3.0 * (3.0 + 18.0 * cosine**2 - 13.0 * cosine**4)
        assert 4.0 * np.pi * weights @ section == pytest.approx(expected, rel=1e-12)


def test_unknown_reading_is_refused():
    with pytest.raises(InputError, match="^Reading of N_coll must be one of read_along_y, .*, not 'along_z'$"):
        kinetic.collisions_to_thermalise(0.0, "along_z")


def loss_by_moments(temperatures_K, density_m3, loss_m3_sK):
    """Return dn/dt at fixed temperatures, and dT/dt of each axis, when pairs are lost in proportion to g^2.

    A pair takes along the kinetic energy of its axis, relative motion weighted with g^2, and the potential energy of
    a place where two meet, half of the mean; each axis then shares what is left between both forms. Moments of the
    Gaussians by Gauss-Hermite quadrature, which is exact here.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(6)
    weights = weights / weights.sum()
    grid = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 3)
    probability = (weights[:, None, None] * weights[:, None] * weights).ravel()
    squares = grid**2 * 2.0 * constants.k * np.array(temperatures_K) / MASS_KG  # g_i^2
    chance = probability * squares.sum(axis=1)
    chance /= chance.sum()
    thermal = constants.k * np.array(temperatures_K)
    relative, centre, potential = MASS_KG / 4.0 * chance @ squares, thermal / 2.0, thermal / 2.0
    pairs_per_molecule = 0.5 * density_m3 * loss_m3_sK * np.sum(temperatures_K)
    taken = pairs_per_molecule * (relative + centre + potential)
    return -2.0 * pairs_per_molecule * density_m3, (2.0 * pairs_per_molecule * thermal - taken) / constants.k


@pytest.mark.parametrize("temperatures_nK", [(300, 300), (750, 300), (200, 900)])
def test_loss_terms_follow_from_kinetic_theory(temperatures_nK):
    hot, cold = np.array(temperatures_nK) * 1e-9
    n, loss = 2.5e17, 3.8e-13
    out = np.empty(3)
    slope(np.array([n, hot, cold]), law_of(loss, 1.57, sigma_m2=0.0), out)
    fixed, warming = loss_by_moments((cold, hot, cold), n, loss)
    assert out[1:] == pytest.approx([warming[1], warming[0]], rel=1e-12)
    # the density also follows the temperatures of all three axes, two of them equal
    assert out[0] == pytest.approx(fixed - n * (0.5 * out[1] / hot + out[2] / cold), rel=1e-12)
    assert out[0] != pytest.approx(fixed - n * (0.5 * out[1] / hot + 0.5 * out[2] / cold), rel=1e-3)
