"""Series refuse what no fit can use, in one line that names column and row."""

import numpy as np
import pytest

from spinchip.calibration.engine.series import Series
from spinchip.emulator.spec.errors import InputError

COLUMNS = ("n_m3", "T_K")


def good():
    """Return the arguments of a sound series of three points and two columns."""
    covariance = np.array([[4.0, 1.0], [1.0, 9.0]])
    return {
        "name": "hold",
        "x": np.array([0.0, 1.0, 1.0]),
        "values": np.arange(6.0).reshape(3, 2),
        "covariances": np.tile(covariance, (3, 1, 1)),
        "columns": COLUMNS,
    }


def changed(key, index, value):
    arguments = good()
    arguments[key][index] = value
    return arguments


BROKEN = [
    (("values", (2, 1), np.nan), "Column 'T_K', row 2 of series 'hold' must be a finite number, not nan"),
    (("values", (0, 0), np.inf), "Column 'n_m3', row 0 of series 'hold' must be a finite number, not inf"),
    (("x", 1, np.nan), "Column 'time_s', row 1 of series 'hold' must be a finite number, not nan"),
    (("x", 2, 0.5), "Column 'time_s', row 2 of series 'hold' must be sorted, at least 1, not 0.5"),
    (
        ("covariances", (1, 0, 1), np.nan),
        "Covariance in row 1 of series 'hold' must be finite numbers, not NaN or inf.*",
    ),
    (("covariances", (1, 1, 1), 0.0), "Covariance in row 1 .* positive definite .variance of 'T_K' above 0., not 0"),
    (("covariances", (0, 0, 1), 2.0), "Covariance in row 0 of series 'hold' must be symmetric, not .*"),
    (("covariances", 2, [[4.0, 6.0], [6.0, 9.0]]), "Covariance in row 2 .* positive definite .* not .*"),
]


@pytest.mark.parametrize(("change", "text"), BROKEN)
def test_broken_series_is_refused(change, text):
    with pytest.raises(InputError, match=f"^{text}$"):
        Series(**changed(*change))


def test_wrong_shape_is_refused():
    with pytest.raises(InputError, match=r"^values of series 'hold' must be \(3, 2\), not \(3, 1\)$"):
        Series(**(good() | {"values": np.zeros((3, 1))}))


def test_standard_error_of_zero_is_refused():
    with pytest.raises(InputError, match="^Standard error in row 1 of series 'ramp' must be above 0, not 0$"):
        Series.of_curve("ramp", [0.0, 1.0], [1.0, 2.0], [0.1, 0.0])


def test_whitened_draws_have_the_unit_matrix_as_covariance():
    # An entry of a covariance is known to sqrt(2 / n): n tells an off-diagonal of 1/6, the correlation here, from 0.
    n = int((8 * np.sqrt(2) / (1 / 6)) ** 2)
    series = Series(
        **(good() | {"x": np.zeros(n), "values": np.zeros((n, 2)), "covariances": np.tile([[4, 1], [1, 9]], (n, 1, 1))})
    )
    noise = series.draw(series.values, np.random.default_rng(1))
    white = np.einsum("pij,pj->pi", series.whiteners, noise)
    assert np.abs(white.T @ white / n - np.eye(2)).max() < 4 * np.sqrt(2 / n)
    scaled = noise / [2.0, 3.0]  # correlations left in
    assert np.abs(scaled.T @ scaled / n - np.eye(2)).max() > 4 * np.sqrt(2 / n)
