"""Checks of matrices and vectors that every matrix backend shares."""

import re

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.matvec import checked_inputs, checked_weights


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int8, np.uint16, bool])
def test_real_numbers_of_any_type_pass(dtype):
    matrix = checked_weights(np.ones((2, 3), dtype=dtype))
    assert matrix.dtype == np.float64
    assert matrix.shape == (2, 3)
    batch, is_single = checked_inputs([1, 0], 2)
    assert (batch.shape, is_single) == ((1, 2), True)
    batch, is_single = checked_inputs(np.ones((4, 2), dtype=dtype), 2)
    assert (batch.shape, is_single) == ((4, 2), False)


def test_numbers_whose_sum_is_beyond_float64_pass():
    """The quick check of a sum overflows, and cancels to NaN; the numbers themselves are finite."""
    huge = np.full((4, 4), 1.7e308)
    huge[0] = -huge[0]
    assert np.array_equal(checked_weights(huge), huge)
    assert np.array_equal(checked_inputs(huge, 4)[0], huge)


@pytest.mark.parametrize("place", [(0, 0), (1, 2), (3, 4)])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_first_number_that_is_not_finite_is_named(place, value):
    matrix = np.ones((4, 5))
    matrix[place] = matrix[3, 4] = value
    with pytest.raises(InputError, match=f"^{re.escape(f'Weights must be finite, not {value} at {place}')}$"):
        checked_weights(matrix)
    with pytest.raises(InputError, match=f"^{re.escape(f'Inputs must be finite, not {value} at {place}')}$"):
        checked_inputs(matrix, 5)


def test_opposite_infinities_do_not_cancel():
    with pytest.raises(InputError, match=r"^Inputs must be finite, not inf at \(0,\)$"):
        checked_inputs([np.inf, -np.inf], 2)


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        (np.ones((2, 2), dtype=complex), "Weights must be real numbers, not of type complex128"),
        ([[None, 1]], "Weights must be real numbers, not of type object"),
        (np.ones(3), "Weights must have 2 dimensions, not shape (3,)"),
        (np.ones((1, 2, 3)), "Weights must have 2 dimensions, not shape (1, 2, 3)"),
        (np.ones((3, 0)), "Weights must not be empty, but have shape (3, 0)"),
    ],
)
def test_what_is_no_matrix_is_refused(weights, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        checked_weights(weights)


def test_other_widths_are_refused():
    with pytest.raises(InputError, match=r"^Inputs must be 3 wide, not of shape \(4, 2\)$"):
        checked_inputs(np.ones((4, 2)), 3)
