"""Damage for the fuzz tests of the readers, text and binary alike: a valid file with up to three mutations."""

import re

import pytest
from hypothesis import strategies as st

WORDS = (
    *(b"0", b"-1", b"1", b"2", b"7", b"999999999", b"99999999999999999999", b"-9223372036854775808"),
    *(b"50000000", b"1e300", b"1e400", b"-1e-320", b"nan", b"inf", b"0x10", b"1_0", b"+1", b".5", b"1.5", b"1,5"),
    *(
        b"x",
        b"",
        b" ",
        b"\n",
        b"#",
        b"c",
        b"%",
        b"p",
        b",",
        b";",
        b'"',
        b"{",
        b"[",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\0",
    ),
)
NUMBER = re.compile(rb"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")


def _line(content, place):
    """Return start and end of a line, its end of line included."""
    lines = content.splitlines(keepends=True) or [b""]
    which = place % len(lines)
    start = sum(map(len, lines[:which]))
    return start, start + len(lines[which])


def _flip(content, place, extra):
    place %= len(content)
    return content[:place] + bytes([content[place] ^ (1 << extra % 8)]) + content[place + 1 :]


def _replace(content, place, extra):
    place %= len(content)
    return content[:place] + bytes([extra % 256]) + content[place + 1 :]


def _insert(content, place, extra):
    place %= len(content) + 1
    return content[:place] + WORDS[extra % len(WORDS)] + content[place:]


def _cut(content, place, extra):
    place %= len(content)
    return content[:place] + content[place + 1 + extra % 20 :]


def _truncate(content, place, extra):
    return content[: place % len(content)]


def _double(content, place, extra):
    place %= len(content)
    return content[:place] + content[place : place + 1 + extra % 20] + content[place:]


def _drop_line(content, place, extra):
    start, end = _line(content, place)
    return content[:start] + content[end:]


def _double_line(content, place, extra):
    start, end = _line(content, place)
    return content[:end] + content[start:end] + content[end:]


def _move_line(content, place, extra):
    start, end = _line(content, place)
    rest = content[:start] + content[end:]
    goal = _line(rest, extra)[0]
    return rest[:goal] + content[start:end] + rest[goal:]


def _change_number(content, place, extra):
    numbers = list(NUMBER.finditer(content))
    if not numbers:
        return content
    found = numbers[place % len(numbers)]
    return content[: found.start()] + WORDS[extra % len(WORDS)] + content[found.end() :]


MUTATIONS = (
    *(_flip, _replace, _insert, _cut, _truncate, _double),
    *(_drop_line, _double_line, _move_line, _change_number, _change_number),
)
STEP = st.tuples(st.sampled_from(MUTATIONS), st.integers(0, 1 << 20), st.integers(0, 1 << 20))


def _damaged(content, steps):
    for mutation, place, extra in steps:
        content = mutation(content, place, extra) if content else content
    return content


@pytest.fixture(scope="session")
def damaged():
    """Return a function from the bytes of a valid file to the strategy of damaged ones."""
    return lambda content: st.lists(STEP, min_size=1, max_size=3).map(lambda steps: _damaged(content, steps))
