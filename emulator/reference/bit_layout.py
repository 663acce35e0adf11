"""Instances as small integers, and the arrays of the bit kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ..spec.errors import InputError
from .bit_fields import ALL_ONES, BitGraph
from .bit_kernels import N_PLANES

MAX_SUM = 62  # largest |field| in units: 32 classes, beyond which masks and tables cost more than floats do
RELATIVE_ERROR = 1e-9  # how far a value may lie from a multiple of the unit, as rounding in a text file leaves it


@dataclass(frozen=True, eq=False)
class IntegerForm:
    """Whole multiples of a unit.

    Parameters
    ----------
    unit : float
        The unit u.
    couplings : ndarray, shape (2 n_couplings,), int64
        k of each entry of ``layout.values``.
    biases : ndarray, shape (n_spins,), int64
        b of each row.
    largest : int
        Largest absolute field that a free spin can see, in units.
    """

    unit: float
    couplings: np.ndarray
    biases: np.ndarray
    largest: int


def integer_form(layout):
    """Return couplings and biases of a layout as multiples of the largest unit that fits.

    Raises
    ------
    InputError
        If there is none, or the fields would need more than `MAX_SUM` units.
    """
    sizes = np.unique(np.abs(np.concatenate([layout.values, layout.biases])))
    sizes = sizes[sizes > 0]
    divisor = _divisor(sizes)
    unit = float(sizes[0] / divisor) if len(sizes) else 1.0
    couplings = np.rint(layout.values / unit).astype(np.int64)
    biases = np.rint(layout.biases / unit).astype(np.int64)
    reach = np.abs(biases) + np.add.reduceat(np.append(np.abs(couplings), 0), layout.pointers[:-1]) * (
        np.diff(layout.pointers) > 0
    )
    largest = int(reach[: layout.n_free].max(initial=0))
    if largest > MAX_SUM:
        raise InputError(
            f"Local fields must stay within {MAX_SUM} units of {unit:g} for bit slicing, not reach {largest};"
            " the reference backend takes any"
        )
    return IntegerForm(unit, couplings, biases, largest)


def _divisor(sizes):
    """Return the smallest number of units in the smallest size, such that all sizes are whole."""
    for divisor in range(1, MAX_SUM + 1):
        multiples = sizes / (sizes[0] / divisor) if len(sizes) else sizes
        if np.all(np.abs(multiples - np.rint(multiples)) <= RELATIVE_ERROR * multiples):
            return divisor
    raise InputError(
        f"Couplings and biases must be small multiples of one unit for bit slicing, not {sizes[0]:g} ... {sizes[-1]:g};"
        " the reference backend takes any"
    )


def bit_graph(layout, form):
    """Return the arrays of the bit kernels, and their dimensions.

    The constant of a row is ``2^(n_bits - 1) - ceil((W - b) / 2)``: with it, the top bit of the sum is the sign of the
    field, and the others are the class, or its complement below zero.

    Returns
    -------
    graph : BitGraph
    n_bits, n_classes : int
        Bits of a sum; classes of its absolute value.
    """
    n_classes = form.largest // 2 + 1
    n_bits = max(1, (n_classes - 1).bit_length()) + 1
    row_of = np.repeat(np.arange(layout.n_spins), np.diff(layout.pointers))
    weights = np.bincount(row_of, np.abs(form.couplings), layout.n_spins).astype(np.int64)
    balance = (weights - form.biases)[: layout.n_free]
    kinds, kind_of = np.unique(balance, return_inverse=True)
    offsets = ((1 << (n_bits - 1)) - -(-kinds // 2)) % (1 << n_bits)
    constants = np.column_stack([(offsets[:, None] >> np.arange(n_bits)) & 1, kinds % 2 == 0])
    pointers, inputs = _inputs(layout, form.couplings, row_of, n_bits)
    graph = BitGraph(pointers, inputs, kind_of * (n_bits + 1), _masks(constants).ravel())
    return graph, n_bits, n_classes


def _inputs(layout, couplings, row_of, n_bits):
    """Return pointers and inputs: one input for each set bit of each |k|, by row and column of the sum."""
    entries = np.flatnonzero(row_of < layout.n_free)
    has_bit = (np.abs(couplings[entries])[:, None] >> np.arange(n_bits)) & 1
    which, column = np.nonzero(has_bit)
    slots = row_of[entries][which] * n_bits + column
    order = np.argsort(slots, kind="stable")
    chosen = entries[which][order]
    counts = np.bincount(slots, minlength=layout.n_free * n_bits)
    pointers = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return pointers, np.column_stack([layout.neighbors[chosen], _masks(couplings[chosen] < 0)]).ravel()


def _masks(truths):
    """Return words of all ones where true and all zeros where false."""
    return np.where(truths, ALL_ONES, np.uint64(0))


def threshold_table(beta, unit, n_classes):
    """Return the bits of all thresholds as masks, ready to be combined by class masks.

    Returns
    -------
    ndarray, shape (2 * 64 * n_classes,), uint64
        For q = 0, then q = 1, for each bit from the top: the bit of class 0, then for every other class whether its
        bit differs from that.
    """
    sizes = 2 * np.arange(n_classes) + np.array([[0], [1]])
    thresholds = np.rint(expit(-2.0 * beta * unit * sizes) * 2.0**64).astype(np.uint64)  # at most 2^63
    shifts = np.arange(N_PLANES - 1, -1, -1, dtype=np.uint64)[None, :, None]
    bits = (thresholds[:, None, :] >> shifts) & np.uint64(1)
    bits[:, :, 1:] ^= bits[:, :, :1]
    return _masks(bits).ravel()
