"""Measured points with a covariance each: the input of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...emulator.spec.errors import InputError

SMALLEST_EIGENVALUE = 1e-10  # of a correlation matrix; below it the inverse keeps fewer than six digits


@dataclass(frozen=True, eq=False)
class Series:
    """Points along one axis; at each, several quantities that were measured together.

    Parameters
    ----------
    name : str
        What the series is, such as "heated"; used in messages.
    x : ndarray, shape (n_points,), float64
        The axis, not decreasing: hold times, voltages.
    values : ndarray, shape (n_points, n_columns), float64
        Measured quantities.
    covariances : ndarray, shape (n_points, n_columns, n_columns), float64
        Covariance of each point, symmetric and positive definite. Points are independent of each other.
    columns : tuple of str
        Names of the quantities, with units.
    x_name : str
        Name of the axis, with its unit.

    Raises
    ------
    InputError
        One line that names column and row, counted from 0.
    """

    name: str
    x: np.ndarray
    values: np.ndarray
    covariances: np.ndarray
    columns: tuple[str, ...]
    x_name: str = "time_s"

    def __post_init__(self):
        for key in ("x", "values", "covariances"):
            object.__setattr__(self, key, np.array(getattr(self, key), dtype=np.float64))
        object.__setattr__(self, "columns", tuple(self.columns))
        self._check_shapes()
        self._check_numbers()
        self._check_covariances()

    @classmethod
    def of_curve(cls, name, x, y, sigma, columns=("x", "y")):
        """Return a series of one quantity ``y`` with standard errors ``sigma`` (a number, or one for each point).

        Parameters
        ----------
        name : str
            Name of the series.
        x, y : ndarray, shape (n_points,), float64
            The axis and the measured quantity.
        sigma : float or ndarray, shape (n_points,)
            Standard errors, above 0.
        columns : (str, str)
            Names of the axis and of the quantity.

        Returns
        -------
        Series
        """
        y = np.asarray(y, dtype=np.float64)
        sigma = np.broadcast_to(np.asarray(sigma, dtype=np.float64), y.shape)
        for row in np.flatnonzero(~(sigma > 0.0)):
            raise InputError(f"Standard error in row {row} of series {name!r} must be above 0, not {sigma[row]:g}")
        return cls(name, x, y[:, None], (sigma**2)[:, None, None], columns[1:], columns[0])

    @property
    def n_values(self):
        """Number of measured values."""
        return self.values.size

    @cached_property
    def factors(self):
        """Lower Cholesky factors L of the covariances, shape (n_points, n_columns, n_columns)."""
        return np.linalg.cholesky(self.covariances)

    @cached_property
    def whiteners(self):
        """Inverses of `factors`: L^-1 times a residual has the unit matrix as its covariance."""
        return np.linalg.inv(self.factors)

    def draw(self, centre, rng):
        """Return values around ``centre`` from the multivariate normal of each point; shape as ``values``."""
        return centre + np.einsum("pij,pj->pi", self.factors, rng.standard_normal(centre.shape))

    def _check_shapes(self):
        n_points, n_columns = self.x.size, len(self.columns)
        for key, shape in (
            ("x", (n_points,)),
            ("values", (n_points, n_columns)),
            ("covariances", (n_points, n_columns, n_columns)),
        ):
            if getattr(self, key).shape != shape:
                raise InputError(f"{key} of series {self.name!r} must be {shape}, not {getattr(self, key).shape}")
        if not n_points or not n_columns:
            raise InputError(f"Series {self.name!r} must be at least one point of one column, not empty")

    def _check_numbers(self):
        for row, column in np.argwhere(~np.isfinite(self.values)):
            where = f"Column {self.columns[column]!r}, row {row} of series {self.name!r}"
            raise InputError(f"{where} must be a finite number, not {self.values[row, column]}")
        for row in np.flatnonzero(~np.isfinite(self.x)):
            where = f"Column {self.x_name!r}, row {row} of series {self.name!r}"
            raise InputError(f"{where} must be a finite number, not {self.x[row]}")
        for row in np.flatnonzero(np.diff(self.x) < 0.0) + 1:
            where = f"Column {self.x_name!r}, row {row} of series {self.name!r}"
            raise InputError(f"{where} must be sorted, at least {self.x[row - 1]:g}, not {self.x[row]:g}")

    def _check_covariances(self):
        for row, matrix in enumerate(self.covariances):
            where = f"Covariance in row {row} of series {self.name!r}"
            if not np.isfinite(matrix).all():
                raise InputError(f"{where} must be finite numbers, not NaN or infinite")
            for column in np.flatnonzero(~(matrix.diagonal() > 0.0)):
                rule = f"positive definite (variance of {self.columns[column]!r} above 0)"
                raise InputError(f"{where} must be {rule}, not {matrix[column, column]:g}")
            spread = np.sqrt(matrix.diagonal())
            correlation = matrix / np.outer(spread, spread)
            if not np.allclose(correlation, correlation.T, rtol=0.0, atol=1e-9):
                raise InputError(f"{where} must be symmetric, not {matrix.tolist()}")
            smallest = float(np.linalg.eigvalsh(correlation)[0])
            if smallest < SMALLEST_EIGENVALUE:
                rule = f"positive definite (correlations with eigenvalues above {SMALLEST_EIGENVALUE:g})"
                raise InputError(f"{where} must be {rule}, not {smallest:.3g}")
