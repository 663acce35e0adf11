"""Instances by the name of their generator."""

from __future__ import annotations

import inspect

import numpy as np

from ...spec.errors import InputError
from ...spec.seeds import check_seed
from .lattices import ea2d, ea3d, ferromagnet2d, ring
from .logic import adder, and_gate, multiplier
from .planted import planted
from .random_graphs import maxcut, regular, sk

GENERATORS = {
    "ea3d": ea3d,
    "ea2d": ea2d,
    "sk": sk,
    "ring": ring,
    "ferromagnet2d": ferromagnet2d,
    "regular": regular,
    "maxcut": maxcut,
    "planted": planted,
    "and": and_gate,
    "adder": adder,
    "multiplier": multiplier,
}


def generate(name, **arguments):
    """Return the instance that a generator makes.

    Parameters
    ----------
    name : str
        Name of the generator, one of `GENERATORS`.
    **arguments
        Arguments of the generator's function, such as ``L=8, seed=3``.

    Returns
    -------
    IsingInstance
        Its provenance holds ``generator`` and all ``arguments``, defaults and seed included.

    Raises
    ------
    InputError
        If the name or an argument is unknown, missing, or of the wrong kind; the text lists the known ones.

    >>> generate("ea3d", L=4, seed=3).provenance["arguments"]
    {'L': 4, 'boundary': 'periodic', 'J': 'pm', 'h': 0.0, 'seed': 3}
    """
    if name not in GENERATORS:
        raise InputError(f"Generator must be one of {', '.join(GENERATORS)}, not {name!r}")
    function = GENERATORS[name]
    complete = _checked(name, inspect.signature(function).parameters, arguments)
    title = " ".join([name, *(f"{key}={value}" for key, value in arguments.items())])
    return function(**complete).instance(title, {"generator": name, "arguments": complete})


def _checked(name, parameters, arguments):
    """Return all arguments in the order of the function, each of the kind that its annotation asks for."""
    for key in arguments:
        if key not in parameters:
            raise InputError(f"Argument of {name} must be one of {', '.join(parameters) or '(none)'}, not {key!r}")
    complete = {}
    for key, parameter in parameters.items():
        if key not in arguments and parameter.default is parameter.empty:
            raise InputError(f"Argument {key} of {name} must be given, as in '[{name} {key}=8]', not left out")
        complete[key] = _of_kind(name, key, arguments.get(key, parameter.default), parameter.annotation)
    return complete


def _of_kind(name, key, value, kind):
    """Return ``value`` as ``kind``, an annotation: int, float, str, or float | str."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    number = whole or isinstance(value, float | np.floating)
    if key == "seed" and whole:
        return check_seed(value)
    if kind == "int" and whole:
        return int(value)
    if kind.startswith("float") and number:
        if not np.isfinite(value):
            raise InputError(f"Argument {key} of {name} must be finite, not {value}")
        return float(value)
    if kind.endswith("str") and isinstance(value, str):
        return value
    words = {"int": "an integer", "float": "a number", "str": "a word", "float | str": "a number or a word"}
    raise InputError(f"Argument {key} of {name} must be {words[kind]}, not {value!r}")
