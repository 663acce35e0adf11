"""Names of devices, and the cards behind them."""

from ..spec.errors import InputError
from . import ideal, pcm_ibm

_CARDS = {card.name: card for card in (ideal.CARD, pcm_ibm.CARD)}


def names():
    """Return the names of all devices that come with the package, in alphabetical order."""
    return sorted(_CARDS)


def device(name):
    """Return the `DeviceCard` of that name.

    Raises
    ------
    InputError
        If there is no such device; the text lists those that there are.
    """
    if name not in _CARDS:
        raise InputError(f"Device must be one of {', '.join(names())}, not {name!r}")
    return _CARDS[name]
