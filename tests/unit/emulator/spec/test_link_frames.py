"""Frames of the host link: published vectors, the protocol page, and every damage of a few bits."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.parameters import FABRIC_VERSION
from spinchip.emulator.spec.fabric.register_map import MAGIC
from spinchip.emulator.spec.link.frames import (
    CARRIES_WORDS,
    LINK_VERSION,
    MAX_FRAME,
    Kind,
    LinkRegister,
    Reply,
    Request,
    cobs_decode,
    cobs_encode,
    crc16,
    frame,
    payload_of,
)

PAGE = (Path(__file__).parents[4] / "docs" / "board-protocol.md").read_text(encoding="utf-8")
# Source: Cheshire, Baker, Consistent overhead byte stuffing, IEEE/ACM Trans. Netw. 7, 159 (1999), and its
# encyclopedia article, without the final zero.
COBS_VECTORS = [
    ("00", "01 01"),
    ("00 00", "01 01 01"),
    ("00 11 00", "01 02 11 01"),
    ("11 22 00 33", "03 11 22 02 33"),
    ("11 22 33 44", "05 11 22 33 44"),
    ("11 00 00 00", "02 11 01 01 01"),
]


def examples():
    """Return the bytes of the page's example by the name of their row."""
    rows = re.findall(r"^\| ([^|]+) \| `([0-9a-f ]+)` \|$", PAGE.split("## An example")[1], re.MULTILINE)
    return [(name, bytes.fromhex(text)) for name, text in rows]


@pytest.mark.promise("board.frames")
@pytest.mark.parametrize(("plain", "coded"), COBS_VECTORS)
def test_cobs_keeps_the_published_vectors(plain, coded):
    assert cobs_encode(bytes.fromhex(plain)) == bytes.fromhex(coded)
    assert cobs_decode(bytes.fromhex(coded)) == bytes.fromhex(plain)


@given(st.binary(min_size=1, max_size=253))
def test_cobs_is_undone_and_has_no_zero(data):
    assert 0 not in cobs_encode(data)
    assert len(cobs_encode(data)) == len(data) + 1
    assert cobs_decode(cobs_encode(data)) == data


@pytest.mark.promise("board.frames")
def test_crc_is_the_bitwise_division():
    register = 0xFFFF
    for byte in b"123456789":
        for k in range(8):
            bit = (register >> 15) ^ (byte >> (7 - k) & 1)
            register = (register << 1 & 0xFFFF) ^ (0x1021 * bit)
    assert crc16(b"123456789") == register == 0x29B1  # the catalogue's check value


@pytest.mark.promise("board.frames")
def test_protocol_page_shows_true_bytes():
    hello, read = Request(Kind.HELLO, 7, words=(0x12003400,)), Request(Kind.READ, 8, 0, 2)
    welcome, answer = Reply(Kind.HELLO, 7, 1, (0x12003400,)), Reply(Kind.READ, 8, 2, (MAGIC, FABRIC_VERSION))
    expected = [
        ("HELLO, payload", hello.payload()),
        ("its CRC", crc16(hello.payload()).to_bytes(2, "big")),
        ("on the wire", frame(hello.payload())),
        ("answer, payload", welcome.payload()),
        ("on the wire", frame(welcome.payload())),
        ("READ, payload", read.payload()),
        ("on the wire", frame(read.payload())),
        ("answer, payload", answer.payload()),
        ("on the wire", frame(answer.payload())),
    ]
    assert examples() == expected


@pytest.mark.promise("board.frames")
def test_protocol_page_lists_every_kind_and_link_register():
    kinds = re.findall(r"^\| (\d) \| ([A-Z]+) \|", PAGE, re.MULTILINE)
    registers = re.findall(r"^\| (0xFF\w\w) \| ([A-Z]+) \|", PAGE, re.MULTILINE)
    assert {name: int(number) for number, name in kinds} == {kind.name: kind.value for kind in Kind}
    assert {name: int(address, 16) for address, name in registers} == {r.name: r.value for r in LinkRegister}
    assert f"Link version {LINK_VERSION >> 16}.{LINK_VERSION & 0xFFFF}." in PAGE


@pytest.mark.parametrize("kind", list(Kind))
def test_largest_frame_fits_one_block(kind):
    count = 1 if kind is Kind.HELLO else 61
    words = tuple(0x01010101 * (k + 1) for k in range(count)) if kind in CARRIES_WORDS else ()
    payload = Request(kind, 255, 0xFFFF, count, words).payload()
    assert len(payload) + 2 <= MAX_FRAME < 254
    assert payload_of(frame(payload)[:-1]) == payload


@pytest.mark.promise("board.bad-frames")
@pytest.mark.parametrize("request_", [Request(Kind.READ, 3, 0x100, 2), Request(Kind.FILL, 9, 0x20, 2, (0, 0xFF00FF00))])
def test_one_and_two_flipped_bits_are_seen(request_):
    """Whatever the flip makes of the stuffing: the frame is damaged, or cut in two damaged ones."""
    intact = frame(request_.payload())[:-1]
    n_bits = 8 * len(intact)
    for flips in [*combinations(range(n_bits), 1), *combinations(range(n_bits), 2)]:
        number = int.from_bytes(intact, "big") ^ sum(1 << k for k in flips)
        for part in number.to_bytes(len(intact), "big").split(b"\0"):
            assert payload_of(part) is None


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((Kind.READ, 0, 0, 62), "Count of a request must be 1..61 (1 for HELLO), not 62"),
        ((Kind.READ, 0, 0, 0), "Count of a request must be 1..61 (1 for HELLO), not 0"),
        ((Kind.FILL, 0, 0, 2, (1,)), "Words of FILL must be 2, not 1"),
        ((Kind.READ, 0, 0x10000, 1), "Address must fit 16 bits, not 0x10000"),
    ],
)
def test_request_out_of_range_is_refused(arguments, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        Request(*arguments)


@pytest.mark.parametrize("payload", [b"", b"\x81\x00", b"\x02\x00\x00", b"\x82\x00\x01\x00", b"\xff\x00\x00"])
def test_no_answer_is_taken_from_something_else(payload):
    assert Reply.from_payload(payload) is None
