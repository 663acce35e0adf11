"""The text form of a generator: ``[name key=value ...]``."""

from __future__ import annotations

import re

from ..spec.errors import InputError


def parse_brackets(text):
    """Return the name and the arguments of a generator; numbers become int or float, the rest stays text.

    >>> parse_brackets("[ring n=6 J=1 h=0.3]")
    ('ring', {'n': 6, 'J': 1, 'h': 0.3})
    """
    match = re.fullmatch(r"\[\s*([^\s=\[\]]+)((?:\s+[^\s=\[\]]+=[^\s=\[\]]+)*)\s*\]", text.strip())
    if match is None:
        raise InputError(f"Generator must be written '[name key=value ...]', not {text!r}")
    arguments = {}
    for word in match[2].split():
        key, value = word.split("=")
        if key in arguments:
            raise InputError(f"Argument {key} must be given once, not twice as in {text!r}")
        arguments[key] = _value(value)
    return match[1], arguments


def _value(text):
    """Return an int if the text is one, else a float, else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
