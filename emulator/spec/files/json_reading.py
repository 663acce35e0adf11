"""JSON that others wrote: read with limits on size and depth, and refused in one line; the one way in for all of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from ..errors import InputError

MOST_BYTES = 2**30  # of a document; parsed, it takes some thirty times as much
MOST_LEVELS = 100  # brackets inside brackets: deeper ones exhaust the stack of Python's parser
BINARY = "binary"
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


class JsonError(InputError):
    """A text is no JSON that this program reads.

    Attributes
    ----------
    line : int or None
        Where it ends to be JSON.
    reason : str
        What is wrong, without the place: the parser's words, `BINARY`, or a number of levels or bytes.
    """

    def __init__(self, text, reason, line=None):
        super().__init__(text)
        self.reason, self.line = reason, line


def parse_json(content, pairs_hook=None):
    """Return the value of a JSON text.

    Parameters
    ----------
    content : bytes or str
        UTF-8, UTF-16 or UTF-32, with or without a byte order mark.
    pairs_hook : callable, optional
        Makes an object of its pairs, as ``object_pairs_hook`` of `json.loads`.

    Raises
    ------
    JsonError
        If it is no JSON, or too long or too deep.

    >>> parse_json(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    """
    if len(content) > MOST_BYTES:
        raise _refusal(f"at most {MOST_BYTES} bytes", len(content))
    if isinstance(content, bytes):
        try:
            content = content.decode(json.detect_encoding(content))
        except UnicodeDecodeError:
            raise _refusal("text in UTF-8", BINARY) from None
    content = content.removeprefix("\ufeff")
    if content.count("[") + content.count("{") > MOST_LEVELS:
        levels = _levels(content)
        if levels > MOST_LEVELS:
            raise _refusal(f"at most {MOST_LEVELS} levels deep", levels)
    try:
        return json.loads(content, object_pairs_hook=pairs_hook)
    except InputError:
        raise  # of the hook
    except json.JSONDecodeError as error:
        raise JsonError(f"Line {error.lineno} must be JSON, not {error.msg!r}", error.msg, error.lineno) from None
    except (ValueError, RecursionError) as error:  # ValueError: a whole number of more than 4300 digits
        reason = str(error).partition(":")[0]
        raise JsonError(f"Content must be JSON that can be read, not {reason!r}", reason) from None


def read_json(path, pairs_hook=None):
    """Return the value of a JSON file; see `parse_json`, whose errors get the file's name."""
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise JsonError(f"File {str(path)!r}: must be a file that can be read, not {reason!r}", reason) from None
    try:
        return parse_json(content, pairs_hook)
    except JsonError as error:
        raise JsonError(f"File {str(path)!r}: {error}", error.reason, error.line) from None


def _refusal(rule, found):
    return JsonError(f"JSON must be {rule}, not {found}", str(found))


def _levels(text):
    """Return how deep brackets stand inside brackets; those in texts do not count."""
    codes = np.frombuffer(_STRING.sub("", text).encode("utf-8", "replace"), dtype=np.uint8)
    steps = np.isin(codes, [ord("["), ord("{")]).astype(np.int8)
    steps -= np.isin(codes, [ord("]"), ord("}")])
    return int(np.cumsum(steps, dtype=np.int64).max(initial=0))
