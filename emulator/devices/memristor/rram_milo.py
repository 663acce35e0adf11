"""HfO2 RRAM programmed by incremental gate and reset voltages, with its measured bend of the current.

Source: Milo et al., IRPS 2021 (IEEE Xplore 9405119), Fig. 4, algorithm IGVVA-100: a straight line through the
spread from 50 to 225 uS. The current is a third-order polynomial in the voltage, up to 0.5 V, with coefficients that
are polynomials in log10(G / 1 S), as CrossSim fits them. Their four digits nearly cancel: at 100 uS rounding alone may
leave 1e-5 S/V in the second-order term, more than the term itself. At 50 uS and 0.5 V that term is 37 +- 16 % of G V.

No retention and no read noise is published with these data, so there are none, and only the time of the verifying read
is known: any other is refused. Assumed: that read comes one second after programming; 293 to 303 K.
"""

from .card import DeviceCard
from .conduction import Cubic
from .programming_error import GaussianError
from .state_functions import Polynomial

CARD = DeviceCard(
    name="rram_milo",
    citation="Milo et al., IRPS 2021, Fig. 4, IGVVA-100; I-V as fitted by CrossSim",
    g_min_S=50e-6,
    g_max_S=225e-6,
    t0_s=1.0,
    t_max_s=1.0,
    v_max_V=0.5,
    temperatures_K=(293.0, 303.0),
    programming=GaussianError(sigma=Polynomial((4.782321, -0.009107)), scale_S=1e-6),
    conduction=Cubic(
        second=(7.063e-3, 5.711e-3, 1.541e-3, 1.388e-4),
        third=(1.2968e-3, 6.7919e-4, 8.871e-5),
        g_low_S=50e-6,
        g_high_S=225e-6,
    ),
)
