"""Phase-change memory of IBM's million-device array: the model behind most published inference results.

Source: Nandakumar et al., ICECS 2019 (IEEE Xplore 8964852), Eqs. 1-6; Joshi et al., Nat. Commun. 11, 2473 (2020),
Fig. 3 and Methods. Coefficients as in IBM's aihwkit, documentation "PCM inference". The fits are for 0 to 25 uS.

Assumed: the power law holds up to a year, as users of the model take it (the array was watched for days, cells in
line geometry over ten decades of time: Sebastian et al., IRPS 2016); the exponent does not depend on temperature from
180 to 400 K (same source); amorphous conduction is activated with 0.25 eV, the middle of the 0.2 to 0.3 eV in
common use, and fully crystalline cells are not activated; conduction is ohmic up to 0.3 V.
"""

from .card import DeviceCard
from .power_law_drift import PowerLawDrift
from .programming_error import GaussianError
from .read_noise import FlickerNoise
from .state_functions import CappedPower, ClippedLog, Polynomial
from .temperature import Arrhenius

G_MAX_S = 25e-6

CARD = DeviceCard(
    name="pcm_ibm",
    citation="Nandakumar et al., ICECS 2019, Eqs. 1-6; Joshi et al., Nat. Commun. 11, 2473 (2020), Fig. 3",
    g_min_S=0.0,
    g_max_S=G_MAX_S,
    t0_s=20.0,
    t_max_s=3.2e7,
    v_max_V=0.3,
    temperatures_K=(180.0, 400.0),
    programming=GaussianError(sigma=Polynomial((0.26348, 1.9650, -1.1731)), scale_S=G_MAX_S),
    drift=PowerLawDrift(
        mean=ClippedLog(slope=-0.0155, offset=0.0244, low=0.049, high=0.1),
        spread=ClippedLog(slope=-0.0125, offset=-0.0059, low=0.008, high=0.045),
        scale_S=G_MAX_S,
    ),
    read_noise=FlickerNoise(
        strength=CappedPower(scale=0.0088, exponent=-0.65, high=0.2), scale_S=G_MAX_S, t_read_s=250e-9
    ),
    temperature=Arrhenius(low_eV=0.25, high_eV=0.0, scale_S=G_MAX_S),
)
