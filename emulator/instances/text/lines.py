"""Lines of a text file as words: encodings, comments and separators, the same for every text format."""

from __future__ import annotations

import codecs

from ..faults import fault

# Longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMENTS = ("c", "C")  # DIMACS; '#' and '%' may also stand without a blank behind them


def encoding_of(path):
    """Return the encoding that the first bytes of a file mark, else UTF-8.

    Raises
    ------
    InputError
        If a byte 0 stands in the first 4096 bytes without such a mark: no text, or UTF-16 that does not say so.
    """
    with open(path, "rb") as handle:
        start = handle.read(4096)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if b"\0" in start:
        raise fault(path, "Text must be UTF-8, or UTF-16 with a byte order mark, not hold bytes 0 (save it as UTF-8)")
    return "utf-8-sig"


def open_text(path):
    """Open a text file; bytes that its encoding does not know become a character that no number holds."""
    return open(path, encoding=encoding_of(path), errors="replace")


def words_of(line):
    """Return the words of a line: blank if it is a comment, cut at commas, semicolons or blanks.

    A line with commas or semicolons has one between every two words, so a decimal comma is never taken for one; one
    more may stand at the end. A comment begins with ``#``, anywhere, or the line with ``%`` or the word ``c``.

    >>> words_of("1, 2, -0.5 # a pair"), words_of("c text"), words_of("1,5 2")
    (['1', '2', '-0.5'], [], ['1', '5 2'])
    """
    text = line.split("#", 1)[0].strip()
    if not text or text[0] == "%" or text.split(None, 1)[0] in _COMMENTS:
        return []
    for separator in (";", ","):
        if separator in text:
            fields = [field.strip() for field in text.split(separator)]
            return fields[:-1] if len(fields) > 1 and not fields[-1] else fields
    return text.split()


def data_lines(path):
    """Yield (line number from 1, words) of every line that is not blank or a comment."""
    with open_text(path) as handle:
        for number, line in enumerate(handle, start=1):
            words = words_of(line)
            if words:
                yield number, words
