"""RRAM that relaxes with heavy tails: technologies B and C of the open relaxation data.

Source: akashlevy/RRAM-Relaxation-Master-Model (MIT), arrays of 16k cells; robust sigma, standard deviation and last
median of G(t) - G(0), extracted from some 3000 to 4000 cells a band: C of 40 uS at 4 to 12 and 20 to 28 uS, 10 ms
to 1e5 s; B of 128 uS at 38 to 64 and 90 to 122 uS, 10 ms to 1e4 s. Conductances outside the bands are refused; between
the two bands the laws are interpolated.

G(0) is the first read of each cell, so these cards have no programming error: the target is what was read.

Assumed: a tenth of the cells makes the tails (two spreads a time leave the share open); the median shift grows
linearly in ln t from 10 ms; cells keep to one path; ohmic up to 0.3 V; 293 to 303 K.
"""

from .card import DeviceCard
from .heavy_tail_relaxation import HeavyTailRelaxation

TAIL_SHARE = 0.1
_CITATION = "RRAM-Relaxation-Master-Model (MIT), technology "


def _micro(table):
    return tuple(tuple(value * 1e-6 for value in row) for row in table)


TECH_B = DeviceCard(
    name="rram_relaxation_b",
    citation=_CITATION + "B",
    g_min_S=38e-6,
    g_max_S=122e-6,
    t0_s=0.01,
    t_max_s=1e4,
    v_max_V=0.3,
    temperatures_K=(293.0, 303.0),
    drift=HeavyTailRelaxation(
        times_s=(0.01, 0.1, 1.0, 100.0, 1e4),
        bands_S=(51e-6, 106e-6),
        robust_S=_micro(((0.74, 1.5, 2.68, 3.94, 6.09), (0.45, 0.53, 0.64, 0.74, 0.96))),
        std_S=_micro(((3.56, 5.8, 7.6, 8.6, 11.0), (0.52, 0.64, 0.77, 0.96, 1.26))),
        last_shift_S=(-1.06e-6, 0.04e-6),
        tail_share=TAIL_SHARE,
    ),
)

TECH_C = DeviceCard(
    name="rram_relaxation_c",
    citation=_CITATION + "C",
    g_min_S=4e-6,
    g_max_S=28e-6,
    t0_s=0.01,
    t_max_s=1e5,
    v_max_V=0.3,
    temperatures_K=(293.0, 303.0),
    drift=HeavyTailRelaxation(
        times_s=(0.01, 0.1, 1.0, 4.0, 1e5),
        bands_S=(8e-6, 24e-6),
        robust_S=_micro(((0.28, 0.77, 1.33, 1.58, 2.86), (0.38, 0.71, 1.16, 1.28, 2.88))),
        std_S=_micro(((1.03, 1.71, 2.26, 2.46, 3.45), (0.96, 1.62, 2.15, 2.39, 3.79))),
        last_shift_S=(-0.73e-6, -1.56e-6),
        tail_share=TAIL_SHARE,
    ),
)
