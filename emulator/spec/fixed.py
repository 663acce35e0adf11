"""Fixed-point formats, written s[a][b]: one sign bit, ``a`` integer bits, ``b`` fraction bits; one may be negative."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import count

import numpy as np

from .errors import InputError

MAX_EXPONENT = 127  # what a byte of a register holds
SMALL = 2.0**-4  # below it, numbers would leave more than half of a short word empty


@dataclass(frozen=True, order=True)
class Fixed:
    """A signed two's-complement format with ``n_int`` integer and ``n_frac`` fraction bits.

    Negative fraction bits are zeros that large numbers end in, negative integer bits those that small ones begin with.

    >>> str(Fixed(4, 1)), Fixed(4, 1).width, Fixed(4, 1).lowest, Fixed(4, 1).highest
    ('s[4][1]', 6, -16.0, 15.5)
    >>> str(Fixed(19, -12)), Fixed(19, -12).width, Fixed(19, -12).step
    ('s[19][-12]', 8, 4096.0)
    """

    n_int: int
    n_frac: int

    def __post_init__(self):
        if self.n_int + self.n_frac < 0 or max(abs(self.n_int), abs(self.n_frac)) > MAX_EXPONENT:
            rule = f"0 or more together, each -{MAX_EXPONENT} ... {MAX_EXPONENT}"
            raise InputError(f"Bits of a fixed-point format must be {rule}, not s[{self.n_int}][{self.n_frac}]")
        if self.width > 31:
            raise InputError(f"Width of a fixed-point format must be at most 31 bits, not {self.width} for {self}")

    def __str__(self):
        return f"s[{self.n_int}][{self.n_frac}]"

    @classmethod
    def parse(cls, text):
        """Return the format written ``s[a][b]``.

        >>> Fixed.parse("s[4][1]")
        Fixed(n_int=4, n_frac=1)
        """
        match = re.fullmatch(r"s\[(-?\d+)\]\[(-?\d+)\]", text.strip())
        if match is None:
            raise InputError(f"Fixed-point format must be written s[a][b], not {text!r}")
        return cls(int(match[1]), int(match[2]))

    @property
    def width(self):
        """Bits of a word, the sign included."""
        return 1 + self.n_int + self.n_frac

    @property
    def min_word(self):
        """Most negative word."""
        return -(1 << (self.n_int + self.n_frac))

    @property
    def max_word(self):
        """Most positive word."""
        return (1 << (self.n_int + self.n_frac)) - 1

    @property
    def step(self):
        """Value of one unit in the last place."""
        return 2.0**-self.n_frac

    @property
    def lowest(self):
        """Most negative value."""
        return self.min_word * self.step

    @property
    def highest(self):
        """Most positive value."""
        return self.max_word * self.step

    def words(self, values, rounding="nearest"):
        """Return the words nearest to ``values``, and how many of them saturated.

        Parameters
        ----------
        values : array_like, float64
            Finite numbers, any shape.
        rounding : {"nearest", "truncate"}
            Round half to even, or towards minus infinity as dropped bits do (kept as a mutant).

        Returns
        -------
        words : ndarray, int64, shape of ``values``
        n_saturated : int
            How many values lay outside the range by more than rounding explains.
        """
        with np.errstate(over="ignore", under="ignore"):  # what becomes infinite saturates
            scaled = np.asarray(values, dtype=np.float64) * 2.0**self.n_frac
        exact = np.rint(scaled) if rounding == "nearest" else np.floor(scaled)
        clipped = np.clip(exact, self.min_word, self.max_word)
        return clipped.astype(np.int64), int(np.count_nonzero(clipped != exact))

    def values(self, words):
        """Return the float64 values of integer ``words``."""
        return np.asarray(words, dtype=np.float64) * self.step


def smallest_format(values, max_width):
    """Return the narrowest format that holds ``values`` exactly, or the best one of ``max_width`` bits.

    Parameters
    ----------
    values : array_like, float64
        Numbers that the format must hold.
    max_width : int
        Most bits that a word may have, the sign included [bit].

    Returns
    -------
    Fixed

    Numbers too large for ``max_width`` bits end in zeros, those all below 1/16 begin with them. Those beyond 2^127
    saturate in the largest format there is, those far below 2^-127 become zero in the smallest.

    >>> smallest_format([1.0, -1.0], 8), smallest_format([0.25, -2.0], 8), smallest_format([0.3], 8)
    (Fixed(n_int=1, n_frac=0), Fixed(n_int=1, n_frac=2), Fixed(n_int=0, n_frac=7))
    >>> smallest_format([294541.0, 3.0], 8), smallest_format([0.001, -0.0003], 8)
    (Fixed(n_int=19, n_frac=-12), Fixed(n_int=-9, n_frac=16))
    """
    values = np.asarray(values, dtype=np.float64)
    largest = float(np.abs(values).max(initial=0.0))
    first = first_integer_bits(largest, max_width)
    last = min(max_width - 1 - first, MAX_EXPONENT)  # fraction bits at most
    n_frac = next((b for b in range(last + 1) if np.all(values * 2.0**b == np.rint(values * 2.0**b))), last + 1)
    n_int = next(
        a for a in count(first) if a == MAX_EXPONENT or _fits(values, a, n_frac if a < max_width else max_width - 1 - a)
    )
    return Fixed(n_int, min(n_frac, max_width - 1 - n_int))


def first_integer_bits(largest, max_width):
    """Return where a search for integer bits begins: at 0, or below it for numbers that are all small.

    >>> [first_integer_bits(number, 8) for number in (5.0, 0.1, 0.001, 1e-320)]
    [0, 0, -9, -120]
    """
    return max(math.frexp(largest)[1], max_width - 1 - MAX_EXPONENT) if 0 < largest < SMALL else 0


def _fits(values, n_int, n_frac):
    """Tell whether every value lies in the range of s[n_int][n_frac]; -1 fits where +1 does not."""
    return values.size == 0 or (values.min() >= -(2.0**n_int) and values.max() < 2.0**n_int - 2.0 ** -(n_frac + 1))
