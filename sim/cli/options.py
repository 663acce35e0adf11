"""Arguments that several commands share, and the fabric options behind them."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import Annotated

import typer

from ...emulator.instances.format_table import MEANINGS
from ...emulator.instances.reading import Reading
from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.quantised import FabricOptions
from ...emulator.spec.fabric.random_source import RandomKind, RandomSpec
from ...emulator.spec.fixed import Fixed
from ...emulator.spec.seeds import check_seed

SOURCES = {
    "xorshift32": RandomSpec(RandomKind.XORSHIFT32),
    "xoshiro128plus": RandomSpec(RandomKind.XOSHIRO128PLUS),
    "lfsr32": RandomSpec(RandomKind.LFSR32, slices=1, leap=32),
    "lfsr32-oneshift": RandomSpec(RandomKind.LFSR32, slices=1, leap=1),  # as published; samples a wrong distribution
    "external": RandomSpec(RandomKind.EXTERNAL),  # words come in at the entropy port
}


def checked_seed(value):
    """Refuse a seed below 0 before anything runs."""
    return None if value is None else check_seed(value)


Instance = Annotated[
    str, typer.Argument(help="A file, or a generator such as '[ea3d L=8 seed=3]'.", metavar="INSTANCE")
]
Format = Annotated[
    str | None, typer.Option("--format", help=f"File format, if the guess is wrong: {', '.join(MEANINGS)}.")
]
Base = Annotated[int | None, typer.Option("--base", help="Number of the first spin in a file: 0 or 1.")]
Sign = Annotated[
    str | None, typer.Option("--sign", help="Of a file: minus (E = -sum J s s - sum h s) or plus (dimod, Max-Cut).")
]
Variable = Annotated[
    str | None, typer.Option("--variable", help="Matrix in a file of arrays: W, W[3] of a stack, W,b with the biases.")
]
Sense = Annotated[str | None, typer.Option("--sense", help="A file's numbers are a QUBO x'Qx: min or max.")]
Triangle = Annotated[
    str | None, typer.Option("--triangle", help="A file's matrix is its upper or lower triangle; pairs count once.")
]
Beta = Annotated[float, typer.Option("--beta", help="Inverse temperature.")]
Backend = Annotated[
    str,
    typer.Option(
        "--on", help="reference, bitsliced, smtj, smtj-autonomous, crossbar, golden, icarus, fast, gates or board:PORT."
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Reproduces the run.", callback=checked_seed)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
Fabric = Annotated[
    str,
    typer.Option(
        "--fabric",
        help="Design choices as 'KEY=VALUE ...': weight, bias, field (as s[a][b]), compare_bits, random, moment_bits, "
        "colors (more of them share more hardware), dense (1: column-serial accumulation, for networks).",
    ),
]
Hold = Annotated[
    list[str] | None, typer.Option("--hold", help="PORT=NUMBER of a logic circuit, as p=35; again for more.")
]

# Beside --on, for every command that takes a backend of junctions: the setting of `analog_backends` each stands for.
MACHINE = {
    "device": (str, "--device", "crossbar: device of the tiles, of the catalogue or a card in a .json file."),
    "at": (float, "--at", "crossbar: time after the reference read [s]."),
    "adc": (int, "--adc-bits", "crossbar: bits of the converter; 0 exact."),
    "compensation": (str, "--compensation", "crossbar: none, global, tile or column."),
    "clock": (float, "--clock", "smtj: time between two clocks [s]; for ever by default."),
    "machine": (int, "--machine", "junctions, crossbar: which machine is drawn from the spreads."),
}


def takes_backend(command):
    """Return the command with the options of `MACHINE` behind ``--on``, which gets them as settings in its text.

    Parameters
    ----------
    command : callable
        With an argument ``on``, which it hands on to `backend`.
    """

    @wraps(command)
    def wrapped(**arguments):
        chosen = {name: arguments.pop(name) for name in MACHINE}
        for name, value in chosen.items():
            if value is not None:
                arguments["on"] += f"{',' if ':' in arguments['on'] else ':'}{name}={value}"
        return command(**arguments)

    options = []
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        options.append(parameter)
        if parameter.name == "file_format":
            for name, (kind, option, text) in MACHINE.items():
                annotation = Annotated[kind | None, typer.Option(option, help=text)]
                options.append(parameter.replace(name=name, annotation=annotation, default=None))
    wrapped.__signature__ = inspect.Signature(options)
    return wrapped


# Beside --format, for every command that reads a file: the fields of `Reading`.
READING = {"base": Base, "sign": Sign, "sense": Sense, "triangle": Triangle, "variable": Variable}


def reads_instance(command):
    """Return the command with the options of `READING` beside ``--format``; it gets all as one ``file_format``.

    Parameters
    ----------
    command : callable
        With an argument ``file_format``, which it hands on to `resolve`.
    """

    @wraps(command)
    def wrapped(**arguments):
        choices = {name: arguments.pop(name) for name in READING}
        reading = Reading(arguments["file_format"], **choices)
        arguments["file_format"] = None if reading == Reading() else reading
        return command(**arguments)

    options = []
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        options.append(parameter)
        if parameter.name == "file_format":
            options += [parameter.replace(name=name, annotation=kind) for name, kind in READING.items()]
    wrapped.__signature__ = inspect.Signature(options)
    return wrapped


def held_numbers(texts):
    """Return the number at each port that PORT=NUMBER texts hold; None without texts.

    >>> held_numbers(["p=35", "a=5"])
    {'p': 35, 'a': 5}
    """
    for text in texts or ():
        name, _, number = text.partition("=")
        if not name or not number.isdecimal():
            raise InputError(f"--hold must be PORT=NUMBER, as p=35, not {text!r}")
    return {name: int(number) for name, _, number in (text.partition("=") for text in texts)} if texts else None


def fabric_options(text):
    """Return the `FabricOptions` that ``KEY=VALUE ...`` names; what is not named is chosen from the instance.

    >>> fabric_options("field=s[3][2] compare_bits=8").compare_bits
    8
    """
    chosen = {}
    for pair in text.split():
        key, _, value = pair.partition("=")
        if key not in READERS:
            raise InputError(f"Fabric choice must be one of {', '.join(READERS)}, not {pair!r}")
        chosen[key] = READERS[key](value)
    return FabricOptions(**{FIELDS.get(key, key): value for key, value in chosen.items()})


def _number(text):
    if not text.isdecimal():
        raise InputError(f"Fabric choice must be a whole number, not {text!r}")
    return int(text)


def _flag(text):
    if text not in ("0", "1"):
        raise InputError(f"Fabric choice must be 0 or 1, not {text!r}")
    return text == "1"


def _source(text):
    if text not in SOURCES:
        raise InputError(f"Random source must be one of {', '.join(SOURCES)}, not {text!r}")
    return SOURCES[text]


READERS = {
    "weight": Fixed.parse,
    "bias": Fixed.parse,
    "field": Fixed.parse,
    "compare_bits": _number,
    "random": _source,
    "moment_bits": _number,
    "colors": _number,
    "dense": _flag,
}
FIELDS = {"colors": "n_colors"}  # where an option of `FabricOptions` has another name
