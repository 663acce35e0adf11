"""New measurements fall into the predictive band as often as it claims; into the band of the curve they do not."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.calibration.engine.band import curve_band, predictive_band
from spinchip.calibration.engine.calibrate import calibrate
from spinchip.calibration.engine.model import Parameter, curve_model
from spinchip.calibration.engine.series import Series

X = np.linspace(0.0, 3.0, 12)
MODEL = curve_model("decay", lambda x, a, k: a * np.exp(-k * x), [Parameter("a", 1.0, 0.0), Parameter("k", 1.0)])
CLEAN = Series.of_curve("trace", X, 2.0 * np.exp(-0.8 * X), 0.1)


def drawn(rng):
    return replace(CLEAN, values=CLEAN.draw(CLEAN.values, rng))


def share_inside(band, values):
    return np.mean((band[0] <= values) & (values <= band[2]))


@pytest.mark.promise("calibration.engine.calibrate")
def test_new_measurements_fall_into_the_predictive_band():
    # Twelve points of one repetition are known to 0.135; 40 repetitions to 0.021. The curve's band holds 0.3 at most,
    # since it is sqrt(2 / 12) of the noise wide: far more than 8 standard errors away.
    shares = {"predictive": [], "curve": []}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        found = calibrate(MODEL, [drawn(rng)], seed, 30)
        again = drawn(rng).values
        shares["predictive"].append(share_inside(predictive_band(found, MODEL, [CLEAN], rng)[0], again))
        shares["curve"].append(share_inside(curve_band(found, MODEL, [X])[0], again))
    z = {name: (np.mean(s) - 0.68) / (np.std(s, ddof=1) / np.sqrt(len(s))) for name, s in shares.items()}
    assert abs(z["predictive"]) < 4, z
    assert abs(z["curve"]) > 4, z


def test_curve_band_reaches_beyond_the_data_and_widens():
    found = calibrate(MODEL, [drawn(np.random.default_rng(1))], 1)
    (band,) = curve_band(found, MODEL, [np.array([0.0, 1.0, 30.0])])
    assert band.shape == (3, 3, 1)
    relative = (band[2] - band[0])[:, 0] / band[1, :, 0]
    assert relative[2] > 5 * relative[1]
