"""The link model: good requests once each, a hundred thousand bad frames, and what a line does to order."""

import random

import pytest

from spinchip.emulator.golden.link.engine import LinkEngine
from spinchip.emulator.spec.fabric.register_map import Register
from spinchip.emulator.spec.link.frames import (
    LINK_VERSION,
    MAX_WORDS,
    Kind,
    LinkRegister,
    Reply,
    Request,
    frame,
    payload_of,
)
from support.traffic import RegisterFile, corrupted, random_request, wrong_but_intact

N_CORRUPTED = 100_000


@pytest.fixture
def registers():
    return RegisterFile(n_words=2)


@pytest.fixture
def engine(registers):
    """Return an engine whose session has begun with sequence number 0."""
    engine = LinkEngine(registers, n_words=2)
    assert engine.feed(frame(Request(Kind.HELLO, 0, words=(9,)).payload()))
    return engine


def ask(engine, *arguments, **options):
    """Return the one answer to a request."""
    answers = engine.feed(frame(Request(*arguments, **options).payload()))
    assert answers.count(0) == 1
    assert answers.endswith(b"\0")
    return Reply.from_payload(payload_of(answers[:-1]))


@pytest.mark.promise("board.answered-once")
def test_every_kind_does_what_it_says(engine, registers):
    first, states = list(registers.plane), [tuple(state) for state in registers.states]
    assert ask(engine, Kind.WRITE, 1, 0x12, 2, (5, 6)) == Reply(Kind.WRITE, 1)
    assert ask(engine, Kind.READ, 2, 0x12, 2) == Reply(Kind.READ, 2, 2, (5, 6))
    assert ask(engine, Kind.FILL, 3, 0x14, 3, (7, 8, 9)) == Reply(Kind.FILL, 3)
    assert ask(engine, Kind.READ, 4, 0x14, 1).words == (9,)
    assert ask(engine, Kind.ROTATE, 5, Register.WEIGHTS, 5).words == tuple(first)
    assert registers.plane == first
    assert ask(engine, Kind.ROTATE, 6, Register.WEIGHTS, 2).words == tuple(first[:2])
    assert registers.plane == first[2:] + first[:2]
    taken = ask(engine, Kind.SNAPSHOTS, 7, 0, 3)
    assert (taken.count, taken.words) == (3, states[0] + states[1] + states[2])
    assert ask(engine, Kind.SNAPSHOTS, 8, 0, 61).count == MAX_WORDS // 2
    assert ask(engine, Kind.SNAPSHOTS, 9, 0, 61).count == 40 - 3 - MAX_WORDS // 2  # stops when the FIFO is empty
    assert ask(engine, Kind.SNAPSHOTS, 10, 0, 61) == Reply(Kind.SNAPSHOTS, 10)
    assert ask(engine, Kind.READ, 11, LinkRegister.VERSION, 2).words == (LINK_VERSION, 12)


@pytest.mark.promise("board.bad-frames")
def test_corrupted_frames_change_nothing_and_get_no_answer(engine, registers):
    """A good request now and then shows that the link is still in step."""
    rng, sequence, n_whole = random.Random(1), 1, 0
    for k in range(N_CORRUPTED + 5000):
        intact = frame(random_request(rng, sequence).payload())
        bad = corrupted(rng, intact)
        pieces = bad.split(b"\0")
        before = (dict(registers.words), list(registers.plane), len(registers.states))
        executed = engine.counters[LinkRegister.EXECUTED]
        answer = engine.feed(bad)
        if intact[:-1] in pieces[:-1]:  # what was put in began or ended with a zero: the frame itself is whole
            sequence, n_whole = (engine.last_sequence + 1) & 0xFF, n_whole + 1
            continue
        assert answer == b""
        assert (registers.words, registers.plane, len(registers.states)) == before
        assert engine.counters[LinkRegister.EXECUTED] == executed
        if k % 50 == 0:
            assert ask(engine, Kind.READ, sequence, 0x10, 1).words == (registers.words[0x10],)
            sequence = (sequence + 1) & 0xFF
    assert n_whole <= 5000
    assert min(engine.counters[r] for r in (LinkRegister.LENGTH, LinkRegister.CRC)) > 1000


@pytest.mark.promise("board.bad-frames")
def test_a_link_without_checksum_would_fail_that_test(registers, monkeypatch):
    """Negative control: with every checksum taken as good, damaged requests are carried out."""
    monkeypatch.setattr("spinchip.emulator.golden.link.engine.crc16", lambda _data: 0)
    engine, rng = LinkEngine(registers, n_words=2), random.Random(1)
    engine.feed(frame(Request(Kind.HELLO, 0, words=(9,)).payload()))
    for _ in range(1000):
        sequence = (engine.last_sequence + 1) & 0xFF
        engine.feed(corrupted(rng, frame(random_request(rng, sequence).payload())))
    assert engine.counters[LinkRegister.EXECUTED] > 10


@pytest.mark.promise("board.answered-once")
def test_repeated_request_is_answered_from_memory(engine, registers):
    fill = frame(Request(Kind.FILL, 1, Register.WEIGHTS, 1, (4,)).payload())
    first = engine.feed(fill)
    plane = list(registers.plane)
    assert engine.feed(fill) == engine.feed(b"\0" + fill) == first
    assert registers.plane == plane
    assert engine.counters[LinkRegister.REPEATED] == 2


@pytest.mark.promise("board.answered-once")
def test_late_duplicate_is_refused_for_its_order(engine, registers):
    fills = [frame(Request(Kind.FILL, k, Register.WEIGHTS, 1, (k,)).payload()) for k in (1, 2)]
    engine.feed(fills[0] + fills[1])
    plane = list(registers.plane)
    assert engine.feed(fills[0]) == b""
    assert registers.plane == plane
    assert engine.counters[LinkRegister.ORDER] == 1


def test_nothing_but_hello_is_done_after_power_up(registers):
    engine, before = LinkEngine(registers, 2), dict(registers.words)
    for sequence in range(256):
        assert engine.feed(frame(Request(Kind.WRITE, sequence, 0x10, 1, (1,)).payload())) == b""
    assert registers.words == before
    assert engine.counters[LinkRegister.ORDER] == 256


@pytest.mark.promise("board.bad-frames")
@pytest.mark.parametrize("seed", range(3))
def test_any_bytes_end_with_a_zero(engine, seed):
    """Whatever came before: after a zero the next request is understood."""
    rng = random.Random(seed)
    for k in range(300):
        engine.feed(rng.randbytes(rng.randrange(600)) + b"\0")
        assert ask(engine, Kind.READ, (k + 1) & 0xFF, 0x10, 1).count == 1


def test_intact_frame_that_makes_no_sense_is_refused(engine, registers):
    rng, before = random.Random(4), RegisterFile(2).contents()
    for _ in range(2000):
        assert engine.feed(wrong_but_intact(rng, 1)) == b""
    assert registers.contents() == before
    assert all(engine.counters[r] > 100 for r in (LinkRegister.KIND, LinkRegister.LENGTH, LinkRegister.ORDER))


def test_spoiled_byte_refuses_its_frame(engine):
    read = frame(Request(Kind.READ, 1, 0x10, 1).payload())
    engine.feed(read[:4])
    engine.lose_byte()
    assert engine.feed(read[4:]) == b""
    assert engine.counters[LinkRegister.FRAMING] == 1
    assert engine.feed(read)
