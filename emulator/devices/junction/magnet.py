"""The free layer of a junction as one macrospin: geometry, anisotropy, barrier, torque of a current."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, pi

import numpy as np
from scipy.constants import e, hbar, k, mu_0
from scipy.special import elliprd

from ...spec.errors import InputError

GYROMAGNETIC_Hz_per_T = 1.76e11  # Source: OPUSLab/Spin-Circuit-Designs, 1.76e7 rad/(s Oe); electrons have 1.761e11


@dataclass(frozen=True)
class Magnet:
    """A uniformly magnetised layer; its direction m is a unit vector.

    Parameters
    ----------
    saturation_A_per_m : float
        Saturation magnetisation Ms [A/m]; 1 emu/cc is 1000 A/m.
    volume_m3 : float
        Volume [m^3].
    damping : float
        Gilbert damping alpha [1], above 0 and at most 1.
    anisotropy_T : tuple of 3 floats
        Field along each axis per component of m: B = (k_x m_x, k_y m_y, k_z m_z) [T]; demagnetisation is negative.
    temperature_K : float
        Temperature, above 0 [K].
    polarisation : float
        Spin polarisation of the current [1], 0 to 1.

    Raises
    ------
    InputError
        If a number breaks its rule.
    """

    saturation_A_per_m: float
    volume_m3: float
    damping: float
    anisotropy_T: tuple[float, float, float] = (0.0, 0.0, 0.0)
    temperature_K: float = 300.0
    polarisation: float = 0.6

    def __post_init__(self):
        """Refuse what no magnet has."""
        for label in ("saturation_A_per_m", "volume_m3", "temperature_K"):
            value = getattr(self, label)
            if not (isfinite(value) and value > 0):
                raise InputError(f"Magnet {label} must be above 0, not {value!r}")
        if not 0 < self.damping <= 1:
            raise InputError(f"Magnet damping must be above 0 and at most 1, not {self.damping!r}")
        if not 0 <= self.polarisation <= 1:
            raise InputError(f"Magnet polarisation must be 0 to 1, not {self.polarisation!r}")
        if np.shape(self.anisotropy_T) != (3,) or not np.isfinite(self.anisotropy_T).all():
            raise InputError(f"Magnet anisotropy_T must be 3 finite fields, not {self.anisotropy_T!r}")

    @property
    def thermal_field_T(self):
        """Field whose energy on the moment is kT: kT / (Ms V) [T]."""
        return k * self.temperature_K / (self.saturation_A_per_m * self.volume_m3)

    @property
    def easy_axis(self):
        """Axis of the largest anisotropy field, 0, 1 or 2; the last of equals, so z without anisotropy."""
        return 2 - int(np.argmax(self.anisotropy_T[::-1]))

    @property
    def switching_field_T(self):
        """Anisotropy field over the lowest saddle: largest minus second largest [T]; zero without an easy axis."""
        _, second, largest = sorted(self.anisotropy_T)
        return largest - second

    @property
    def barrier_kT(self):
        """Delta = Ms V B_k / (2 kT) [1]."""
        return self.switching_field_T / (2.0 * self.thermal_field_T)

    @property
    def is_axial(self):
        """Whether both other axes are alike, so that the angle to the easy axis is a diffusion of its own."""
        smallest, second, largest = sorted(self.anisotropy_T)
        return second - smallest <= 1e-9 * max(abs(largest), abs(smallest))

    @property
    def switching_torque_T(self):
        """Torque field at which the easy direction becomes unstable, alpha (B_k + half the hard plane's field) [T].

        Sun, Phys. Rev. B 62, 570 (2000). An axial magnet has alpha B_k.
        """
        smallest, second, _ = sorted(self.anisotropy_T)
        return self.damping * (self.switching_field_T + (second - smallest) / 2.0)

    @property
    def relaxation_s(self):
        """Decay time of the mean direction without anisotropy, (1 + alpha^2) / (2 alpha gamma kT / (Ms V)) [s].

        Hassan et al. (2019) leave alpha^2 out.
        """
        rate = 2.0 * self.damping * GYROMAGNETIC_Hz_per_T * self.thermal_field_T
        return (1.0 + self.damping**2) / rate

    def torque_T(self, current_A):
        """Return the field of the spin-transfer torque, hbar P I / (2 e Ms V) [T]; positive pulls to the polariser."""
        moment = self.saturation_A_per_m * self.volume_m3
        return hbar * self.polarisation * np.asarray(current_A, dtype=np.float64) / (2.0 * e * moment)


@dataclass(frozen=True)
class EllipticLayer:
    """Geometry of a thin elliptic pillar: x is its long axis, z its normal.

    Parameters
    ----------
    length_m, width_m, thickness_m : float
        Full axes and thickness [m].
    interface_J_per_m2 : float
        Perpendicular interface anisotropy [J/m^2].
    """

    length_m: float
    width_m: float
    thickness_m: float
    interface_J_per_m2: float = 0.0

    def __post_init__(self):
        """Refuse lengths that are none."""
        for label in ("length_m", "width_m", "thickness_m"):
            value = getattr(self, label)
            if not (isfinite(value) and value > 0):
                raise InputError(f"Layer {label} must be above 0, not {value!r}")
        if not (isfinite(self.interface_J_per_m2) and self.interface_J_per_m2 >= 0):
            raise InputError(f"Layer interface_J_per_m2 must be 0 or above, not {self.interface_J_per_m2!r}")

    @property
    def demagnetising_factors(self):
        """N_x, N_y, N_z of the ellipsoid with these axes [1]; their sum is 1 (Osborn, Phys. Rev. 67, 351, 1945)."""
        a, b, c = (self.length_m, self.width_m, self.thickness_m)
        volume = a * b * c / 3.0
        pairs = ((b, c, a), (a, c, b), (a, b, c))
        return tuple(float(volume * elliprd(p * p, q * q, own * own)) for p, q, own in pairs)

    def magnet(self, saturation_A_per_m, damping, temperature_K=300.0, polarisation=0.6):
        """Return the `Magnet` of this layer; see there for the arguments.

        The pillar's volume is that of an elliptic cylinder, its demagnetisation that of the ellipsoid, the usual
        approximation for thin layers.
        """
        fields = [-mu_0 * saturation_A_per_m * factor for factor in self.demagnetising_factors]
        fields[2] += 2.0 * self.interface_J_per_m2 / (saturation_A_per_m * self.thickness_m)
        volume = pi / 4.0 * self.length_m * self.width_m * self.thickness_m
        return Magnet(saturation_A_per_m, volume, damping, tuple(fields), temperature_K, polarisation)
