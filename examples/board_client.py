"""A client written from docs/board-protocol.md alone: samples a ring of spins on a board and checks its mean spin.

python examples/board_client.py PORT, with a board built for '[ring n=6 J=1 h=0.3]'; exit status 1 if the mean is wrong.
"""

import binascii
import math
import random
import struct
import sys
from itertools import product

import serial

HELLO, READ, WRITE, FILL, _ROTATE, SNAPSHOTS = range(1, 7)
BETA, J, H, N_STATES, EVERY = 0.5, 1.0, 0.3, 4000, 8
sequence = random.randrange(256)


def ask(line, kind, address=0, count=1, words=()):
    """Send a request until it is answered; return the bytes of the answer after its three bytes of head."""
    global sequence
    sequence = (sequence + 1) % 256
    payload = struct.pack("<BBHB", kind, sequence, address, count) + struct.pack(f"<{len(words)}I", *words)
    data = payload + binascii.crc_hqx(payload, 0xFFFF).to_bytes(2, "big")
    frame = b"".join(bytes([len(piece) + 1]) + piece for piece in data.split(b"\0")) + b"\0"
    for _attempt in range(5):
        line.write(b"\0" + frame)
        while (encoded := line.read_until(b"\0")).endswith(b"\0"):
            pieces, at = [], 0
            while encoded[at]:
                pieces.append(encoded[at + 1 : at + encoded[at]])
                at = min(at + encoded[at], len(encoded) - 1)
            answer = b"\0".join(pieces)
            if binascii.crc_hqx(answer, 0xFFFF) == 0 and answer[:2] == bytes([kind | 0x80, sequence]):
                return answer[3:-2]
    raise SystemExit("the board does not answer")


def fill(line, address, words):
    """Write words to one address, 61 a request."""
    for at in range(0, len(words), 61):
        ask(line, FILL, address, len(words[at : at + 61]), [word % 2**32 for word in words[at : at + 61]])


def main(port):
    """Load, run, fetch, compare; return the exit status."""
    line, nonce = serial.serial_for_url(port, 1_000_000, timeout=1), random.getrandbits(32)
    if ask(line, HELLO, words=[nonce]) != struct.pack("<I", nonce):
        raise SystemExit("not a board, or an old answer")
    n, n_edges, _, n_generators, source, forms, field = struct.unpack("<7I", ask(line, READ, 4, 7))
    weight_frac, bias_frac, field_frac = forms >> 8 & 255, forms >> 24, field >> 8 & 255
    width, top = 1 + (field & 255) + field_frac, 2 ** (field >> 16 & 255)
    fields = [(k + (1 << width - 1)) % (1 << width) - (1 << width - 1) for k in range(1 << width)]
    table = [round(top / (1 + math.exp(-2 * BETA * k / 2**field_frac))) for k in fields]
    n_seeds = n_generators * (4 if source & 255 == 2 else 1)
    for address, words in (
        (0x10, [4, 8]),  # HALT, CLEAR
        (0x20, [round(abs(J) * 2**weight_frac) | (J < 0) << (forms & 255) + weight_frac] * n_edges),
        (0x21, [round((H - 2 * abs(J)) * 2 ** max(weight_frac, bias_frac))] * n),
        (0x28, [0]),
        (0x29, [min(max(word, 1), top - 1) for word in table]),
        (0x23, [random.randrange(1, 2**32) for _ in range(n_seeds)]),
        (0x22, [0] * n),
    ):
        fill(line, address, words)
    ask(line, WRITE, 0x2A, 3, [0, 0, N_STATES * EVERY])
    ask(line, WRITE, 0x1A, 4, [1, 0, EVERY, 1])
    fill(line, 0x10, [1])  # RUN
    if any(ask(line, READ, 0x16)):
        raise SystemExit("the machine refused a write")
    ups = taken = 0
    while taken < N_STATES:
        states = ask(line, SNAPSHOTS, count=61)
        taken += len(states) // 4
        ups += sum(bin(state).count("1") for (state,) in struct.iter_unpack("<I", states))
    states = list(product((-1, 1), repeat=n))
    weights = [math.exp(BETA * sum(J * s[k - 1] * s[k] + H * s[k] for k in range(n))) for s in states]
    exact = sum(weight * sum(s) for weight, s in zip(weights, states, strict=True)) / sum(weights) / n
    found = 2 * ups / taken / n - 1
    sys.stdout.write(f"mean spin {found:.4f}, exactly {exact:.4f}\n")
    return 0 if abs(found - exact) < 4 / math.sqrt(N_STATES) else 1  # 4 errors, were all spins of a state the same one


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
