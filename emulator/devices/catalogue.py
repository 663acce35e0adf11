"""Names of devices, and the cards behind them."""

from __future__ import annotations

from ..spec.errors import InputError
from . import ideal, pcm_hermes, pcm_ibm, rram_cmo, rram_milo, rram_relaxation, rram_wan

_CARDS = {
    card.name: card
    for card in (
        ideal.CARD,
        pcm_ibm.CARD,
        pcm_hermes.ONE_DEVICE,
        pcm_hermes.TWO_DEVICES,
        rram_wan.CARD,
        rram_milo.CARD,
        rram_cmo.WIDE,
        rram_cmo.NARROW,
        rram_relaxation.TECH_B,
        rram_relaxation.TECH_C,
    )
}


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
