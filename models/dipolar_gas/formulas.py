"""Formulas of a dipolar gas in a harmonic trap: collisions, loss, phase-space density, temperatures (arXiv:2103.06246).

The published text is wrong or unreadable in places; what stands here instead, and why, is said with each function.
All quantities are in SI units; ``theta`` is the angle between the dipoles and the heated axis y, in radians.
"""

from __future__ import annotations

import numpy as np
from scipy import constants

from ...emulator.spec.errors import InputError

# Source: AME2020, atomic masses of 40K and 87Rb, 39.96399817 u and 86.90918053 u
MASS_KG = (39.96399817 + 86.90918053) * constants.atomic_mass
DEBYE_CM = 1e-21 / constants.speed_of_light  # one debye in coulomb metre; Source: its definition, 1e-18 statC cm
SIGMA_EL_M2 = 2.8e-16  # Source: arXiv:2103.06246, the 2.8e-12 cm^2 with which N_coll was extracted
ORIENTATION_MEAN = 32.0 * np.pi / 15.0  # Source: arXiv:2103.06246, sigma_el in units of the dipole length squared
S_WAVE_COLLISIONS, P_WAVE_COLLISIONS = 2.5, 25.0 / 6.0  # Source: linear Enskog; the paper quotes 2.7 and 4.1

# Numerator, then constant, cos(2 theta) and cos(4 theta) of the denominator.
N_COLL_FORMS = {
    # Source: arXiv:2103.06246, Eq. (2). The text's glyphs are scrambled; a substitution in which every glyph
    # keeps one meaning leaves 9 as the only first digit of the numerator that fits the measured values.
    "published": (97.4, 45.0, 4.0, -17.0),
    "read_along_y": (112.0, 45.0, 4.0, -17.0),  # Source: `enskog`, decay of T_y
    "read_along_x": (56.0, 33.0, 0.0, -17.0),  # Source: the same, rise of T_x
    "difference": (84.0, 39.0, 2.0, -17.0),  # Source: the same, decay of T_y - T_x, which is what the ODE means
}


def dipole_length_m(dipole_D, mass_kg=MASS_KG):
    """Return a_d = (m/2) d^2 / (4 pi eps0 hbar^2) [m] of a dipole moment in debye."""
    dipole_Cm = np.asarray(dipole_D) * DEBYE_CM
    return 0.5 * mass_kg * dipole_Cm**2 / (4.0 * np.pi * constants.epsilon_0 * constants.hbar**2)


def elastic_cross_section_m2(dipole_D, mass_kg=MASS_KG):
    """Return sigma_el = (32 pi / 15) a_d^2 of indistinguishable fermions, averaged over orientations [m^2].

    The paper's 2.8e-12 cm^2 belongs to 0.0826 D, which rounds to its 0.08 D; 0.080 D gives 2.46e-12 cm^2.
    """
    return ORIENTATION_MEAN * dipole_length_m(dipole_D, mass_kg) ** 2


def relative_speed_m_s(temperature_y_K, temperature_x_K, mass_kg=MASS_KG):
    """Return the mean relative speed sqrt(16 k (T_y + 2 T_x) / (3 pi m)) [m/s] with T_z = T_x."""
    return np.sqrt(16.0 * constants.k * (temperature_y_K + 2.0 * temperature_x_K) / (3.0 * np.pi * mass_kg))


def n_coll(theta, form="published"):
    """Return the number of collisions that thermalise the gas, for dipoles at ``theta`` to the heated axis.

    Parameters
    ----------
    theta : float or ndarray
        Angle [rad].
    form : {"published", "read_along_y", "read_along_x", "difference"}
        Equation (2) of the paper, or a form that follows from linear kinetic theory. At 45 and 90 degrees they give
        1.57, 4.06 (published), 1.81, 4.67 (y) and 1.50, 4.20 (difference); measured are 1.57(14) and 4.1.

    Returns
    -------
    float or ndarray
    """
    if form not in N_COLL_FORMS:
        raise InputError(f"Form of N_coll must be one of {', '.join(N_COLL_FORMS)}, not {form!r}")
    top, flat, two, four = N_COLL_FORMS[form]
    return top / (flat + two * np.cos(2.0 * theta) + four * np.cos(4.0 * theta))


def thermalisation_rate_Hz(density_m3, speed_m_s, collisions, sigma_m2=SIGMA_EL_M2):
    """Return Gamma_th = n sigma_el v / N_coll [1/s], Eq. (1)."""
    return density_m3 * sigma_m2 * speed_m_s / collisions


def loss_coefficient_m3_s(loss_m3_sK, temperature_K):
    """Return beta = 3 K_L T [m^3/s] of a gas in equilibrium."""
    return 3.0 * loss_m3_sK * temperature_K


def elastic_to_inelastic(loss_m3_sK, temperature_K, sigma_m2=SIGMA_EL_M2, mass_kg=MASS_KG):
    """Return gamma = sigma_el v / (3 K_L T), good over bad collisions; falls as 1 / sqrt(T) at fixed K_L.

    K_L = 3.8e-7 cm^3/s/K, published for 45 degrees, gives 8.2 at 300 nK. The 12(1) of the abstract
    needs 2.6e-7, so it belongs to another angle.
    """
    speed_m_s = relative_speed_m_s(temperature_K, temperature_K, mass_kg)
    return sigma_m2 * speed_m_s / loss_coefficient_m3_s(loss_m3_sK, temperature_K)


def phase_space_density(number, temperature_K, frequencies_Hz):
    """Return N (hbar omega / k T)^3 with the geometric mean of the trap's three frequencies [Hz]."""
    omega = 2.0 * np.pi * float(np.prod(frequencies_Hz)) ** (1.0 / 3.0)
    return number * (constants.hbar * omega / (constants.k * np.asarray(temperature_K))) ** 3


def fermi_temperature_K(number, frequencies_Hz):
    """Return T_F = hbar omega (6 N)^(1/3) / k [K] of one spin state in a harmonic trap."""
    omega = 2.0 * np.pi * float(np.prod(frequencies_Hz)) ** (1.0 / 3.0)
    return constants.hbar * omega * (6.0 * np.asarray(number)) ** (1.0 / 3.0) / constants.k


def phase_space_density_of_ratio(degeneracy):
    """Return 1 / (6 (T/T_F)^3), the phase-space density of a gas at ``degeneracy`` = T/T_F."""
    return 1.0 / (6.0 * np.asarray(degeneracy) ** 3)


def corrected_temperature_K(measured_K, frequency_hold_Hz, frequency_image_Hz):
    """Return T = (omega_S / omega_STIRAP) T_m [K] along one axis, Eq. (4).

    The trap changes slowly from the field where the gas is held to the one where it is imaged, so the action
    T / omega of each axis is kept. Frequencies may be in any one unit.
    """
    return np.asarray(measured_K) * frequency_hold_Hz / frequency_image_Hz
