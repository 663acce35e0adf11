"""Two-body loss and evaporation: closed forms, recovery, and the analyses that would be wrong."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.calibration.engine.least_squares import Problem
from spinchip.calibration.engine.model import Parameter, ode_model
from spinchip.models.dipolar_gas.decay import TIMES_S, Decay, decay, decay_model, fit_decay
from spinchip.models.dipolar_gas.evaporation import Evaporation, fit_evaporation, is_efficient, power_law_model
from spinchip.models.dipolar_gas.formulas import phase_space_density
from spinchip.models.dipolar_gas.ode import evolve, law_of

PLANTED = Decay()


def decay_equation(share):
    """Return dn/dt = -beta n^2 - share (n / T) dT/dt as a model."""

    def slope(_, state, p):
        return np.array([-p[0] * state[0] ** 2 - share * state[0] / state[1] * p[3], p[3]])

    parameters = [Parameter(name, one, scale=one) for name, one in zip("bnTh", PLANTED.truth, strict=True)]
    return ode_model("decay", slope, lambda p, k: p[1:3], parameters)


@pytest.mark.parametrize("heating_K_s", [0.0, 5e-9, -5e-9])
def test_closed_form_solves_the_equation(heating_K_s):
    truth = replace(PLANTED, heating_K_s=heating_K_s).truth
    (solved,) = decay_equation(1.5).predict(truth, [np.array(TIMES_S)])
    assert decay(TIMES_S, *truth) == pytest.approx(solved, rel=1e-6)
    if heating_K_s:
        (without,) = decay_equation(0.0).predict(truth, [np.array(TIMES_S)])
        assert decay(TIMES_S, *truth) != pytest.approx(without, rel=1e-2)


def test_closed_form_is_the_limit_of_the_thermalisation_equations():
    # as long as the temperature has hardly changed, beta = 3 K_L T
    times_s = np.array([0.1, 0.2])
    temperature_K = 300e-9
    states = evolve(times_s, np.array([2.5e17, temperature_K, temperature_K]), law_of(3.8e-13, 1.57))
    warming = 2.5e17 * 3.8e-13 * temperature_K**2 / 4.0
    assert decay(times_s, 3 * 3.8e-13 * temperature_K, 2.5e17, temperature_K, warming) == pytest.approx(
        states[:, [0, 1]], rel=1e-3
    )


def test_density_of_a_gas_that_cools_below_zero_is_nan():
    assert np.isnan(decay([40.0], 1e-19, 1e17, 100e-9, -5e-9)).all()


def test_loss_is_recovered_and_forgotten_heating_is_seen():
    # Experiments until a model without the term of the temperature is 8 standard errors off.
    clean = PLANTED.noiseless()
    truth = PLANTED.truth[0]
    error = Problem(decay_model(), [clean]).fit().errors[0]
    forgetful = Problem(decay_equation(0.0), [clean]).fit().values[0]
    n = int(np.ceil((8.0 * error / (forgetful - truth)) ** 2))
    assert n < 20
    z = {}
    for name, model in (("right", decay_model()), ("forgetful", decay_equation(0.0))):
        found = [Problem(model, [PLANTED.measure(10 + k)]).fit().values[0] for k in range(n)]
        z[name] = (np.mean(found) - truth) / (error / np.sqrt(n))
    assert abs(z["right"]) < 4, z
    assert abs(z["forgetful"]) > 4, z


def test_calibration_of_a_decay_holds_the_truth():
    found = fit_decay(PLANTED.measure(5), 5).check()
    for (name, one), truth in zip(found.parameters.items(), PLANTED.truth, strict=True):
        assert abs(one.best - truth) < 4 * 0.5 * (one.high - one.low), name


@pytest.mark.promise("calibration.dipolar-angle")
def test_slope_is_unbiased_and_a_regression_on_noisy_temperatures_is_not():
    # With n stages a regression loses the share (n - 3) / n error^2 / var(ln T) of the slope.
    planted = Evaporation(n_stages=16, error_temperature=0.1)
    clean = planted.noiseless().values[:, 1]
    lost = planted.slope * 13 / 16 * planted.error_temperature**2 / np.var(clean)
    spread = np.hypot(planted.error_number, planted.slope * planted.error_temperature) / np.sqrt(16 * np.var(clean))
    n = int(np.ceil((8.0 * spread / lost) ** 2))
    series = [planted.measure(seed) for seed in range(n)]
    fitted = [Problem(power_law_model(one), [one]).fit().values[0] for one in series]
    regressed = [np.polyfit(one.values[:, 1], one.values[:, 0], 1)[0] for one in series]
    z = {name: (np.mean(s) - planted.slope) / (spread / np.sqrt(n)) for name, s in (("f", fitted), ("r", regressed))}
    assert abs(z["f"]) < 4, (z, n)
    assert abs(z["r"]) > 4, (z, n)


def test_published_slope_cools_and_a_steep_one_does_not():
    cools, heats = (fit_evaporation(Evaporation(slope=s).measure(3), 3).check() for s in (1.84, 3.5))
    assert is_efficient(cools)
    assert not is_efficient(heats)
    one = cools.parameters["S_evap"]
    assert abs(one.best - 1.84) < 4 * 0.5 * (one.high - one.low)
    assert 0.05 < 0.5 * (one.high - one.low) < 0.15  # as well known as the published 1.84(9)


def test_phase_space_density_grows_as_published():
    # 0.014 to 0.06 at a slope of 1.84 in one trap: a tenth of the molecules at T / 3.5
    stages = np.exp(Evaporation().noiseless().values)
    density = phase_space_density(stages[:, 0], stages[:, 1], (45.0, 250.0, 40.0))
    assert density[-1] / density[0] == pytest.approx(0.06 / 0.014, rel=0.02)
