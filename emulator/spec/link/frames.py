"""The host link: frames of bytes that carry register accesses, the same for gateware and host.

A frame is COBS(payload + CRC) + 0x00. Words are little-endian; the CRC-16/IBM-3740 of the payload follows it high byte
first, so that the CRC of a whole intact frame is zero. The page ``docs/board-protocol.md`` tells it to strangers.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from enum import IntEnum

from ..errors import InputError

LINK_VERSION = 0x0001_0000  # major << 16 | minor; what a client must know before anything else
DELIMITER = 0x00
CRC_BYTES = 2
REQUEST_HEADER = 5  # kind, sequence, address low, address high, count
REPLY_HEADER = 3  # kind | REPLY, sequence, count
WORD_BYTES = 4
MAX_WORDS = 61  # 5 + 4 * 61 + 2 = 251 bytes fit one COBS block, whose code byte is then never 0xFF
MAX_FRAME = REQUEST_HEADER + WORD_BYTES * MAX_WORDS + CRC_BYTES  # decoded, the CRC included
MIN_FRAME = REQUEST_HEADER + CRC_BYTES
REPLY = 0x80  # set in the kind of an answer
COUNTER_BITS = 16


class Kind(IntEnum):
    """What a request asks for."""

    HELLO = 1  # answers its word, whatever its sequence number is; starts a session
    READ = 2  # words from ascending addresses
    WRITE = 3  # words to ascending addresses
    FILL = 4  # words to one address: configuration shift registers, TABLE_DATA, CONTROL
    ROTATE = 5  # "read, write back" at one address: a whole configuration shift register, left as it was
    SNAPSHOTS = 6  # oldest states of the FIFO, each popped after it was read


CARRIES_WORDS = (Kind.HELLO, Kind.WRITE, Kind.FILL)  # whose requests hold ``count`` words


class LinkRegister(IntEnum):
    """Read-only words of the link itself; counters since power-up that wrap at 16 bits."""

    VERSION = 0xFF00
    EXECUTED = 0xFF01  # requests, the one that reads this included
    REPEATED = 0xFF02  # answered from memory
    FRAMING = 0xFF03  # refused: a stop bit was missing
    LENGTH = 0xFF04  # refused: COBS block cut short, frame too short or too long for its kind and count
    CRC = 0xFF05  # refused: checksum
    KIND = 0xFF06  # refused: unknown kind
    ORDER = 0xFF07  # refused: sequence number is neither the last one nor the next
    OVERRUN = 0xFF08  # refused: came while a request was waiting or being executed


LINK_PAGE = 0xFF  # high byte of the link's own addresses
REFUSALS = (
    LinkRegister.FRAMING,
    LinkRegister.LENGTH,
    LinkRegister.CRC,
    LinkRegister.KIND,
    LinkRegister.ORDER,
    LinkRegister.OVERRUN,
)


@dataclass(frozen=True)
class Request:
    """What a host asks.

    Parameters
    ----------
    kind : Kind
        Operation that is asked for.
    sequence : int
        One more than the last, modulo 256; any for HELLO.
    address : int
        Word address; 0 for HELLO and SNAPSHOTS, which ignore it.
    count : int
        Words, or states for SNAPSHOTS; 1..61.
    words : tuple of int
        ``count`` words of HELLO, WRITE and FILL.
    """

    kind: Kind
    sequence: int
    address: int = 0
    count: int = 1
    words: tuple[int, ...] = ()

    def __post_init__(self):
        expected = self.count if self.kind in CARRIES_WORDS else 0
        if not 1 <= self.count <= MAX_WORDS or (self.kind is Kind.HELLO and self.count != 1):
            raise InputError(f"Count of a request must be 1..{MAX_WORDS} (1 for HELLO), not {self.count}")
        if len(self.words) != expected:
            raise InputError(f"Words of {self.kind.name} must be {expected}, not {len(self.words)}")
        if not 0 <= self.address <= 0xFFFF:
            raise InputError(f"Address must fit 16 bits, not {self.address:#x}")

    def payload(self):
        """Return the bytes before the CRC."""
        head = bytes((self.kind, self.sequence, self.address & 0xFF, self.address >> 8, self.count))
        return head + bytes_from_words(self.words)


@dataclass(frozen=True)
class Reply:
    """What a board answers.

    Parameters
    ----------
    kind : Kind
        That of the request.
    sequence : int
        That of the request.
    count : int
        Words that follow; states for SNAPSHOTS; 0 for WRITE and FILL.
    words : tuple of int
        Words of the answer.
    """

    kind: Kind
    sequence: int
    count: int = 0
    words: tuple[int, ...] = ()

    def payload(self):
        """Return the bytes before the CRC."""
        return bytes((self.kind | REPLY, self.sequence, self.count)) + bytes_from_words(self.words)

    @classmethod
    def from_payload(cls, payload):
        """Return the answer that a payload holds, or None if it holds none.

        The count is not held against the words: SNAPSHOTS counts states, and only the caller knows their size.
        """
        body = payload[REPLY_HEADER:]
        if len(payload) < REPLY_HEADER or len(body) % WORD_BYTES or payload[0] not in _REPLIES:
            return None
        return cls(_REPLIES[payload[0]], payload[1], payload[2], words_from_bytes(body))


_REPLIES = {kind | REPLY: kind for kind in Kind}


def crc16(data):
    """Return the CRC-16/IBM-3740 (polynomial 0x1021, first value 0xFFFF, nothing reflected).

    >>> hex(crc16(b"123456789"))
    '0x29b1'
    """
    return binascii.crc_hqx(data, 0xFFFF)


def cobs_encode(data):
    """Return at most 253 bytes in a form without zeros.

    >>> cobs_encode(bytes([0x11, 0x22, 0x00, 0x33])).hex(" ")
    '03 11 22 02 33'
    """
    return b"".join(bytes((len(block) + 1,)) + block for block in data.split(b"\0"))


def cobs_decode(data):
    """Return what `cobs_encode` was given, or None if the bytes are no such form.

    >>> cobs_decode(bytes.fromhex("03 11 22 02 33")).hex(" ")
    '11 22 00 33'
    """
    blocks, at = [], 0
    while at < len(data):
        block = data[at + 1 : at + data[at]]
        if data[at] == 0 or 0 in block or len(block) != data[at] - 1:
            return None
        blocks.append(block)
        at += data[at]
    return b"\0".join(blocks)


def frame(payload):
    """Return the bytes on the wire that carry a payload."""
    return cobs_encode(payload + crc16(payload).to_bytes(CRC_BYTES, "big")) + bytes((DELIMITER,))


def payload_of(encoded):
    """Return the payload of a frame without its delimiter, or None if the frame is damaged."""
    data = cobs_decode(encoded)
    if not data or len(data) <= CRC_BYTES or len(data) > MAX_FRAME or crc16(data) != 0:
        return None
    return data[:-CRC_BYTES]


def bytes_from_words(words):
    """Return 32-bit words as bytes, lowest byte first."""
    return b"".join((int(word) & 0xFFFFFFFF).to_bytes(WORD_BYTES, "little") for word in words)


def words_from_bytes(data):
    """Return the inverse of `bytes_from_words`; tuple of int."""
    return tuple(int.from_bytes(data[k : k + WORD_BYTES], "little") for k in range(0, len(data), WORD_BYTES))
