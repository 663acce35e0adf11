"""Formulas of the dipolar gas against the numbers that the paper prints."""

import numpy as np
import pytest
from scipy import constants

from spinchip.emulator.spec.errors import InputError
from spinchip.models.dipolar_gas import formulas as gas

CM3, CM2 = 1e-6, 1e-4
TRAP_HZ = (45.0, 250.0, 40.0)


def test_cross_section_belongs_to_a_dipole_of_0_0826_debye():
    assert gas.elastic_cross_section_m2(0.0826) == pytest.approx(2.80e-12 * CM2, abs=0.005e-12 * CM2)
    assert gas.elastic_cross_section_m2(0.080) == pytest.approx(2.46e-12 * CM2, abs=0.005e-12 * CM2)
    assert gas.dipole_length_m(0.08) / constants.value("Bohr radius") == pytest.approx(114.6, abs=0.05)


def test_published_number_of_collisions():
    at = {angle: gas.n_coll(np.radians(angle)) for angle in (0, 45, 90)}
    assert at[45] == pytest.approx(1.57, abs=0.005)
    assert at[90] == pytest.approx(4.1, abs=0.05)
    assert at[90] / at[45] == pytest.approx(2.5, abs=0.1)
    # other first digits of the scrambled numerator miss the measured 1.57
    assert all(abs(top / 62.0 - 1.57) > 0.14 for top in (7.4, 37.4, 67.4, 87.4))


def test_unknown_form_is_refused():
    text = "^Form of N_coll must be one of published, read_along_y, read_along_x, difference, not 'mine'$"
    with pytest.raises(InputError, match=text):
        gas.n_coll(0.0, "mine")


def test_ratio_of_good_to_bad_collisions():
    assert gas.elastic_to_inelastic(3.8e-7 * CM3, 300e-9) == pytest.approx(8.2, abs=0.05)
    assert gas.elastic_to_inelastic(2.6e-7 * CM3, 300e-9) == pytest.approx(12.0, abs=0.05)
    halved = gas.elastic_to_inelastic(3.8e-13, 150e-9) / gas.elastic_to_inelastic(3.8e-13, 300e-9)
    assert halved == pytest.approx(np.sqrt(2.0), rel=1e-12)


def test_speed_of_equal_temperatures_is_that_of_a_reduced_mass():
    expected = np.sqrt(8.0 * constants.k * 300e-9 / (np.pi * gas.MASS_KG / 2.0))
    assert gas.relative_speed_m_s(300e-9, 300e-9) == pytest.approx(expected, rel=1e-12)


def test_rate_of_thermalisation_and_lifetime():
    speed = gas.relative_speed_m_s(300e-9, 300e-9)
    assert gas.thermalisation_rate_Hz(2.5e17, speed, 1.57) == pytest.approx(2.5e17 * 2.8e-16 * speed / 1.57)
    lifetime_s = 1.0 / (gas.loss_coefficient_m3_s(3.8e-13, 300e-9) * 2.5e17)
    assert 8.0 < lifetime_s < 15.0  # the paper's "~10 s"


@pytest.mark.promise("calibration.dipolar-angle")
def test_phase_space_density_by_both_formulas():
    assert gas.phase_space_density_of_ratio(2.3) == pytest.approx(0.014, abs=0.001)
    assert gas.phase_space_density_of_ratio(1.4) == pytest.approx(0.06, abs=0.001)
    number, temperature_K = 1.5e4, 330e-9
    degeneracy = temperature_K / gas.fermi_temperature_K(number, TRAP_HZ)
    direct = gas.phase_space_density(number, temperature_K, TRAP_HZ)
    assert direct == pytest.approx(gas.phase_space_density_of_ratio(degeneracy), rel=1e-12)


def test_adiabatic_correction_keeps_temperature_over_frequency():
    assert gas.corrected_temperature_K(310e-9, 43.0, 45.0) == pytest.approx(310e-9 * 43.0 / 45.0)
    both = gas.corrected_temperature_K(gas.corrected_temperature_K(310e-9, 43.0, 45.0), 45.0, 43.0)
    assert both == pytest.approx(310e-9)
