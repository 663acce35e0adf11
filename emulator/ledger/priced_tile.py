"""A tile with its timing and its price list."""

from __future__ import annotations

from dataclasses import dataclass

from ..golden.tile.trace import trace_tile
from ..spec.tile.timing import TileTiming
from .bill import bill
from .price import ARRAY_JOULES, Price


@dataclass(frozen=True)
class PricedTile:
    """What a machine's tile takes in time and energy.

    Parameters
    ----------
    name : str
        Name of the machine and its mode.
    timing : TileTiming
        Its stages; what of that was published and what was assumed stands in the module that builds it.
    prices : dict of str to Price
        A price for every event of a `TileTrace`, and for ``array_joules``.
    """

    name: str
    timing: TileTiming
    prices: dict[str, Price]

    def trace(self, n_products=1):
        """Return the cycle-exact trace of products that follow each other at once."""
        return trace_tile(self.timing, n_products)

    def bill(self, trace, array_joules=0.0):
        """Return the bill for a trace; ``array_joules`` is what the cells dissipated, see `array_energy_J` [J]."""
        return bill({**trace.events(), "array_joules": array_joules}, {"array_joules": ARRAY_JOULES, **self.prices})
