"""Names of devices, and the cards behind them."""

from __future__ import annotations

from ..spec.errors import InputError
from . import card_file
from .memristor import ideal, pcm_hermes, pcm_ibm, rram_cmo, rram_milo, rram_relaxation, rram_wan

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
    """Return the `DeviceCard` of that name, or the one in a file.

    Parameters
    ----------
    name : str
        One of `names()`, or the path of a JSON file, which ends in ``.json``.

    Raises
    ------
    InputError
        If there is no such device, with a list of those that there are; if the file breaks a rule.
    """
    if str(name).endswith(".json"):
        return card_file.load(name)
    if name not in _CARDS:
        raise InputError(f"Device must be one of {', '.join(names())}, or a file that ends in .json, not {name!r}")
    return _CARDS[name]
