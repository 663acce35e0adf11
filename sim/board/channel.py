"""A session on the link: requests that are delivered once, whatever the line does, or an error that says why not."""

from __future__ import annotations

import secrets
import time

from ...emulator.spec.errors import InputError, SpinchipError, ToolError
from ...emulator.spec.link.frames import DELIMITER, LINK_VERSION, Kind, LinkRegister, Reply, Request, frame, payload_of

_DAMAGED, _SILENT = "damaged answers", "no answer"


class Channel:
    """One host's conversation with one board.

    A request that gets no intact answer is sent again with the same sequence number; the board does it once. When
    that fails too, the session is over and every further request is refused here until `connect`: after a power cycle
    the board has forgotten what it was told, and its registers would be wrong readings.

    Parameters
    ----------
    transport : object
        Connection to the board, as those of `spinchip.sim.board.transports`.
    timeout_s : float
        Longest wait for an answer [s].
    retries : int
        Times that a request is sent again.
    nonce : callable, optional
        Returns 40 random bits, which make the first request of a session unlike any before.
    """

    def __init__(self, transport, timeout_s=1.0, retries=4, nonce=None):
        self.transport = transport
        self._timeout_s = timeout_s
        self._retries = retries
        self._nonce = nonce or (lambda: secrets.randbits(40))
        self._sequence = None
        self._buffer = bytearray()

    @property
    def connected(self):
        """Whether a session is open."""
        return self._sequence is not None

    @property
    def sequence(self):
        """Sequence number of the last answered request, or None."""
        return self._sequence

    def connect(self):
        """Open a session.

        Raises
        ------
        ToolError
            If nothing there answers as a spinchip board.
        InputError
            If the board speaks another major version of the link.
        """
        number = self._nonce()
        word, sequence = number & 0xFFFFFFFF, number >> 32
        self._sequence = None
        reply, trouble = self._deliver(
            Request(Kind.HELLO, sequence, words=(word,)), lambda reply: reply.words == (word,)
        )
        if reply is None:
            raise ToolError(f"{self.transport.name} must be a spinchip board (right port? right baud rate?): {trouble}")
        self._sequence = sequence
        (version,) = self.ask(Kind.READ, LinkRegister.VERSION).words
        if version >> 16 != LINK_VERSION >> 16:
            self._sequence = None
            mine = f"{LINK_VERSION >> 16}.x"
            raise InputError(
                f"{self.transport.name} must speak link version {mine}, not {version >> 16}.{version & 0xFFFF}"
            )

    def abandon(self):
        """End the session."""
        self._sequence = None

    def ask(self, kind, address=0, count=1, words=(), state_words=1):
        """Return the answer to a request.

        Parameters
        ----------
        kind, address, count, words
            Same meaning as in `Request`.
        state_words : int
            Words of a state, for SNAPSHOTS.

        Returns
        -------
        Reply

        Raises
        ------
        ToolError
            If the board gave no intact answer; the session is then over.
        """
        if self._sequence is None:
            raise ToolError(f"Session with {self.transport.name} is over; connect again and load the program anew")
        request = Request(kind, (self._sequence + 1) & 0xFF, int(address), count, tuple(words))
        reply, trouble = self._deliver(request, lambda reply: _fits(request, reply, state_words))
        if reply is None:
            self._sequence = None
            raise ToolError(
                f"{self.transport.name} gave {trouble} to {kind.name} in {self._retries + 1} attempts: cable,"
                " baud rate, power cycle, or another program on the port"
            )
        self._sequence = request.sequence
        return reply

    def _deliver(self, request, fits):
        """Send a request until it is answered; return the answer, or None and what went wrong."""
        data, trouble = frame(request.payload()), _SILENT
        for attempt in range(self._retries + 1):
            try:
                if attempt or self._sequence is None:
                    data = bytes((DELIMITER,)) + data.lstrip(bytes((DELIMITER,)))  # ends what the line holds
                self.transport.write(data)
                reply, trouble = self._await(request, fits)
            except ToolError as error:
                trouble = f"no answer ({error})"
                self._reopen()
                continue
            if reply is not None:
                return reply, ""
        return None, trouble

    def _reopen(self):
        """Try to open the port again; a board that is back keeps its session."""
        self._buffer.clear()
        try:
            self.transport.reopen()
        except SpinchipError:
            time.sleep(self._timeout_s)

    def _await(self, request, fits):
        """Return the answer that comes in time, or None; a damaged frame ends the wait."""
        deadline, trouble = time.monotonic() + self._timeout_s, _SILENT
        while (left := deadline - time.monotonic()) > 0:
            data = self.transport.read(left)
            if not data:
                break
            self._buffer += data
            while DELIMITER in self._buffer:
                encoded, _, rest = self._buffer.partition(bytes((DELIMITER,)))
                self._buffer = rest
                payload = payload_of(bytes(encoded)) if encoded else None
                reply = Reply.from_payload(payload) if payload else None
                if reply is None and encoded:
                    return None, _DAMAGED
                if reply and (reply.kind, reply.sequence) == (request.kind, request.sequence) and fits(reply):
                    return reply, ""
        if self._buffer:
            trouble = _DAMAGED
            self._buffer.clear()
        return None, trouble


def _fits(request, reply, state_words):
    """Return whether an answer has the size that its request asked for."""
    if request.kind is Kind.SNAPSHOTS:
        return reply.count <= request.count and len(reply.words) == reply.count * state_words
    expected = 0 if request.kind in (Kind.WRITE, Kind.FILL) else request.count
    return reply.count == expected == len(reply.words)
