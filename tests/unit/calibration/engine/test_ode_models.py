"""Models given as differential equations equal their closed forms."""

import numpy as np
import pytest

from spinchip.calibration.engine.least_squares import Problem
from spinchip.calibration.engine.model import Parameter, curve_model, ode_model
from spinchip.calibration.engine.series import Series
from spinchip.emulator.spec.errors import InputError

PARAMETERS = [Parameter("rate", 0.5, 0.0), Parameter("first", 1.0), Parameter("second", 2.0)]
T = np.array([0.0, 0.5, 0.5, 2.0, 5.0])


def logistic(x, rate, first):
    return 1.0 / (1.0 + (1.0 / first - 1.0) * np.exp(-rate * x))


def growth():
    """Return logistic growth of two series with a common rate."""
    return ode_model(
        "growth", lambda x, state, p: p[0] * state * (1.0 - state), lambda p, k: np.array([p[1 + k]]), PARAMETERS
    )


def test_solution_equals_the_closed_form():
    values = np.array([0.7, 0.1, 1.8])
    found = growth().predict(values, [T, T[:2]])
    assert found[0][:, 0] == pytest.approx(logistic(T, 0.7, 0.1), rel=1e-7)
    assert found[1][:, 0] == pytest.approx(logistic(T[:2], 0.7, 1.8), rel=1e-7)
    assert found[0][:, 0] != pytest.approx(logistic(T, 0.71, 0.1), rel=1e-4)


def test_fit_equals_that_of_the_formula():
    rng = np.random.default_rng(2)
    y = logistic(T, 0.7, 0.3) + 0.01 * rng.standard_normal(T.size)
    series = [Series.of_curve("growth", T, y, 0.01)]
    ode = ode_model("growth", lambda x, s, p: p[0] * s * (1.0 - s), lambda p, k: p[1:], PARAMETERS[:2])
    fits = [Problem(model, series).fit() for model in (ode, curve_model("formula", logistic, PARAMETERS[:2]))]
    assert fits[0].values == pytest.approx(fits[1].values, rel=1e-5)
    assert fits[0].errors == pytest.approx(fits[1].errors, rel=1e-3)


def test_equation_that_blows_up_predicts_nan():
    model = ode_model("blow", lambda x, s, p: p[0] * s**2, lambda p, k: p[1:2], PARAMETERS)
    assert np.isnan(model.predict(np.array([1.0, 1.0, 1.0]), [T])[0]).all()


def test_single_point_at_zero_is_the_start():
    assert growth().predict(np.array([0.7, 0.1, 1.8]), [np.zeros(2), T])[0].tolist() == [[0.1], [0.1]]


def test_axis_before_zero_is_refused():
    with pytest.raises(InputError, match="^Axis of a differential equation must be at least 0, not -1$"):
        growth().predict(np.array([0.7, 0.1, 1.8]), [T - 1.0, T])
