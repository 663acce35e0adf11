"""Phase-change memory of the IBM HERMES project chip, one and two devices a polarity.

Source: Le Gallo et al., Nat. Electron. 6, 680 (2023); Khaddam-Aljameh et al., JSSC 57, 1027 (2022); two devices:
Vasilopoulos et al., TED 2023 (IEEE Xplore 10281389); method of Nandakumar et al., ICECS 2019. Coefficients as in IBM's
aihwkit, `HermesNoiseModel`, fitted for 0 to 10.35 uS (one device, first read at 200 s) and 0 to 20.7 uS (two, 300 s).
The two-device drift holds as if both devices had the same state, a simplification of that source.

Assumed: the power law up to a year, its temperature range, the activation energies and the ohmic range, all as
in `pcm_ibm`.
"""

from .card import DeviceCard
from .power_law_drift import PowerLawDrift
from .programming_error import GaussianError
from .read_noise import FlickerNoise
from .state_functions import ClippedLog, Piecewise, Polynomial
from .temperature import Arrhenius

ONE_G_MAX_S = 10.35e-6
TWO_G_MAX_S = 20.7e-6
T_READ_S = 512e-9

# Both unit cells share the mean of the exponent.
_MEAN = Piecewise(
    split=0.0945,
    below=ClippedLog(slope=-0.0387, offset=-0.0182, low=0.0720, high=0.13),
    above=Polynomial((0.0736, -0.0126, -0.0436)),
)
_CITATION = "Le Gallo et al., Nat. Electron. 6, 680 (2023); aihwkit HermesNoiseModel, num_devices="


def _card(name, n_devices, g_max_S, t0_s, laws):
    sigma, spread, strength = laws
    return DeviceCard(
        name=name,
        citation=f"{_CITATION}{n_devices}",
        g_min_S=0.0,
        g_max_S=g_max_S,
        t0_s=t0_s,
        t_max_s=3.2e7,
        v_max_V=0.3,
        temperatures_K=(180.0, 400.0),
        programming=GaussianError(sigma=sigma, scale_S=g_max_S),
        drift=PowerLawDrift(mean=_MEAN, spread=spread, scale_S=g_max_S),
        read_noise=FlickerNoise(strength=strength, scale_S=g_max_S, t_read_s=T_READ_S),
        temperature=Arrhenius(low_eV=0.25, high_eV=0.0, scale_S=g_max_S),
    )


ONE_DEVICE = _card(
    "pcm_hermes_1",
    1,
    ONE_G_MAX_S,
    200.0,
    (
        Polynomial((0.15781817, 2.32443916, -2.16310839, 0.68841818)),
        Piecewise(
            split=0.3039,
            below=ClippedLog(slope=-0.0120, offset=-0.0023, low=0.0124, high=0.04),
            above=Polynomial((0.0104, 0.0116, -0.0165)),
        ),
        Piecewise(
            split=0.1591,
            below=ClippedLog(slope=-0.0078, offset=0.0038, low=0.0179, high=0.04),
            above=Polynomial((0.0088, 0.0768, -0.1352, 0.0664)),
        ),
    ),
)

TWO_DEVICES = _card(
    "pcm_hermes_2",
    2,
    TWO_G_MAX_S,
    300.0,
    (
        Polynomial((0.16603222, 4.71806468, -8.48101252, 4.68961419)),
        Piecewise(
            split=0.3055,
            below=ClippedLog(slope=-0.0117, offset=-0.0057, low=0.0091, high=0.04),
            above=Polynomial((0.0073, 0.0093, -0.0118)),
        ),
        Piecewise(
            split=0.16,
            below=ClippedLog(slope=-0.0117, offset=-0.0069, low=0.015, high=0.04),
            above=Polynomial((0.0123, 0.0211, -0.0280, 0.0069)),
        ),
    ),
)
