"""Analog backends by name, card and settings, as ``crossbar:device=pcm_ibm,at=86400,adc=8`` or ``smtj:CARD.json``."""

from __future__ import annotations

import math

from ...emulator.spec.errors import InputError

# Backend -> its settings and what each means; the junctions' card stands before them, without a name.
SETTINGS = {
    "smtj": {"clock": "time between two clocks [s]", "machine": "which machine is drawn from the card's spreads"},
    "smtj-autonomous": {
        "delay": "of a synapse [s]",
        "rise": "of a synapse [s]",
        "machine": "which machine is drawn from the card's spreads",
    },
    "crossbar": {
        "device": "of the catalogue, or a card in a .json file",
        "at": "time after the reference read [s]",
        "adc": "bits of the converter; 0 exact",
        "compensation": "none, global, tile or column",
        "gain": "of the read voltage, against drift [1]",
        "machine": "which machine is programmed, and which junctions",
    },
}
FOREVER = (
    "junctions forget between two clocks, so neither attempt time nor barrier of a card matters, only its spreads; "
    "--clock SECONDS sets the period"
)
IDEAL = "tiles are ideal devices without converters; --device, --at and --adc-bits choose others"


def analog_backend(kind, text):
    """Return a sampler of junctions.

    Parameters
    ----------
    kind : str
        A key of `SETTINGS`.
    text : str
        Path of the junctions' card and settings, separated by commas; either may be absent.

    Raises
    ------
    InputError
        If a setting is unknown, given twice or no number, or a device breaks its rule.

    >>> analog_backend("smtj", "clock=1e-8").clock_s
    1e-08
    """
    card, chosen = parsed(kind, text)
    return {"smtj": _clocked, "smtj-autonomous": _autonomous, "crossbar": _crossbar}[kind](_junctions(card), chosen)


def parsed(kind, text):
    """Return the card's path, empty if absent, and the settings by name.

    >>> parsed("crossbar", "my,card.json,device=ideal")
    ('my,card.json', {'device': 'ideal'})
    """
    path, chosen = [], {}
    for part in text.split(",") if text else []:
        key, equals, value = part.partition("=")
        if not equals and not chosen:
            path.append(part)
            continue
        if key not in SETTINGS[kind] or not value or key in chosen:
            rule = f"KEY=VALUE once each, with a key of {', '.join(SETTINGS[kind])}"
            raise InputError(f"Setting of backend {kind} must be {rule}, not {part!r}")
        chosen[key] = value
    return ",".join(path), chosen


def machine_notes(sampler):
    """Return what a user should know of a sampler's machine; list of str."""
    if sampler.name == "smtj" and math.isinf(sampler.clock_s):
        return [f"smtj: {FOREVER}"]
    if sampler.name == "crossbar":
        from ...emulator.pbits.analog_machine import IDEAL_TILE

        return [f"crossbar: {IDEAL}"] if sampler.tile == IDEAL_TILE else []
    return []


def _junctions(path):
    from ...emulator.devices import card_file
    from ...emulator.devices.junction.card import SmtjCard
    from ...emulator.pbits.junction_bank import NOMINAL

    return card_file.load(path, SmtjCard) if path else NOMINAL


def _clocked(card, chosen):
    from ...emulator.pbits.clocked import SmtjSampler

    return SmtjSampler(card, _number(chosen, "clock", math.inf), _whole(chosen, "machine", 0))


def _autonomous(card, chosen):
    from ...emulator.pbits.autonomous import AutonomousSampler

    delay, rise = _number(chosen, "delay", 0.0), _number(chosen, "rise", 0.0)
    return AutonomousSampler(card, delay, rise, device_seed=_whole(chosen, "machine", 0))


def _crossbar(card, chosen):
    from ...emulator.crossbar.adc import Adc
    from ...emulator.crossbar.dac import Dac
    from ...emulator.crossbar.tile_spec import TileSpec
    from ...emulator.devices.catalogue import device
    from ...emulator.pbits.analog_machine import IDEAL_TILE, CrossbarSampler

    tile, at, found = IDEAL_TILE, _number(chosen, "at", None), None
    if chosen.keys() - {"machine", "gain", "at"}:
        found = device(chosen.get("device", "ideal"))
        noise = "none" if found == IDEAL_TILE.device else "lumped"
        bits = _whole(chosen, "adc", 0) or None
        compensation = chosen.get("compensation", "none")
        tile = TileSpec(device=found, dac=Dac(1), adc=Adc(bits), read_noise=noise, compensation=compensation)
    if at is not None and not at >= 0:
        raise InputError(f"Time must be 0 s or more after the reference read, not {at:g} s")
    t_s = None if at is None else tile.device.t0_s + at
    gain, machine = _number(chosen, "gain", 1.0), _whole(chosen, "machine", 0)
    return CrossbarSampler(tile, card, t_s, voltage_gain=gain, device_seed=machine)


def _number(chosen, key, default):
    """Return a setting as a float; NaN is none."""
    try:
        value = default if key not in chosen else float(chosen[key])
    except ValueError:
        value = math.nan
    if value is not None and math.isnan(value):
        raise InputError(f"Setting {key!r} of a backend must be a number, not {chosen[key]!r}")
    return value


def _whole(chosen, key, default):
    text = chosen.get(key, str(default))
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise InputError(f"Setting {key!r} of a backend must be a whole number of 0 or more, not {text!r}")
    return int(text)
