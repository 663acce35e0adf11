"""Device cards as JSON files, read and written; every refusal names file, key, value and rule."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from math import inf, isfinite
from pathlib import Path

from ..spec.errors import InputError
from ..spec.files.atomic_write import whole_file
from ..spec.files.input_files import check_regular
from ..spec.files.json_reading import BINARY, JsonError, parse_json
from ..spec.files.shipped_files import shipped_or_own
from .junction.card import SmtjCard
from .memristor.card import DeviceCard

FORMATS = {DeviceCard: "spinchip device card 1", SmtjCard: "spinchip junction card 1"}
FORMAT = FORMATS[DeviceCard]
EVIDENCE = "evidence"  # intervals and provenance of what was measured; no part of the card


def to_text(card, evidence=None):
    """Return a card as JSON text; whatever equals its default is left out.

    Parameters
    ----------
    card : DeviceCard or SmtjCard
        Card to write.
    evidence : dict, optional
        Where its numbers come from, such as `Calibration.as_dict`.
    """
    shown = {"format": FORMATS[type(card)], **_encoded(card, is_whole=True)}
    if evidence is not None:
        shown[EVIDENCE] = evidence
    return json.dumps(shown, indent=2, allow_nan=False) + "\n"


def save(card, path, evidence=None):
    """Write a card to a JSON file, whole or not at all; see `to_text`."""
    with whole_file(path) as handle:
        handle.write(to_text(card, evidence))


def load(path, kind=DeviceCard):
    """Return the card that a JSON file describes.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    kind : type
        `DeviceCard`, or `SmtjCard` for a junction.

    Raises
    ------
    InputError
        If the file is missing, is no JSON, describes another kind, or breaks a rule of the card or of one of its laws.
    """
    content = _content(path, kind)
    content.pop(EVIDENCE, None)
    try:
        return _decoded(content, kind, "")
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def load_evidence(path, kind=DeviceCard):
    """Return what a card says of its own measurement, an empty dictionary if nothing; see `load`."""
    return _content(path, kind).get(EVIDENCE, {})


def _content(path, kind):
    """Return the keys of a card file without its format."""
    path = Path(shipped_or_own(path))
    check_regular(path, "device card")
    try:
        content = parse_json(path.read_bytes(), _without_repeats)
    except OSError as error:
        raise InputError(f"{path}: device card must be a readable file, not {error.strerror!r}") from None
    except JsonError as error:
        if error.line is not None:
            raise InputError(f"{path}: line {error.line} must be JSON, not {error.reason!r}") from None
        rule = "UTF-8 text, not binary" if error.reason == BINARY else "an object a few levels deep, not a deeper one"
        raise InputError(f"{path}: device card must be {rule}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    if not isinstance(content, dict) or content.get("format") != FORMATS[kind]:
        found = content.get("format") if isinstance(content, dict) else content
        raise InputError(f"{path}: format must be {FORMATS[kind]!r}, not {found!r}")
    del content["format"]
    if not isinstance(content.get(EVIDENCE, {}), dict):
        raise InputError(f"{path}: {EVIDENCE} must be an object, not {content[EVIDENCE]!r}")
    return content


def _without_repeats(pairs):
    seen = {}
    for key, value in pairs:
        if key in seen:
            raise InputError(f"{key} must be given once, not twice")
        seen[key] = value
    return seen


def _encoded(value, is_whole=False):
    if is_dataclass(value):
        shown = {} if is_whole else {"law": type(value).__name__}
        for field in fields(value):
            if _is_needed(field) or getattr(value, field.name) != _default(field):
                shown[field.name] = _encoded(getattr(value, field.name))
        return shown
    return [_encoded(part) for part in value] if isinstance(value, tuple) else value


def _is_needed(field):
    return field.default is MISSING and field.default_factory is MISSING


def _default(field):
    return field.default if field.default_factory is MISSING else field.default_factory()


def _decoded(content, kind, place):
    """Return an instance of the dataclass ``kind``; ``place`` is the key that led here, with its dot."""
    hints = typing.get_type_hints(kind)
    known = [field.name for field in fields(kind)]
    for key in content:
        if key not in known:
            raise InputError(f"{place}{key} must be one of {', '.join(known)}, not {key!r}")
    for field in fields(kind):
        if _is_needed(field) and field.name not in content:
            raise InputError(f"{place}{field.name} must be given, not left out")
    values = {key: _value(value, hints[key], f"{place}{key}") for key, value in content.items()}
    try:
        return kind(**values)
    except InputError as error:
        raise InputError(f"{place}{error}") from None


def _value(value, hint, key):
    """Return a JSON value as what its type hint asks for."""
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if value is None and type(None) in options:
        return None
    laws = {option.__name__: option for option in options if is_dataclass(option)}
    if laws:
        return _law(value, laws, key)
    if typing.get_origin(hint) is tuple:
        return _tuple(value, typing.get_args(hint), key)
    return _scalar(value, hint, key)


def _law(value, laws, key):
    if not isinstance(value, dict):
        raise InputError(f"{key} must be an object with a law, not {value!r}")
    name = value.get("law")
    if name not in laws:
        raise InputError(f"{key}.law must be one of {', '.join(sorted(laws))}, not {name!r}")
    rest = {part: value[part] for part in value if part != "law"}
    return _decoded(rest, laws[name], f"{key}.")


def _tuple(value, parts, key):
    if not isinstance(value, list):
        raise InputError(f"{key} must be a list, not {value!r}")
    if parts[-1] is Ellipsis:
        parts = (parts[0],) * len(value)
    if len(value) != len(parts):
        raise InputError(f"{key} must be a list of {len(parts)}, not of {len(value)}")
    return tuple(_value(part, hint, f"{key}[{k}]") for k, (part, hint) in enumerate(zip(value, parts, strict=True)))


def _scalar(value, hint, key):
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:  # an integer of more than 308 digits
            number = inf
        if not isfinite(number):  # Python's JSON lets NaN and the infinities through
            raise InputError(f"{key} must be a finite number, not {value!r}")
        return number
    if hint is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if hint is str and isinstance(value, str) and value:
        return value
    rule = {float: "a number", int: "an integer", str: "a text that is not empty"}[hint]
    raise InputError(f"{key} must be {rule}, not {value!r}")
