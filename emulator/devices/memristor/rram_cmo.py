"""Analog RRAM of conductive metal oxide on HfOx, programmed into a window of 2 % or of 0.2 % of the target.

Source: Falcone et al. (IBM Research Europe - Zurich), programming error and relaxation; read noise after Lombardo et
al., DRC 2024; coefficients as in IBM's aihwkit, `ReRamCMONoiseModel`, for 8 to 90 uS. The spreads are those of a
uniform error inside the window (2 % / sqrt 3 = 1.155 % against the fitted 1.129 %), which tells that "2" and "0.2" are
half widths in per cent.

Relaxation does not depend on the state: mean -0.0890 uS ln t and spread (0.0420 ln t + 0.4118) uS, with the natural
logarithm and t in seconds, as text and code of that source have it. One normal number a cell drives it, so that a cell
moves on one path. Read noise is 0.02773 uS log10(G / 1 uS) times the root of the flicker band: that source says "log"
in its text and takes log10 in the code that the constant 0.02773 belongs to, so it is log10 here; with a natural
logarithm the noise would be 2.3 times as large.

Assumed: the window of times, one second to one day; ohmic up to 0.3 V; 293 to 303 K.
"""

from .card import DeviceCard
from .log_time_shift import LogTimeShift
from .programming_error import GaussianError
from .read_noise import LogConductanceNoise
from .state_functions import Polynomial


def _card(name, window, sigma):
    return DeviceCard(
        name=name,
        citation=f"Falcone et al., CMO/HfOx, acceptance window {window}; aihwkit ReRamCMONoiseModel",
        g_min_S=8e-6,
        g_max_S=90e-6,
        t0_s=1.0,
        t_max_s=86400.0,
        v_max_V=0.3,
        temperatures_K=(293.0, 303.0),
        programming=GaussianError(sigma=sigma, scale_S=1e-6),
        drift=LogTimeShift(shift_S=-0.08900206e-6, widening_S=0.04201137e-6, spread_S=0.41183342e-6),
        read_noise=LogConductanceNoise(k_S=0.0277316483e-6, t_read_s=1e-6),
    )


WIDE = _card("rram_cmo", "2 %", Polynomial((0.0112185391, 0.01129027418)))
NARROW = _card("rram_cmo_fine", "0.2 %", Polynomial((0.00081107, 0.00106879)))
