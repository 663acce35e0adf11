"""Activation tables: the probability of a spin up, for every word of the local field."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from ..errors import InputError


def activation_table(beta, field_format, compare_bits):
    r"""Return the thresholds that make ``random word < threshold`` a p-bit at inverse temperature ``beta``.

    .. math:: T(I) = \mathrm{rint}\left(2^w \sigma(2 \beta I)\right), \qquad 1 \le T \le 2^w - 1

    The clip is a floor: no chance is below 2^-w, that of beta I = w ln(2) / 2, 5.5 for 16 bits and 11.1 for 32; the
    exact distributions that hardware is held against have it too.

    The clip keeps the chain ergodic, and with it the table stays odd about one half: T(-I) = 2^w - T(I).

    Parameters
    ----------
    beta : float
        Inverse temperature, 0 or more.
    field_format : Fixed
        Format of the local field; its words index the table.
    compare_bits : int
        Bits ``w`` of the random word that is compared [bit].

    Returns
    -------
    ndarray, shape (2**field_format.width,), uint32
        Entry ``k`` belongs to the field whose two's-complement word, read as unsigned, is ``k``.

    >>> from ..fixed import Fixed
    >>> activation_table(1.0, Fixed(1, 0), 8).tolist()
    [128, 225, 5, 31]
    """
    if not (np.isfinite(beta) and beta >= 0):
        raise InputError(f"Inverse temperature must be finite and 0 or more, not {beta!r}")
    unsigned = np.arange(1 << field_format.width)
    words = np.where(unsigned > field_format.max_word, unsigned - (1 << field_format.width), unsigned)
    full = 1 << compare_bits
    with np.errstate(
        over="ignore"
    ):  # a field beyond float64 is a field without end; 2 beta may be, and times 0 no number
        fields = beta * (2.0 * field_format.values(words))
    thresholds = np.rint(full * expit(fields))
    return np.clip(thresholds, 1, full - 1).astype(np.uint32)
