"""Bills: events times prices, row by row."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..spec.errors import InputError
from .price import Price


@dataclass(frozen=True)
class BillRow:
    """One kind of event on a bill.

    Parameters
    ----------
    event : str
        Name of the event.
    count : int or float
        How often it happened; for ``array_joules`` the energy [J].
    price : Price
        Energy of one event.
    """

    event: str
    count: float
    price: Price

    @property
    def energies_J(self):
        """Low, best and high energy of the row [J]; tuple of three floats."""
        return self.count * self.price.low_J, self.count * self.price.best_J, self.count * self.price.high_J


@dataclass(frozen=True)
class Bill:
    """What a run cost.

    Parameters
    ----------
    rows : tuple of BillRow
        One per event, in the order of the events.
    """

    rows: tuple[BillRow, ...]

    @property
    def total_J(self):
        """Low, best and high energy, the sums of the rows [J]; tuple of three floats."""
        return tuple(math.fsum(row.energies_J[k] for row in self.rows) for k in range(3))

    def energy_J(self, event):
        """Return the best energy of one event's row [J]."""
        return next(row.energies_J[1] for row in self.rows if row.event == event)

    def text(self):
        """Return the bill as a table; rows that cost nothing are left out."""
        total = self.total_J[1]
        lines = [f"{'event':<16}{'count':>14}{'each [J]':>12}{'energy [J]':>13}{'share':>8}  kind, source"]
        for row in self.rows:
            best = row.energies_J[1]
            if best:
                origin = f"{row.price.kind}, {row.price.source}"
                figures = f"{row.count:>14.6g}{row.price.best_J:>12.3g}{best:>13.4g}{best / total:>8.1%}"
                lines.append(f"{row.event:<16}{figures}  {origin}")
        low, best, high = self.total_J
        return "\n".join([*lines, f"{'total':<16}{'':>26}{best:>13.4g}  {low:.4g} ... {high:.4g}"])


def bill(events, prices):
    """Return the bill for a run.

    Parameters
    ----------
    events : dict of str to int or float
        Counts, such as those of `TileTrace.events`.
    prices : dict of str to Price
        A price for every event; prices without an event are ignored.

    Returns
    -------
    Bill

    Raises
    ------
    InputError
        If an event has no price, or a count is negative or not finite.
    """
    rows = []
    for event, count in events.items():
        price = prices.get(event)
        if not isinstance(price, Price):
            raise InputError(f"Event {event} must have a price, not {price!r}")
        if not math.isfinite(count) or count < 0:
            raise InputError(f"Count of {event} must be a finite number of at least 0, not {count!r}")
        rows.append(BillRow(event, count, price))
    return Bill(tuple(rows))
