"""Weighted least squares of a model on series, with refusals of fits that the data cannot support."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, stats

from ...emulator.spec.errors import InputError

SMALLEST_SINGULAR = 1e-6  # of the Jacobian with columns of norm 1, to the largest; differences are good to 1e-8
LARGEST_ERROR = 10.0  # standard error, in units of the parameter's magnitude
TOLERANCE = 1e-8  # relative, of parameters and of chi2, where a search ends: 3e-4 standard errors in the dipolar gas
NOT_FINITE = re.compile("not finite|infs or NaNs")  # SciPy's words for residuals, and for derivatives
BOUND_MARGIN = 1e-6  # relative to the scale: nearer to a bound is on it


@dataclass(frozen=True, eq=False)
class Fit:
    """Where the weighted sum of squares is least.

    Parameters
    ----------
    values : ndarray, shape (n_parameters,), float64
        Parameters at the minimum.
    covariance : ndarray, shape (n_parameters, n_parameters), float64
        Inverse curvature there, (J^T J)^-1 with J in standard errors of the data.
    chi2 : float
        Weighted sum of squares.
    dof : int
        Measured values less parameters.
    """

    values: np.ndarray
    covariance: np.ndarray
    chi2: float
    dof: int

    @property
    def chi2_dof(self):
        """chi2 over degrees of freedom; 1 +- sqrt(2 / dof) for a true model."""
        return self.chi2 / self.dof

    @property
    def chi2_p(self):
        """Probability of a larger chi2 under a true model with true covariances."""
        return float(stats.chi2.sf(self.chi2, self.dof))

    @property
    def errors(self):
        """Standard errors by curvature, shape (n_parameters,)."""
        return np.sqrt(self.covariance.diagonal())


class Problem:
    """A model on series: everything that stays the same between refits.

    Parameters
    ----------
    model : Model
        Model to fit.
    series : sequence of Series
        The measured points; covariances are taken as known.

    Raises
    ------
    InputError
        If there are not more measured values than parameters, or the model's shape is not that of the data.
    """

    def __init__(self, model, series):
        self.model, self.series = model, tuple(series)
        if not self.series:
            raise InputError("Data must be at least one series, not none")
        self.axes = [one.x for one in self.series]
        self.n_values, self.n_parameters = sum(one.n_values for one in self.series), len(model.parameters)
        if self.n_values <= self.n_parameters:
            rule = f"more than the {self.n_parameters} parameters of {model.name!r}"
            raise InputError(f"Number of measured values must be {rule}, not {self.n_values}")
        self.scale = np.array([one.scale for one in model.parameters])
        self.low = np.array([one.low for one in model.parameters])
        self.high = np.array([one.high for one in model.parameters])
        self._check_shapes()

    @property
    def start(self):
        """Where the model's search begins, shape (n_parameters,)."""
        return np.array([one.start for one in self.model.parameters])

    @property
    def measured(self):
        """The measured values of each series; list of ndarray."""
        return [one.values for one in self.series]

    def predict(self, values):
        """Return the predicted points of each series; list of ndarray (n_points, n_columns)."""
        return self.model.predict(values, self.axes)

    def with_values(self, data):
        """Return the same problem with other measured values."""
        pairs = zip(self.series, data, strict=True)
        return Problem(self.model, [replace(one, values=values) for one, values in pairs])

    def draw(self, centres, rng):
        """Return one synthetic data set around ``centres``, point by point from the multivariate normal."""
        return [one.draw(centre, rng) for one, centre in zip(self.series, centres, strict=True)]

    def residuals(self, values, data):
        """Return predicted less ``data`` in standard errors, with unit covariance; shape (n_values,)."""
        parts = [
            np.einsum("pij,pj->pi", one.whiteners, points - measured).ravel()
            for one, points, measured in zip(self.series, self.predict(values), data, strict=True)
        ]
        return np.concatenate(parts)

    def solve(self, data, start):
        """Return the least-squares solution on ``data`` as SciPy gives it, in units of the scales.

        Raises
        ------
        InputError
            If the model or its derivative is not finite where the search is, or the search does not end.
        """
        try:
            found = optimize.least_squares(
                lambda scaled: self.residuals(scaled * self.scale, data),
                start / self.scale,
                bounds=(self.low / self.scale, self.high / self.scale),
                xtol=TOLERANCE,
                ftol=TOLERANCE,
                gtol=TOLERANCE,
            )
        except ValueError as error:
            if isinstance(error, InputError) or not NOT_FINITE.search(str(error)):
                raise
            rule = "finite where its search starts and at every point that it keeps"
            raise InputError(f"Model {self.model.name!r} must be {rule}, not NaN or infinite") from None
        if found.status <= 0:
            raise InputError(f"Search of {self.model.name!r} must end, not be at work after {found.nfev} evaluations")
        return found

    def fit(self, data=None, start=None):
        """Return the `Fit` of ``data``, the measured values if absent.

        Raises
        ------
        InputError
            If the data do not determine a parameter: see `check_identified`; or if it ends on a bound.
        """
        found = self.solve(self.measured if data is None else data, self.start if start is None else start)
        values = found.x * self.scale
        self._check_bounds(values)
        covariance = check_identified(found.jac, np.maximum(np.abs(found.x), 1.0), self.model.names)
        covariance *= np.outer(self.scale, self.scale)
        return Fit(values, covariance, 2.0 * float(found.cost), self.n_values - self.n_parameters)

    def on_bound(self, values):
        """Return which of ``values`` lie on a bound; bool, shape of ``values``."""
        margin = BOUND_MARGIN * self.scale
        return (values <= self.low + margin) | (values >= self.high - margin)

    def _check_bounds(self, values):
        for number in np.flatnonzero(self.on_bound(values)):
            one = self.model.parameters[number]
            rule = f"determined by the data inside {one.low:g} ... {one.high:g}"
            raise InputError(f"Parameter {one.name!r} must be {rule}, not end on the bound {values[number]:g}")

    def _check_shapes(self):
        for one, points in zip(self.series, self.predict(self.start), strict=True):
            if np.shape(points) != one.values.shape:
                where = f"Prediction of {self.model.name!r} for series {one.name!r}"
                raise InputError(f"{where} must be of shape {one.values.shape}, not {np.shape(points)}")


