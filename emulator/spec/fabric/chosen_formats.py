"""Word formats chosen from an instance: exact where short words can be, rounded or saturated where they cannot."""

from __future__ import annotations

from itertools import count

import numpy as np

from ..fixed import MAX_EXPONENT, Fixed, first_integer_bits, smallest_format
from .accumulator import MAX_FIELD_BITS, MAX_OFFSET_BITS, widths

DEFAULT_MAX_WORD_BITS = 8  # of couplings and biases whose values no short format holds exactly
DEFAULT_MAX_FIELD_BITS = 10  # 1024 table entries; a wider field buys less than the 16-bit compare loses


def choose_formats(instance, weight=None, bias=None, field=None):
    """Return the formats of couplings, biases and the local field; those that are given stay as they are.

    Couplings and biases get the narrowest formats that hold them exactly, or the best ones of 8 bits. Where both
    together make a sum too wide for the hardware, because one kind is some millions of times smaller than the other,
    the finer format loses fraction bits until the sum fits: its numbers are rounded, to zero if need be. Numbers
    beyond 2^127, and sums of them, saturate.

    Parameters
    ----------
    instance : IsingInstance
        Any: formats exist for all finite numbers.
    weight, bias, field : Fixed, optional
        Choices of the user.

    Returns
    -------
    weight, bias, field : Fixed
    """
    degree = instance.max_degree
    highest = 2.0 ** (MAX_EXPONENT - 2 - degree.bit_length())  # so many of them stay below 2^127
    free = [name for name, given in (("weight", weight), ("bias", bias)) if given is None]
    weight = weight or smallest_format(np.minimum(np.abs(instance.edge_values), highest), DEFAULT_MAX_WORD_BITS)
    bias = bias or _bias_format(np.clip(instance.biases, -highest, highest), weight)
    weight, bias = _fitting({"weight": weight, "bias": bias}, free, degree).values()
    return weight, bias, field or _field_format(instance, weight, bias)


def _fitting(formats, free, degree):
    """Return the formats with as few fraction bits less as make the sum fit, if those in ``free`` can."""
    while free and not _fits(formats, degree):
        finest = max(free, key=lambda name: formats[name].n_frac)
        old = formats[finest]
        n_frac = old.n_frac - 1
        # A coupling keeps a bit behind its sign; a bias may be none.
        n_int = max(old.n_int, (1 if finest == "weight" else 0) - n_frac)
        if max(abs(n_int), abs(n_frac)) > MAX_EXPONENT:
            break
        formats = formats | {finest: Fixed(n_int, n_frac)}
    return formats


def _fits(formats, degree):
    """Tell whether offset words and sums fit the hardware."""
    frac, offset_bits, sum_bits = widths(formats["weight"], formats["bias"], degree)
    is_narrow = 1 + offset_bits <= MAX_OFFSET_BITS and sum_bits + 1 <= MAX_FIELD_BITS
    return is_narrow and abs(offset_bits - frac) <= MAX_EXPONENT


def _bias_format(biases, weight):
    """Return a format for the biases; none of them at all take the exponent of large or small couplings."""
    if not biases.any() and min(weight.n_int, weight.n_frac) < 0:
        return Fixed(-weight.n_frac, weight.n_frac)
    return smallest_format(biases, DEFAULT_MAX_WORD_BITS)


def _field_format(instance, weight, bias):
    """Return a format for every field that the quantised instance reaches, of at most ten bits."""
    slack = 0.5 * (weight.step * instance.max_degree + bias.step)  # what rounding can add to a field
    n_frac = max(weight.n_frac, bias.n_frac)
    slack = 0.0 if _is_exact(instance, weight, bias) else slack
    reach = min(instance.max_field + slack, 2.0**MAX_EXPONENT)
    n_int = next(
        a
        for a in count(first_integer_bits(reach, DEFAULT_MAX_FIELD_BITS))
        if a == MAX_EXPONENT or 2.0**a - 2.0**-n_frac >= reach
    )
    return Fixed(n_int, min(n_frac, DEFAULT_MAX_FIELD_BITS - 1 - n_int))


def _is_exact(instance, weight, bias):
    """Tell whether both formats hold the instance's numbers without rounding."""
    return all(
        np.array_equal(f.values(f.words(v)[0]), v) for f, v in ((weight, instance.edge_values), (bias, instance.biases))
    )
