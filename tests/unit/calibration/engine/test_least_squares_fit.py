"""Weighted fits against closed forms and SciPy, and the data that determine nothing."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import curve_fit

from spinchip.calibration.engine.least_squares import Problem
from spinchip.calibration.engine.model import Model, Parameter, curve_model
from spinchip.calibration.engine.series import Series
from spinchip.emulator.spec.errors import InputError

X = np.linspace(0.0, 4.0, 9)


def two_columns(seed=3):
    """Return a line read twice, by columns whose errors hang together, and its design matrix."""
    rng = np.random.default_rng(seed)
    covariances = np.array([[[0.04, 0.05 * k], [0.05 * k, 0.09]] for k in np.linspace(-1.0, 1.0, X.size)])
    clean = np.stack([1.0 + 2.0 * X, 3.0 - 2.0 * X], axis=1)
    series = Series("pair", X, clean, covariances, ("up", "down"))
    design = np.stack([np.stack([np.ones_like(X), X], axis=1), np.stack([np.zeros_like(X), -X], axis=1)], axis=1)
    return replace(series, values=series.draw(clean, rng)), design


def pair_model():
    return curve_model(
        "pair", lambda x, a, b: np.stack([a + b * x, 3.0 - b * x], axis=1), [Parameter("a", 0.5), Parameter("b", 1.0)]
    )


def generalised(series, design, covariances):
    """Return the closed form of generalised least squares: solution, covariance, chi2."""
    weights = np.linalg.inv(covariances)
    target = series.values - np.array([0.0, 3.0])
    curvature = np.einsum("pia,pij,pjb->ab", design, weights, design)
    solution = np.linalg.solve(curvature, np.einsum("pia,pij,pj->a", design, weights, target))
    rest = target - design @ solution
    return solution, np.linalg.inv(curvature), np.einsum("pi,pij,pj->", rest, weights, rest)


@pytest.mark.promise("calibration.engine.calibrate")
def test_fit_equals_generalised_least_squares():
    series, design = two_columns()
    fit = Problem(pair_model(), [series]).fit()
    solution, covariance, chi2 = generalised(series, design, series.covariances)
    assert fit.values == pytest.approx(solution, rel=1e-7)
    assert fit.covariance == pytest.approx(covariance, rel=1e-6)
    assert (fit.chi2, fit.dof) == (pytest.approx(chi2, rel=1e-7), 16)
    # without the covariances' off-diagonals the answer is another one, beyond that precision
    without = series.covariances * np.eye(2)
    assert generalised(series, design, without)[0] != pytest.approx(solution, rel=1e-3)


def test_fit_equals_curve_fit_on_a_nonlinear_curve():
    def bend(x, a, k):
        return a * np.exp(-k * x)

    sigma = np.linspace(0.02, 0.1, X.size)
    y = bend(X, 2.0, 0.7) + sigma * np.random.default_rng(5).standard_normal(X.size)
    model = curve_model("decay", bend, [Parameter("a", 1.0), Parameter("k", 1.0, 0.0)])
    fit = Problem(model, [Series.of_curve("trace", X, y, sigma)]).fit()
    values, covariance = curve_fit(bend, X, y, [1.0, 1.0], sigma, absolute_sigma=True, xtol=1e-12)
    assert fit.values == pytest.approx(values, rel=1e-5)
    assert fit.covariance == pytest.approx(covariance, rel=1e-3)


def test_tiny_and_huge_parameters_are_found():
    # loss coefficients are 1e-13, densities 1e17: a search that is not scaled does not move
    model = curve_model("scales", lambda x, k, n: n / (1.0 + k * n * x), [Parameter("k", 2e-17), Parameter("n", 1e17)])
    y = 2.5e17 / (1.0 + 4e-18 * 2.5e17 * X)
    fit = Problem(model, [Series.of_curve("trace", X, y, 1e15)]).fit()
    assert fit.values == pytest.approx([4e-18, 2.5e17], rel=1e-5)


def of(function, *parameters, y=None):
    """Return a problem of a curve on nine points."""
    y = 1.0 + 0.5 * X if y is None else y
    return Problem(curve_model("law", function, parameters), [Series.of_curve("trace", X, y, 0.1)])


A, B = Parameter("a", 1.0), Parameter("b", 1.0)
BLIND = [
    (lambda x, a, b: a + 0.0 * b * x, "b", "standard error at most 10 times its magnitude"),
    (lambda x, a, b: a + 1e-9 * b * x, "b", "standard error at most 10 times its magnitude"),
    (lambda x, a, b: (a + b) * x, "[ab]", "singular value above 1e-06 of the largest"),
    (lambda x, a, b: a * b * x, "[ab]", "singular value above 1e-06 of the largest"),
]


@pytest.mark.promise("calibration.engine.calibrate")
@pytest.mark.parametrize(("function", "name", "rule"), BLIND)
def test_parameter_that_data_do_not_determine_is_refused(function, name, rule):
    with pytest.raises(InputError, match=f"^Parameter '{name}' must be determined by the data .{rule}., not .*$"):
        of(function, A, B).fit()


def test_weakly_but_truly_determined_parameter_is_kept():
    # 3e-3 b x is known to 6 of its own units, within the criterion of 10; 1e-3 is not
    fit = of(lambda x, a, b: a + 3e-3 * b * x, A, B, y=1.0 + 3e-3 * X).fit()
    assert 5.0 < fit.errors[1] < 10.0
    with pytest.raises(InputError, match="^Parameter 'b' must be determined by the data .*$"):
        of(lambda x, a, b: a + 1e-3 * b * x, A, B, y=1.0 + 1e-3 * X).fit()


def test_result_on_a_bound_is_refused():
    bounded = Parameter("b", 1.0, 0.75, 2.0)
    with pytest.raises(InputError, match=r"^Parameter 'b' must be .* inside 0.75 \.\.\. 2, not end on the bound 0.75$"):
        of(lambda x, a, b: a + b * x, A, bounded).fit()


@pytest.mark.parametrize("n_points", [1, 2])
def test_no_more_values_than_parameters_is_refused(n_points):
    model = curve_model("line", lambda x, a, b: a + b * x, [A, B])
    text = f"^Number of measured values must be more than the 2 parameters of 'line', not {n_points}$"
    with pytest.raises(InputError, match=text):
        Problem(model, [Series.of_curve("short", X[:n_points], X[:n_points], 0.1)])


@pytest.mark.parametrize("edge", [0.5, 1.0])  # NaN at the start a = 1; finite there, but not its derivative
def test_nan_where_the_search_starts_is_refused(edge):
    with pytest.raises(InputError, match="^Model 'law' must be finite where its search starts .*, not NaN .*$"):
        of(lambda x, a: np.where(a <= edge, a, np.nan) * x, A).fit()


def test_search_survives_nan_on_its_way():
    # a step from a = 4 overshoots to where the root has no value
    def root(x, a):
        return np.where(a > 0.0, np.abs(a) ** 0.25, np.nan) * (1.0 + x)

    fit = of(root, Parameter("a", 400.0, scale=400.0), y=0.3**0.25 * (1.0 + X)).fit()
    assert fit.values == pytest.approx([0.3], rel=1e-5)


def test_wrong_shape_and_names_are_refused():
    with pytest.raises(InputError, match=r"^Prediction of 'law' for .* must be of shape \(9, 1\), not \(9, 2\)$"):
        of(lambda x, a: np.zeros((9, 2)) + a, A)
    with pytest.raises(InputError, match="^Parameters of model 'twice' must be one or more different names, not .*$"):
        Model("twice", (A, A), lambda values, axes: axes)
    with pytest.raises(InputError, match="^Scale of parameter 'c' must be above 0 and finite, not 0$"):
        Parameter("c", 0.0)
    with pytest.raises(InputError, match=r"^Start of parameter 'c' must be inside its bounds 0 \.\.\. inf, not -1$"):
        Parameter("c", -1.0, 0.0)
    with pytest.raises(InputError, match="^Parameter must be one of a, b, not 'c'$"):
        of(lambda x, a, b: a + b * x, A, B).model.starting_at(c=1.0)


def test_moved_start_keeps_scales():
    moved = of(lambda x, a, b: a + b * x, A, B).model.starting_at(b=7.0)
    assert [(one.start, one.scale) for one in moved.parameters] == [(1.0, 1.0), (7.0, 1.0)]
