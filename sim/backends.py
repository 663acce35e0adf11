"""Backends by name."""

from __future__ import annotations

from ..emulator.devices import card_file
from ..emulator.devices.smtj_card import SmtjCard
from ..emulator.golden.sampler import GoldenSampler
from ..emulator.pbits.analog_machine import CrossbarSampler
from ..emulator.pbits.autonomous import AutonomousSampler
from ..emulator.pbits.clocked import SmtjSampler
from ..emulator.reference.bitsliced import BitSlicedSampler
from ..emulator.reference.sampler import ReferenceSampler
from ..emulator.spec.errors import InputError
from .board.board_sampler import BoardSampler
from .compiled_sampler import FastSampler
from .gates_sampler import GatesSampler
from .icarus_sampler import IcarusSampler

HARDWARE = ("golden", "icarus", "fast", "gates")  # draw by a Program, so that every one of their updates can be checked
FLOAT = ("reference", "bitsliced", "smtj", "smtj-autonomous", "crossbar")
JUNCTIONS = ("smtj", "smtj-autonomous", "crossbar")  # take a card of the junctions behind a colon
BOARD = "board:"  # and a port


def backend(name, options=None):
    """Return the sampler that a name of the command line means.

    Parameters
    ----------
    name : str
        One of `HARDWARE` and `FLOAT`, or ``board:`` and the port of a board. A sampler of junctions takes their card:
        ``smtj:FILE.json``.
    options : FabricOptions, optional
        Word formats, random source and the like; float samplers have none.

    Raises
    ------
    InputError
        If the name is unknown, or fabric options are given to a float sampler.
    """
    makers = {"golden": GoldenSampler, "icarus": IcarusSampler, "fast": FastSampler, "gates": GatesSampler}
    if name in makers:
        return makers[name](options)
    if name.startswith(BOARD):
        return BoardSampler(name.removeprefix(BOARD), options)
    floats = {
        "reference": ReferenceSampler,
        "bitsliced": BitSlicedSampler,
        "smtj": SmtjSampler,
        "smtj-autonomous": AutonomousSampler,
        "crossbar": CrossbarSampler,
    }
    name, colon, card = name.partition(":")
    if name not in floats or (colon and name not in JUNCTIONS):
        rule = f"one of {', '.join(FLOAT + HARDWARE)}, board:PORT or smtj:CARD.json"
        raise InputError(f"Backend must be {rule}, not {name + colon + card!r}")
    if options is not None:
        raise InputError(f"Fabric choices must go with {' or '.join(HARDWARE)}, not with {name}, which has no fabric")
    return floats[name](card=card_file.load(card, SmtjCard)) if colon else floats[name]()
