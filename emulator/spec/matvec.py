"""The protocol that every matrix backend keeps: ideal, crossbar, crossbar with its RTL controller."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from .errors import InputError
from .samples import Ledger


@runtime_checkable
class MatVec(Protocol):
    """Something that multiplies row vectors by one fixed matrix, y = x W.

    Attributes
    ----------
    shape : tuple of (int, int)
        Inputs and outputs, the shape of W.
    ledger : Ledger
        Events of all products so far.
    """

    shape: tuple[int, int]
    ledger: Ledger

    def multiply(self, inputs, seed=0):
        """Return the product of one vector or a batch.

        Parameters
        ----------
        inputs : ndarray, shape (n_inputs,) or (n_batch, n_inputs), float64
            Input vectors, one a row.
        seed : int
            Reproduces the noise of this call; noiseless backends ignore it.

        Returns
        -------
        ndarray, shape (n_outputs,) or (n_batch, n_outputs), float64
            A new array.

        Raises
        ------
        InputError
            If the inputs are not finite, not real, or of another width.
        """
        ...


def checked_inputs(inputs, n_inputs):
    """Return inputs as a float64 batch, not to be written to, and whether they were a single vector.

    Raises
    ------
    InputError
        If they are complex, not finite, empty, or not ``n_inputs`` wide.
    """
    return _real_array(inputs, "Inputs", (1, 2), n_inputs)


def checked_weights(weights):
    """Return weights as a float64 matrix of shape (n_inputs, n_outputs), not to be written to.

    Raises
    ------
    InputError
        If they are complex, not finite, empty, or no matrix.
    """
    matrix, _ = _real_array(weights, "Weights", (2,), None)
    return matrix


def _real_array(values, what, ranks, width):
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise InputError(f"{what} must be real numbers, not of type {array.dtype}")
    if array.ndim not in ranks:
        raise InputError(f"{what} must have {' or '.join(map(str, ranks))} dimensions, not shape {array.shape}")
    if array.size == 0:
        raise InputError(f"{what} must not be empty, but have shape {array.shape}")
    if width is not None and array.shape[-1] != width:
        raise InputError(f"{what} must be {width} wide, not of shape {array.shape}")
    array = array.astype(np.float64, copy=False)
    with np.errstate(over="ignore", invalid="ignore"):
        total = array.sum()  # finite only if every number is; half the time of asking each
    if not np.isfinite(total) and not np.isfinite(array).all():
        place = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise InputError(f"{what} must be finite, not {array[place]} at {place}")
    return np.atleast_2d(array), array.ndim == 1
