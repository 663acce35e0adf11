"""A figure with its range, its kind and its source, and how ranges multiply."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ....emulator.spec.errors import InputError

# From the surest to the least sure; a product is as sure as the least sure of its factors.
KINDS = ("measured", "simulated", "cited", "derived", "assumed")


@dataclass(frozen=True)
class Estimate:
    """A positive figure.

    Parameters
    ----------
    low, best, high : float
        Range and best value.
    kind : {"measured", "simulated", "cited", "derived", "assumed"}
        Measured here; counted or sampled by an emulator here; published; computed from a published figure; or nobody's.
    source : str
        Where the figure comes from, or how it was found.
    """

    low: float
    best: float
    high: float
    kind: str
    source: str

    def __post_init__(self):
        if not (0.0 <= self.low <= self.best <= self.high < math.inf):
            raise InputError(f"Estimate must have 0 <= low <= best <= high, not {(self.low, self.best, self.high)}")
        if self.kind not in KINDS:
            raise InputError(f"Kind must be one of {', '.join(KINDS)}, not {self.kind!r}")

    def __mul__(self, other):
        """Return the product: ranges multiply end by end, the less sure kind wins."""
        if not isinstance(other, Estimate):
            return self.scaled(other)
        kind = max(self.kind, other.kind, key=KINDS.index)
        ends = self.low * other.low, self.best * other.best, self.high * other.high
        return Estimate(*ends, kind, joined(self.source, other.source))

    def __add__(self, other):
        """Return the sum, as sure as the less sure of both."""
        kind = max(self.kind, other.kind, key=KINDS.index)
        ends = self.low + other.low, self.best + other.best, self.high + other.high
        return Estimate(*ends, kind, joined(self.source, other.source))

    def over(self, other):
        """Return the ratio: the lowest over the highest to the highest over the lowest."""
        kind = max(self.kind, other.kind, key=KINDS.index)
        ends = self.low / other.high, self.best / other.best, self.high / other.low
        return Estimate(*ends, kind, joined(self.source, other.source))

    def scaled(self, factor):
        """Return the figure times a number that is known."""
        return Estimate(self.low * factor, self.best * factor, self.high * factor, self.kind, self.source)

    @property
    def text(self):
        """Best value and range.

        >>> Estimate(1e-6, 2e-6, 4e-6, "assumed", "nobody").text
        '2e-06 (1e-06 ... 4e-06)'
        """
        if self.low == self.high:
            return f"{self.best:.3g}"
        return f"{self.best:.3g} ({self.low:.2g} ... {self.high:.2g})"


def exact(value, kind, source):
    """Return a figure without a range."""
    return Estimate(value, value, value, kind, source)


def spread(best, relative_error, kind, source):
    """Return a figure with a range of two standard errors, the low end at least a tenth of it."""
    low = max(0.1, 1.0 - 2.0 * relative_error)
    return Estimate(low * best, best, (1.0 + 2.0 * relative_error) * best, kind, source)


def joined(*sources):
    """Return sources as one text, each part once.

    >>> joined("a; b", "b; c")
    'a; b; c'
    """
    return "; ".join(dict.fromkeys(part for source in sources for part in source.split("; ") if part))
