"""Number of collisions that thermalise a gas, from the cross-section alone: linear kinetic theory, by quadrature."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError

READINGS = ("read_along_y", "read_along_x", "difference")
N_POLAR, N_AZIMUTH = 12, 24  # exact here: the integrands are polynomials of degree 10 or less on each sphere


def sphere():
    """Return directions and weights that integrate spherical polynomials up to degree 23 exactly, with mean 1.

    Returns
    -------
    (ndarray, shape (288, 3), float64; ndarray, shape (288,), float64)
    """
    height, weight = np.polynomial.legendre.leggauss(N_POLAR)
    turn = 2.0 * np.pi * np.arange(N_AZIMUTH) / N_AZIMUTH
    level, phi = (grid.ravel() for grid in np.meshgrid(height, turn, indexing="ij"))
    radius = np.sqrt(1.0 - level**2)
    directions = np.stack([radius * np.cos(phi), radius * np.sin(phi), level], axis=1)
    return directions, np.repeat(weight, N_AZIMUTH) / (2.0 * N_AZIMUTH)


def dipolar_cross_section(cosine, along, across):
    r"""Return d sigma / d Omega of two identical fermionic dipoles in Born approximation, in units of a_d^2.

    .. math:: 2 \left( c (a^2 - p^2) + 2 a p \sqrt{1 - c^2} \right)^2

    Parameters
    ----------
    cosine : ndarray, float64
        c, cosine of the scattering angle.
    along, across : ndarray, float64
        a and p, parts of the dipoles' unit vector along the relative velocity before the collision, and along the
        direction across it into which the velocity turns.

    Returns
    -------
    ndarray, float64

    References
    ----------
    Bohn, Jin, Phys. Rev. A 89, 022702 (2014), arXiv:1312.2893. It follows from the Fourier transform of the
    dipole interaction, -2 a_d (cos^2 - 1/3) of the momentum transfer, made antisymmetric; 1 - c^2 cancels.
    """
    return 2.0 * (cosine * (along**2 - across**2) + 2.0 * along * across * np.sqrt(1.0 - cosine**2)) ** 2


def isotropic_cross_section(cosine, along, across):
    """Return 1: an s-wave; arguments as for `dipolar_cross_section`."""
    del along, across
    return np.ones_like(cosine)


def p_wave_cross_section(cosine, along, across):
    """Return cos^2 of the scattering angle, at fixed energy; arguments as for `dipolar_cross_section`."""
    del along, across
    return cosine**2


def collisions_to_thermalise(theta, reading="difference", cross_section=dipolar_cross_section):
    r"""Return N_coll from the cross-section, for dipoles at ``theta`` in the plane of x and the heated axis y.

    Both particles are drawn from Gaussians with T_y = T + 2D/3, T_x = T_z = T - D/3, to first order in D. A collision
    changes the pair's v_y^2 by g^2 (k'_y^2 - k_y^2) / 2; with the mean of g^5 over that of g, 12 k T / m times
    2 k T / m, and half of the heat going to the potential energy,

    .. math:: \dot T_i = 3 n v D \left\langle \left(k_y^2 - \tfrac13\right)
        \int d\Omega' \frac{d\sigma}{d\Omega'} (k_i'^2 - k_i^2) \right\rangle_k

    which the ODE writes as -2/3 Gamma D for y and +1/3 Gamma D for x, Gamma = n sigma v / N_coll.

    Parameters
    ----------
    theta : float
        Angle [rad].
    reading : {"difference", "read_along_y", "read_along_x"}
        Which of T_y - T_x, T_y and T_x gives Gamma; they differ, since T_x and T_z do not stay equal.
    cross_section : function of (cosine, along, across)
        Differential cross-section; sigma is its integral, averaged over directions.

    Returns
    -------
    float
    """
    if reading not in READINGS:
        raise InputError(f"Reading of N_coll must be one of {', '.join(READINGS)}, not {reading!r}")
    before, weights = sphere()
    section, after = _collide(theta, before, weights, cross_section)
    squares = before**2
    changes = np.einsum("pk,pki->pi", section, after**2) - section.sum(axis=1)[:, None] * squares
    slope_x, slope_y, _ = 3.0 * (weights * (squares[:, 1] - 1.0 / 3.0)) @ changes
    gamma = {"read_along_y": -1.5 * slope_y, "read_along_x": 3.0 * slope_x, "difference": slope_x - slope_y}[reading]
    return float(weights @ section.sum(axis=1)) / float(gamma)


def mean_cross_section(theta=0.0, cross_section=dipolar_cross_section):
    """Return sigma, averaged over the directions of the collision axis, in units of a_d^2; see `sphere`."""
    before, weights = sphere()
    return float(weights @ _collide(theta, before, weights, cross_section)[0].sum(axis=1))


def _collide(theta, before, weights, cross_section):
    """Return d sigma of each direction after, and these directions: (n, n) and (n, n, 3), after each one before."""
    dipole = np.array([np.sin(theta), np.cos(theta), 0.0])
    first = np.cross(before, [0.0, 0.0, 1.0])  # no node of the sphere is a pole
    first /= np.linalg.norm(first, axis=1)[:, None]
    frames = np.stack([first, np.cross(before, first), before], axis=1)
    parts = frames @ dipole
    cosine, sine = before[:, 2], np.sqrt(1.0 - before[:, 2] ** 2)  # the nodes again, in the frame of the axis before
    across = parts[:, :2] @ (before[:, :2] / sine[:, None]).T
    section = cross_section(np.broadcast_to(cosine, across.shape), parts[:, 2:], across) * 4.0 * np.pi * weights
    return section, np.einsum("kd,pdi->pki", before, frames)
