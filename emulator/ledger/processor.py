"""What a general processor draws: assumed, for it cannot be metered from inside a shared machine."""

from __future__ import annotations

from .price import Kind, Price

# Power of one busy core with its share of caches and memory, low, best, high [W]. Assumed.
CORE_W = (5.0, 10.0, 20.0)
CORE_SOURCE = f"assumed {CORE_W[0]:g} ... {CORE_W[2]:g} W a core"


def core_price(seconds):
    """Return the price of so many seconds of one core; Price.

    >>> core_price(2.0).best_J
    20.0
    """
    return Price(*(watt * seconds for watt in CORE_W), Kind.ASSUMED, CORE_SOURCE)
