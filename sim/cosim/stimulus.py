"""Bus traffic for lockstep: random programs, and a host that breaks the protocol while they run."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ...emulator.golden.fabric.dense_machine import machine_for
from ...emulator.spec.fabric.activation import activation_table
from ...emulator.spec.fabric.loading import program_writes, start_writes
from ...emulator.spec.fabric.random_source import RandomKind
from ...emulator.spec.fabric.register_map import FIFO_BASE, SPINS_BASE, Control, Register, Where, plane_words

UNKNOWN = (0x0E, 0x1E, 0x30, 0x07FF, 0x1000, 0xFFFF)  # addresses at which nothing lies
WORDS = (Register.MAGIC, Register.WEIGHTS, Register.OFFSETS, Register.CLAMPS, Register.SEEDS, Register.MOMENTS)
WRITABLE = (*WORDS[1:], *range(Register.FIFO_POP, Register.RECORD_WHERE + 1), *range(0x28, 0x2D))


@dataclass(frozen=True, eq=False)
class Stimulus:
    """What stands on the input pins, cycle by cycle.

    Parameters
    ----------
    rows : ndarray, shape (n_cycles, 3), uint32
        Address, write, data.
    entropy : list of int, or None
        The entropy port in each cycle, with an external random source.
    """

    rows: np.ndarray
    entropy: list[int] | None = None

    def __len__(self):
        return len(self.rows)


def random_stimulus(spec, seed, n_cycles):
    """Return random traffic of exactly ``n_cycles``.

    Random programs (extreme words, raw thresholds, clamps, schedules with empty segments, every recorder) are loaded
    and run one after the other. While one runs, the host reads anywhere, pops, freezes, halts, and tries what is
    refused. A golden machine is stepped along to know when the fabric is idle.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    seed : int
        Seed of the traffic.
    n_cycles : int
        Number of clock cycles.

    Returns
    -------
    Stimulus
    """
    rng = random.Random(seed)
    machine = machine_for(spec)
    return _record(machine, islice(_sessions(machine, rng), n_cycles), rng)


def program_stimulus(program, seed=0, chain=0):
    """Return the traffic of one honest run: load, seed, start, and fetch states until the machine is idle.

    Parameters
    ----------
    program : Program
        What runs; it goes to the FIFO and, if the fabric has them, to the moments.
    seed, chain : int
        Seed of the run and number of the chain, as for `seed_words`; also the seed of an external source's words.

    Returns
    -------
    Stimulus
    """
    machine = machine_for(program.spec)
    return _record(machine, _honest_run(machine, program, seed, chain), random.Random(seed))


def _record(machine, accesses, rng):
    """Step ``machine`` through (address, write, data) accesses and return them as a stimulus."""
    spec = machine.spec
    external = spec.random.kind is RandomKind.EXTERNAL
    rows, entropy = [], []
    for address, write, data in accesses:
        word = rng.getrandbits(spec.n_slots * spec.compare_bits) if external else 0
        rows.append((int(address), int(write), int(data) & 0xFFFFFFFF))
        entropy.append(word)
        machine.tick(*rows[-1], word)
    return Stimulus(np.array(rows, dtype=np.uint32).reshape(-1, 3), entropy if external else None)


def _honest_run(machine, program, seed, chain):
    where = Where.FIFO | Where.MOMENTS
    for address, data in program_writes(program, where) + start_writes(program, seed, chain):
        yield address, 1, data
    yield Register.STATUS, 0, 0  # RUN acts at the end of its cycle
    while machine.busy or machine.fifo:
        yield FIFO_BASE, 0, 0
        if machine.fifo:
            yield Register.FIFO_POP, 1, 0
    yield from ((register, 0, 0) for register in Register)


def _sessions(machine, rng):
    """Yield accesses without end: load, run, load some parts anew, run, and so on."""
    parts = [_weights, _offsets, _clamps, _seeds, _tables, _schedule, _recording]
    yield from _write_all(part(machine, rng) for part in parts)
    while True:
        control = Control.RUN | rng.choice((0, Control.LOAD, Control.CLEAR))
        yield Register.CONTROL, 1, control
        while machine.busy:
            yield _while_busy(machine, rng)
        for _ in range(rng.randrange(20)):
            yield _while_idle(machine, rng)
        yield Register.FREEZE, 1, 0
        for part in rng.sample(parts, rng.randrange(1, len(parts))):
            yield from _write_all([part(machine, rng)])
        yield from _write_all([_schedule(machine, rng)])


def _write_all(blocks):
    return ((address, 1, data) for block in blocks for address, data in block)


def _extreme(bits, rng):
    """Return a random word: half of the time one at the edge of its range, at times with bits beyond it."""
    highest = (1 << (bits - 1)) - 1
    return rng.choice((rng.getrandbits(32), rng.getrandbits(bits), highest, -highest - 1, highest, -highest - 1))


def _weights(machine, rng):
    n_words, width = plane_words(machine.spec)[Register.WEIGHTS]
    return [(Register.WEIGHTS, _extreme(width, rng)) for _ in range(n_words)]


def _offsets(machine, rng):
    """Return mostly small offsets, so that neighbours decide; some as large as they get."""
    width = machine.spec.offset.width
    small = max(1, width - 3)
    words = (rng.choice((rng.getrandbits(small) - (1 << small >> 1), _extreme(width, rng))) for _ in machine.bits)
    return [(Register.OFFSETS, word) for word in words]


def _clamps(machine, rng):
    return [(Register.CLAMPS, rng.choice((0, 0, 0, 1, 2, 3))) for _ in machine.bits]


def _seeds(machine, rng):
    return [(Register.SEEDS, rng.getrandbits(32)) for _ in machine.planes[Register.SEEDS]]


def _tables(machine, rng):
    """Return one or two pages: activation tables, or raw thresholds with the two that never and always compare."""
    spec = machine.spec
    entries, highest = spec.n_table_entries, (1 << spec.compare_bits) - 1
    writes = []
    for page in rng.sample(range(spec.n_pages), 2):
        first = rng.choice((0, 0, rng.randrange(entries)))  # the page, or its end
        raw = [rng.choice((0, highest, rng.getrandbits(spec.compare_bits))) for _ in range(entries)]
        beta = rng.choice((0.0, 0.1, 1.0, 10.0))
        words = rng.choice((raw, activation_table(beta, spec.field, spec.compare_bits).tolist()))
        writes.append((Register.TABLE_ADDRESS, page * entries + first))
        writes += [(Register.TABLE_DATA, word) for word in words[first:]]
    return writes


def _schedule(machine, rng):
    spec = machine.spec
    n_segments = rng.randint(1, min(spec.n_segments, 6))
    writes = [(Register.SEGMENT_ADDRESS, 0)]
    pages = rng.sample(range(spec.n_pages), 2)
    for _ in range(n_segments):
        writes.append((Register.SEGMENT_PAGE, rng.choice(pages)))
        writes.append((Register.SEGMENT_SWEEPS, rng.choice((0, 1, 2, rng.randint(1, 60)))))
    return [*writes, (Register.SEGMENTS, n_segments)]


def _recording(machine, rng):
    return [
        (Register.RECORD_AFTER, rng.choice((0, 0, 1, rng.randint(0, 20)))),
        (Register.RECORD_EVERY, rng.choice((0, 1, 1, 2, rng.randint(1, 9)))),
        (Register.RECORD_WHERE, rng.choice((0, *[Where.FIFO] * 2, Where.MOMENTS, *[Where.FIFO | Where.MOMENTS] * 4))),
    ]


def _while_busy(machine, rng):
    """Return one access of a host that does not wait."""
    if machine.settings[Register.FREEZE] and rng.random() < 0.1:
        return Register.FREEZE, 1, 0
    draw = rng.random()
    if draw < 0.002:
        return Register.CONTROL, 1, Control.HALT | rng.choice((0, Control.RUN, Control.CLEAR))
    if draw < 0.012:
        return Register.FREEZE, 1, 1
    if draw < 0.16:
        return Register.FIFO_POP, 1, 0
    if draw < 0.2:
        return rng.choice(WRITABLE), 1, rng.getrandbits(32)  # refused, but for a pop
    return _anywhere(machine, rng), 0, rng.getrandbits(32)


def _while_idle(machine, rng):
    """Return one access to an idle machine that leaves its schedule whole."""
    draw = rng.random()
    if draw < 0.4:
        return Register.FIFO_POP, 1, 0
    if draw < 0.5:
        return (
            Register.CONTROL,
            1,
            rng.choice((Control.LOAD, Control.CLEAR, Control.HALT, Control.LOAD | Control.CLEAR)),
        )
    if draw < 0.6:
        return Register.SEGMENTS, 1, machine.spec.n_segments + 1 + rng.getrandbits(31)  # refused
    if draw < 0.65:
        return rng.choice(UNKNOWN), 1, rng.getrandbits(32)  # refused
    if draw < 0.75 and machine.planes[Register.MOMENTS]:
        return Register.MOMENTS, 1, machine.planes[Register.MOMENTS][0]
    return _anywhere(machine, rng), 0, rng.getrandbits(32)


def _anywhere(machine, rng):
    n_words = -(-machine.spec.n_pbits // 32)
    known = rng.choice(list(Register))
    return rng.choice((known, known, SPINS_BASE + rng.randrange(n_words + 1), FIFO_BASE, rng.choice(UNKNOWN)))