def check_identified(jacobian, magnitudes, names):
    """Return the covariance of the parameters, or refuse data that do not determine one of them.

    Two criteria. Rank: with columns scaled to norm 1, the smallest singular value of the Jacobian must exceed 1e-6 of
    the largest; the parameter with the largest part in that direction is named. Curvature: the standard error
    of each parameter must not exceed ten times its magnitude.

    Parameters
    ----------
    jacobian : ndarray, shape (n_values, n_parameters), float64
        Derivatives of the residuals, in standard errors.
    magnitudes : ndarray, shape (n_parameters,), float64
        The larger of each parameter's value and its scale.
    names : sequence of str
        Names of the parameters, for the error message.

    Returns
    -------
    ndarray, shape (n_parameters, n_parameters), float64
        (J^T J)^-1.

    Raises
    ------
    InputError
        One line that names the parameter.
    """
    norms = np.sqrt(np.einsum("ij,ij->j", jacobian, jacobian))
    for number in np.flatnonzero(norms * magnitudes * LARGEST_ERROR < 1.0):  # worse than this alone, others known
        raise InputError(_undetermined(names[number], np.inf if norms[number] == 0.0 else 1.0 / norms[number]))
    _, singular, rows = np.linalg.svd(jacobian / norms, full_matrices=False)
    if singular[-1] < SMALLEST_SINGULAR * singular[0]:
        worst = names[int(np.argmax(np.abs(rows[-1])))]
        rule = f"determined by the data (singular value above {SMALLEST_SINGULAR:g} of the largest)"
        raise InputError(f"Parameter {worst!r} must be {rule}, not {singular[-1] / singular[0]:.2g}")
    inverse = rows / singular[:, None]
    covariance = inverse.T @ inverse / np.outer(norms, norms)
    errors = np.sqrt(covariance.diagonal())
    for number in np.flatnonzero(errors > LARGEST_ERROR * magnitudes):
        raise InputError(_undetermined(names[number], errors[number]))
    return covariance


def _undetermined(name, error):
    rule = f"determined by the data (standard error at most {LARGEST_ERROR:g} times its magnitude)"
    return f"Parameter {name!r} must be {rule}, not to {error:.2g} of its scale"
