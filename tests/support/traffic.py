"""Good and bad traffic for the host link, and a register file that both sides of a comparison carry."""

from __future__ import annotations

import random

from spinchip.emulator.spec.fabric.register_map import FIFO_BASE, Register
from spinchip.emulator.spec.link.frames import CARRIES_WORDS, Kind, Request, frame


class RegisterFile:
    """Registers, a configuration shift register at WEIGHTS and a snapshot FIFO, without a time of their own."""

    def __init__(self, n_words, n_states=40, seed=0):
        rng = random.Random(seed)
        self.words = {address: rng.getrandbits(32) for address in range(0x10, 0x18)}
        self.plane = [rng.getrandbits(32) for _ in range(5)]
        self.states = [[rng.choice((0, rng.getrandbits(32))) for _ in range(n_words)] for _ in range(n_states)]

    def read(self, address):
        """Return the word that the bus shows."""
        if address == Register.WEIGHTS:
            return self.plane[0]
        if address == Register.FIFO_LEVEL:
            return len(self.states)
        if self.states and 0 <= address - FIFO_BASE < len(self.states[0]):
            return self.states[0][address - FIFO_BASE]
        return self.words.get(address, 0)

    def write(self, address, data):
        """Carry a write out."""
        if address == Register.WEIGHTS:
            self.plane = [*self.plane[1:], data]
        elif address == Register.FIFO_POP:
            self.states = self.states[1:]
        else:
            self.words[address] = data

    def contents(self):
        """Return everything, to be compared."""
        return self.words, self.plane, self.states


def random_request(rng, sequence):
    """Return an intact request of any kind; short ones mostly."""
    kind = rng.choice([kind for kind in Kind for _ in range(1 if kind is Kind.HELLO else 4)])
    count = 1 if kind is Kind.HELLO else rng.choice((1, 2, 3)) if rng.random() < 0.95 else rng.randint(4, 61)
    words = tuple(rng.choice((0, 0xFF00, rng.getrandbits(32))) for _ in range(count)) if kind in CARRIES_WORDS else ()
    address = rng.choice((0x10, 0x16, Register.WEIGHTS, FIFO_BASE, 0xFEFF, 0xFF00, 0xFFFC, rng.getrandbits(16)))
    if kind is Kind.ROTATE:
        address = Register.WEIGHTS
    return Request(kind, sequence, address, count, words)


def corrupted(rng, intact):
    """Return what a bad line makes of a frame that ends with its delimiter; never the frame itself."""
    while True:
        data = bytearray(intact)
        damage = rng.randrange(7)
        if damage == 0:
            data[rng.randrange(len(data) - 1)] ^= 1 << rng.randrange(8)
        elif damage == 1:
            for _ in range(rng.randint(2, 8)):
                data[rng.randrange(len(data) - 1)] ^= 1 << rng.randrange(8)
        elif damage == 2:
            del data[rng.randrange(len(data) - 1) : -1]
        elif damage == 3:
            del data[rng.randrange(len(data) - 1)]
        elif damage == 4:
            at = rng.randrange(len(data))
            data[at:at] = rng.randbytes(rng.choice((1, 2, 300)))
        elif damage == 5:
            data = bytearray(rng.randbytes(rng.randint(1, 30)) + b"\0")
        else:
            data[:-1] = rng.sample(list(data[:-1]), len(data) - 1)
        if intact not in (bytes(data), bytes(data).lstrip(b"\0")):
            return bytes(data)


def wrong_but_intact(rng, sequence):
    """Return a frame with a good checksum that must be refused all the same."""
    request = random_request(rng, sequence)
    payload = bytearray(request.payload())
    damage = rng.randrange(4)
    if damage == 0:
        payload[0] = rng.choice((0, 7, 0x80, 0x82, 0xFF, rng.randint(7, 255)))
    elif damage == 1:
        payload[4] = rng.choice((0, 62, 255))
    elif damage == 2:
        payload += rng.randbytes(rng.randint(1, 4))
    else:
        payload = bytearray(Request(Kind.READ, (sequence + rng.randint(1, 254)) & 0xFF, 0x10, 1).payload())
    return frame(bytes(payload))
