"""Backends by name, each imported when it is asked for."""

from __future__ import annotations

import importlib

from ...emulator.spec.errors import InputError
from .analog_backends import analog_backend

# Name -> module and class. HARDWARE draws by a Program, so that every one of its updates can be checked.
HARDWARE_CLASSES = {
    "golden": ("...emulator.golden.fabric.sampler", "GoldenSampler"),
    "icarus": (".icarus_sampler", "IcarusSampler"),
    "fast": (".compiled_sampler", "FastSampler"),
    "gates": (".gates_sampler", "GatesSampler"),
}
FLOAT_CLASSES = {
    "reference": ("...emulator.reference.sampler", "ReferenceSampler"),
    "bitsliced": ("...emulator.reference.bitsliced", "BitSlicedSampler"),
    "smtj": ("...emulator.pbits.clocked", "SmtjSampler"),
    "smtj-autonomous": ("...emulator.pbits.autonomous", "AutonomousSampler"),
    "crossbar": ("...emulator.pbits.analog_machine", "CrossbarSampler"),
}

HARDWARE, FLOAT = tuple(HARDWARE_CLASSES), tuple(FLOAT_CLASSES)
JUNCTIONS = ("smtj", "smtj-autonomous", "crossbar")  # take a card of the junctions behind a colon
BOARD = "board:"  # and a port


def backend(name, options=None):
    """Return the sampler that a name of the command line means.

    Parameters
    ----------
    name : str
        One of `HARDWARE` and `FLOAT`, or ``board:`` and the port of a board. A sampler of junctions takes their card:
        ``smtj:FILE.json``, and settings: ``crossbar:device=pcm_ibm,at=3600``; see `analog_backends`.
    options : FabricOptions, optional
        Word formats, random source and the like; float samplers have none.

    Raises
    ------
    InputError
        If the name is unknown, or fabric options are given to a float sampler.
    """
    if name in HARDWARE_CLASSES:
        return _class(HARDWARE_CLASSES[name])(options)
    if name.startswith(BOARD):
        return _class((".board_sampler", "BoardSampler"))(name.removeprefix(BOARD), options)
    name, colon, card = name.partition(":")
    if name not in FLOAT_CLASSES or (colon and name not in JUNCTIONS):
        rule = f"one of {', '.join(FLOAT + HARDWARE)}, board:PORT or smtj:CARD.json"
        raise InputError(f"Backend must be {rule}, not {name + colon + card!r}")
    if options is not None:
        raise InputError(f"Fabric choices must go with {' or '.join(HARDWARE)}, not with {name}, which has no fabric")
    return analog_backend(name, card) if name in JUNCTIONS else _class(FLOAT_CLASSES[name])()


def _class(place):
    """Return a class by its module and name."""
    module, name = place
    return getattr(importlib.import_module(module, __package__), name)
