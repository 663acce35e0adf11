"""A line that damages what it carries, to test what a host makes of it."""

from __future__ import annotations

import random
from collections import Counter
from enum import IntEnum

from spinchip.emulator.spec.errors import ToolError


class Fault(IntEnum):
    """What may happen to the bytes of one write or one read."""

    FLIP = 0  # one bit
    TRUNCATE = 1  # the end is lost
    DROP = 2  # all is lost
    DUPLICATE = 3  # all comes twice
    REORDER = 4  # bytes change places
    NOISE = 5  # random bytes before it
    CLOSE = 6  # the port is gone in mid-transfer; opening it again works


class BadLine:
    """A transport that damages the traffic of another.

    Parameters
    ----------
    inner : object
        The transport that works.
    rate : float
        Chance that a write or a read is damaged.
    seed : int
        Seed of the faults; the same seed gives the same faults.
    faults : sequence of Fault, optional
        Which happen; all if absent.

    Attributes
    ----------
    happened : Counter
        Times that each fault struck.
    """

    def __init__(self, inner, rate, seed=0, faults=None):
        self._inner = inner
        self.rate = rate
        self._rng = random.Random(seed)
        self._faults = list(faults or Fault)
        self.happened = Counter()
        self.name = inner.name

    def write(self, data):
        """Send bytes, or what becomes of them."""
        self._inner.write(self._damage(bytes(data), self._inner.write))

    def read(self, timeout_s):
        """Return what came, or what became of it."""
        return self._damage(self._inner.read(timeout_s), lambda _part: None)

    def reopen(self):
        """Open the port again."""
        self._inner.reopen()

    def close(self):
        """Close the port."""
        self._inner.close()

    def _damage(self, data, deliver):
        if not data or self._rng.random() >= self.rate:
            return data
        fault, rng = self._rng.choice(self._faults), self._rng
        self.happened[fault] += 1
        at = rng.randrange(len(data))
        if fault is Fault.CLOSE:
            deliver(data[:at])
            raise ToolError(f"Port {self.name} is gone: pulled out; plug the board in again")
        return {
            Fault.FLIP: lambda: data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :],
            Fault.TRUNCATE: lambda: data[:at],
            Fault.DROP: lambda: b"",
            Fault.DUPLICATE: lambda: data + data,
            Fault.REORDER: lambda: bytes(rng.sample(data, len(data))),
            Fault.NOISE: lambda: rng.randbytes(rng.randint(1, 40)) + data,
        }[fault]()
