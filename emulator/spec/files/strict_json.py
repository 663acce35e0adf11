"""JSON that every parser accepts: no NaN, no Infinity, no type of numpy; null where a number is undefined."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from enum import Enum
from math import isfinite
from pathlib import PurePath

import numpy as np

from .atomic_write import whole_file


def plain(value):
    """Return a value of JSON's own kinds.

    Numbers and arrays of numpy become Python's, NaN and the infinities None, tuples and sets lists, paths and dates
    text, members of an Enum their value; keys of mappings become text.

    Parameters
    ----------
    value : object
        Built of mappings, lists, tuples, sets, arrays, numbers, text, paths, dates and None.

    Raises
    ------
    TypeError
        If a part is of another kind: a mistake of the program, which should not pass as text.

    >>> plain({"z": float("nan"), 3: (np.float32(0.5), np.int8(-1), np.array([True]))})
    {'z': None, '3': [0.5, -1, [True]]}
    """
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {_key(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(part) for part in value), key=str)
    if isinstance(value, PurePath | date):
        return str(value)
    if isinstance(value, complex):
        return [plain(value.real), plain(value.imag)]
    raise TypeError(f"Result must be made of JSON's kinds, not of {type(value).__name__}: {value!r}")


def _key(key):
    key = plain(key)
    return key if isinstance(key, str) else json.dumps(key)


def json_text(value, indent=None):
    """Return one JSON value as text in ASCII; see `plain`."""
    return json.dumps(plain(value), allow_nan=False, indent=indent)


def write_json(path, value, indent=1):
    """Write one JSON value to a file, whole or not at all; see `plain` and `whole_file`."""
    text = json_text(value, indent)
    with whole_file(path) as handle:
        handle.write(text + "\n")
