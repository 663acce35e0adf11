"""Bytes of a data file as lines of text, whatever the encoding of the instrument."""

from __future__ import annotations

import codecs
import re

from ...emulator.spec.errors import InputError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LINE_ENDS = re.compile("\r\n|\n|\r")  # str.splitlines would end lines at form feeds and at a cp1252 ellipsis too
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
AT_FIRST = 4096  # bytes in which UTF-16 without a mark shows by its zeros


def text_lines(content, path):
    """Return lines and encoding of a data file.

    Parameters
    ----------
    content : bytes
        Content of the file.
    path : str or Path
        Its name, for refusals.

    Returns
    -------
    lines : list of str
        Without their ends; a last empty one is left out.
    encoding : str
        UTF-8, UTF-16 or UTF-32 by their mark, UTF-16 also by its zeros; what is no UTF-8 is taken for cp1252, which
        agrees with all 8-bit sets on digits.

    Raises
    ------
    InputError
        If it is no text.
    """
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = ("cp1252", content.decode("cp1252", errors="replace")) if encoding == "utf-8" else ("", "")
        if not text:
            raise InputError(f"{path}: data must be text (UTF-8, UTF-16 or cp1252), not damaged") from None
    text = text.lstrip("\ufeff")
    odd = CONTROL.search(text.rstrip("\x1a\x00"))  # some loggers end a file by Control-Z
    if odd:
        line = len(LINE_ENDS.findall(text[: odd.start()])) + 1
        raise InputError(f"{path}: data must be text, not binary (line {line} holds the byte {ord(odd[0])})")
    lines = LINE_ENDS.split(text.rstrip("\x1a\x00"))
    return (lines[:-1] if lines and not lines[-1] else lines), encoding


def _encoding(content):
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding
    start = content[:AT_FIRST]
    even, odd = start[0::2], start[1::2]
    for zeros, other, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if len(zeros) > 3 and zeros.count(0) > 0.9 * len(zeros) and not other.count(0):
            return encoding
    return "utf-8"
