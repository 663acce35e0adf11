"""Price of one event: energy, its range, its kind and its source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from ..spec.errors import InputError


class Kind(StrEnum):
    """Where a price comes from."""

    MEASURED = "measured"  # on the hardware itself, as published or by us
    CITED = "cited"  # a design figure of its authors, from simulation or a component's data
    DERIVED = "derived"  # computed from cited or measured figures; the source says how
    ASSUMED = "assumed"  # nobody published it


@dataclass(frozen=True)
class Price:
    """Energy of one event.

    Parameters
    ----------
    low_J, best_J, high_J : float
        Range and best value [J].
    kind : Kind or str
        Where the price comes from.
    source : str
        Who says so, and for a derived price the derivation.

    Raises
    ------
    InputError
        If the range is not ordered, finite and at least 0, the kind is unknown, or the source is empty.
    """

    low_J: float
    best_J: float
    high_J: float
    kind: Kind
    source: str

    def __post_init__(self):
        figures = (self.low_J, self.best_J, self.high_J)
        if not all(math.isfinite(figure) for figure in figures) or not 0 <= self.low_J <= self.best_J <= self.high_J:
            raise InputError(f"Price must be finite with 0 <= low <= best <= high, not {figures} J")
        if self.kind not in list(Kind):
            raise InputError(f"Kind of a price must be one of {', '.join(Kind)}, not {self.kind!r}")
        object.__setattr__(self, "kind", Kind(self.kind))
        if not isinstance(self.source, str) or not self.source.strip():
            raise InputError(f"Source of a price must be a text, not {self.source!r}")


def contained_in(event):
    """Return the price, zero, of an event that another event's price already pays for."""
    return Price(0.0, 0.0, 0.0, Kind.DERIVED, f"contained in the price of {event}")


def unpublished(what):
    """Return the price, zero, of an event whose energy nobody published: the bill is short by it."""
    return Price(0.0, 0.0, 0.0, Kind.ASSUMED, f"no figure was published for {what}; counted as nothing")


# Joule heating needs no price list: the event is the energy itself.
ARRAY_JOULES = Price(1.0, 1.0, 1.0, Kind.DERIVED, "Joule's law: sum of V^2 G t_on over the cells")
