"""The host link as a model: bytes in, bytes out, over anything that has registers.

It carries out and refuses the same requests as ``spinchip.rtl.link.engine.Link``, with the same counters; the two share
the specification and no code. It takes no time, so it never overruns.
"""

from __future__ import annotations

from collections import deque

from ...spec.fabric.register_map import FIFO_BASE, Register
from ...spec.link.frames import (
    CARRIES_WORDS,
    DELIMITER,
    LINK_PAGE,
    LINK_VERSION,
    MAX_FRAME,
    MAX_WORDS,
    MIN_FRAME,
    REQUEST_HEADER,
    WORD_BYTES,
    Kind,
    LinkRegister,
    Reply,
    crc16,
    frame,
    words_from_bytes,
)


class MachineBus:
    """Register accesses to a golden machine, one clock each and some idle ones.

    Parameters
    ----------
    machine : Machine
        What is read and written.
    clocks_per_access : int
        Clocks that pass with each access; more make a running machine seem faster.
    """

    def __init__(self, machine, clocks_per_access=4):
        self.machine = machine
        self._idle_clocks = clocks_per_access - 1

    def read(self, address):
        """Return a register."""
        self.machine.tick(address)
        word = self.machine.read_data
        self.rest(self._idle_clocks)
        return word

    def write(self, address, data):
        """Write a register; the machine may refuse."""
        self.machine.tick(address, True, data)
        self.rest(self._idle_clocks)

    def rest(self, n_clocks):
        """Let the machine run; an idle one does not change, but for its table's read port."""
        for _ in range(n_clocks if self.machine.busy else min(n_clocks, 1)):
            self.machine.tick()


class LinkEngine:
    """Twin of the gateware's link.

    Parameters
    ----------
    bus : object
        Has ``read(address)`` and ``write(address, data)``.
    n_words : int
        Words of a snapshot.

    Attributes
    ----------
    counters : dict of LinkRegister to int
        What was executed, repeated and refused.
    """

    def __init__(self, bus, n_words):
        self._bus = bus
        self._n_words = n_words
        self.counters = {register: 0 for register in LinkRegister if register is not LinkRegister.VERSION}
        self._pending = bytearray()
        self._broken = False
        self._last = None  # sequence and CRC of the last executed request
        self._answer = b""

    def feed(self, data):
        """Take bytes from the line and return the bytes that answer them."""
        answers = []
        for byte in data:
            if byte != DELIMITER:
                if len(self._pending) <= MAX_FRAME + 1:  # one too many is enough to know
                    self._pending.append(byte)
            elif self._pending or self._broken:
                answers.append(self._frame_came(bytes(self._pending)))
                self._pending.clear()
                self._broken = False
        return b"".join(answers)

    @property
    def last_sequence(self):
        """Sequence number of the last request that was carried out, or None."""
        return self._last and self._last[0]

    def lose_byte(self):
        """Take note of a byte that the line spoiled: its frame is refused."""
        self._broken = True

    def _frame_came(self, encoded):
        cause, data = self._damage(encoded)
        if cause is None:
            cause = self._verdict(data)
        self.counters[cause] = (self.counters[cause] + 1) & 0xFFFF
        if cause is LinkRegister.EXECUTED:
            self._last = (data[1], data[-2:])
            self._answer = frame(self._execute(data).payload())
        return self._answer if cause in (LinkRegister.EXECUTED, LinkRegister.REPEATED) else b""

    def _damage(self, encoded):
        """Return the cause of refusal, or None, and the decoded bytes."""
        if self._broken:
            return LinkRegister.FRAMING, b""
        data, queue = bytearray(), deque(encoded)
        while queue:
            if encoded and len(queue) < len(encoded):
                data.append(0)
            block = queue.popleft() - 1
            if block > len(queue):
                return LinkRegister.LENGTH, b""
            data.extend(queue.popleft() for _ in range(block))
        if not MIN_FRAME <= len(data) <= MAX_FRAME:
            return LinkRegister.LENGTH, b""
        return (LinkRegister.CRC if crc16(data) else None), bytes(data)

    def _verdict(self, data):
        """Return what becomes of an intact frame."""
        kind, sequence, count = data[0], data[1], data[4]
        n_words = count if kind in CARRIES_WORDS else 0
        if kind not in set(Kind):
            return LinkRegister.KIND
        most = 1 if kind == Kind.HELLO else MAX_WORDS
        if not 1 <= count <= most or len(data) != MIN_FRAME + WORD_BYTES * n_words:
            return LinkRegister.LENGTH
        if self._last == (sequence, data[-2:]):
            return LinkRegister.REPEATED
        if kind == Kind.HELLO or (self._last and sequence == (self._last[0] + 1) & 0xFF):
            return LinkRegister.EXECUTED
        return LinkRegister.ORDER

    def _execute(self, data):
        kind, address, count = Kind(data[0]), data[2] | data[3] << 8, data[4]
        words = words_from_bytes(data[REQUEST_HEADER:-2])
        if kind is Kind.HELLO:
            return Reply(kind, data[1], 1, words)
        if kind is Kind.READ:
            return Reply(kind, data[1], count, tuple(self._read((address + k) & 0xFFFF) for k in range(count)))
        if kind is Kind.ROTATE:
            return Reply(kind, data[1], count, tuple(self._rotate(address) for _ in range(count)))
        if kind is Kind.SNAPSHOTS:
            states = min(count, self._bus.read(Register.FIFO_LEVEL), MAX_WORDS // self._n_words)
            return Reply(kind, data[1], states, tuple(word for _ in range(states) for word in self._snapshot()))
        for k, word in enumerate(words):
            self._bus.write((address + k * (kind is Kind.WRITE)) & 0xFFFF, word)
        return Reply(kind, data[1])

    def _read(self, address):
        if address >> 8 != LINK_PAGE:
            return self._bus.read(address)
        if address == LinkRegister.VERSION:
            return LINK_VERSION
        return self.counters.get(address, 0)

    def _rotate(self, address):
        word = self._read(address)
        self._bus.write(address, word)
        return word

    def _snapshot(self):
        words = [self._bus.read(FIFO_BASE + k) for k in range(self._n_words)]
        self._bus.write(Register.FIFO_POP, 0)
        return words
