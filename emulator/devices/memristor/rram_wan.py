"""RRAM of the NeuRRAM chip: spread around the target one second, one day and two days after programming.

Source: Wan et al., Nature 608, 504 (2022), Extended Data Fig. 3; polynomials of fourth order in G / 40 uS as in IBM's
aihwkit, `ReRamWan2022NoiseModel`. Another digitisation of the figure ends at 39.26 uS (CrossSim, `RRAMWan`). The fits
keep their scale of 40 uS whatever window a card is given; aihwkit rescales them with the window by a reference that
is always the window itself, so its numbers differ for any other window.

Times between the published ones are interpolated, sigma linearly in ln t; times outside are refused.

Assumed: what a cell gains after the first second does not depend on where programming left it; ohmic up to 0.5 V;
laboratory temperature, 293 to 303 K. No read noise is published with these data, so there is none.
"""

from .card import DeviceCard
from .programming_error import GaussianError
from .quadrature_growth import QuadratureGrowth
from .state_functions import Polynomial

SCALE_S = 40e-6
DAY_S = 86400.0

AFTER_1_S = Polynomial((0.348, 16.030, -43.853, 45.393, -16.815))
AFTER_1_D = Polynomial((0.701, 22.086, -50.773, 47.095, -16.458))
AFTER_2_D = Polynomial((0.782, 20.274, -43.507, 37.062, -11.934))

CARD = DeviceCard(
    name="rram_wan",
    citation="Wan et al., Nature 608, 504 (2022), Extended Data Fig. 3; aihwkit ReRamWan2022NoiseModel",
    g_min_S=0.0,
    g_max_S=SCALE_S,
    t0_s=1.0,
    t_max_s=2 * DAY_S,
    v_max_V=0.5,
    temperatures_K=(293.0, 303.0),
    programming=GaussianError(sigma=AFTER_1_S, scale_S=SCALE_S),
    drift=QuadratureGrowth(times_s=(1.0, DAY_S, 2 * DAY_S), sigmas=(AFTER_1_S, AFTER_1_D, AFTER_2_D), scale_S=SCALE_S),
)
