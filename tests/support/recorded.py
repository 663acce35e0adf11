"""Sessions with a board as files: recorded once, replayed where there is no board.

A file has one JSON object a line: ``{"host": hex}`` for bytes that were written, ``{"board": hex}`` for bytes that were
read, an empty string for a timeout.
"""

from __future__ import annotations

import json
from collections import deque
from itertools import count
from pathlib import Path

from spinchip.emulator.spec.errors import InputError, ToolError
from spinchip.emulator.spec.files.json_reading import parse_json


def counted_nonces(first=1):
    """Return a function that gives 40-bit numbers one after the other, so that a session can be replayed."""
    return count(first).__next__


class RecordingTransport:
    """Passes traffic on and writes it down.

    Parameters
    ----------
    inner : object
        The transport to the board.
    path : path
        Path of the file.
    """

    def __init__(self, inner, path):
        self._inner = inner
        self._file = Path(path).open("w", encoding="ascii")
        self.name = inner.name

    def write(self, data):
        """Send bytes."""
        self._note("host", data)
        self._inner.write(data)

    def read(self, timeout_s):
        """Return what came."""
        data = self._inner.read(timeout_s)
        self._note("board", data)
        return data

    def reopen(self):
        """Open the port again."""
        self._inner.reopen()

    def close(self):
        """Close the file and the port."""
        self._file.close()
        self._inner.close()

    def _note(self, who, data):
        self._file.write(json.dumps({who: bytes(data).hex()}) + "\n")


class ReplayTransport:
    """A board that says what another one said, as long as the host says what that one's host did.

    Parameters
    ----------
    path : path
        File of a `RecordingTransport`.

    Raises
    ------
    InputError
        If a line of the file is no record.
    """

    def __init__(self, path):
        self.name = f"recording {Path(path).name}"
        self._records = deque()
        for number, line in enumerate(Path(path).read_text(encoding="ascii").splitlines(), 1):
            try:
                ((who, text),) = parse_json(line).items()
                self._records.append((who, bytes.fromhex(text)))
            except (ValueError, AttributeError, TypeError) as error:
                raise InputError(f"{path}, line {number}: record must be {{who: hex}}, not {line[:40]!r}") from error

    @property
    def at_end(self):
        """Whether everything was replayed."""
        return not self._records

    def write(self, data):
        """Compare with what was recorded."""
        who, recorded = self._records.popleft() if self._records else ("nobody", b"")
        if (who, recorded) != ("host", bytes(data)):
            raise ToolError(
                f"{self.name} must go on with {recorded.hex()!r} of {who}, not {bytes(data).hex()!r} of host"
            )

    def read(self, timeout_s):
        """Return what came then."""
        if not self._records or self._records[0][0] != "board":
            return b""
        return self._records.popleft()[1]

    def reopen(self):
        """Do nothing."""

    def close(self):
        """Do nothing."""
