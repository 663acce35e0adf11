"""UART, link and board in hardware against the link model, byte for byte, on good and on bad lines."""

import random

import pytest
from amaranth.sim import Simulator

from spinchip.emulator.golden.fabric.machine import Machine
from spinchip.emulator.golden.link.engine import LinkEngine, MachineBus
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.register_map import Register
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.link.frames import REFUSALS, Kind, LinkRegister, Reply, Request, frame
from spinchip.rtl.board.top import Board
from spinchip.rtl.link.engine import Link
from spinchip.rtl.link.uart import UartReceiver, UartTransmitter, check_divisor
from support.traffic import RegisterFile, corrupted, random_request, wrong_but_intact

N_CORRUPTED = 1000
QUIET_CLOCKS = 6  # from a delimiter to the refusal of its frame, and some


class LinkBench:
    """A link in Amaranth's simulator with a register file behind it, and its model with another one."""

    def __init__(self, n_words, seed=0, tx_ready=1.0):
        self.link = Link(n_words)
        self.registers, self.model_registers = RegisterFile(n_words), RegisterFile(n_words)
        self.engine = LinkEngine(self.model_registers, n_words)
        self.sent = bytearray()
        self.tx_ready = tx_ready  # chance in each clock that the line takes a byte
        self._rng = random.Random(seed)

    def run(self, host):
        """Simulate until ``host``, an async function of the simulator's context, returns."""
        simulator = Simulator(self.link)
        simulator.add_clock(1e-8)
        simulator.add_testbench(self._serve, background=True)
        simulator.add_testbench(host)
        simulator.run()

    async def _serve(self, context):
        link = self.link
        while True:
            ready = self._rng.random() < self.tx_ready
            context.set(link.tx.ready, ready)
            if ready and context.get(link.tx.valid):
                self.sent.append(context.get(link.tx.payload))
            address, word = context.get(link.bus.address), context.get(link.bus.write_data)
            shown = self.registers.read(address)
            if context.get(link.bus.write):
                self.registers.write(address, word)
            await context.tick()
            context.set(link.bus.read_data, shown)

    async def put(self, context, data):
        """Give bytes to the link, one a clock."""
        for byte in data:
            context.set(self.link.rx.payload, byte)
            context.set(self.link.rx.valid, 1)
            await context.tick()
        context.set(self.link.rx.valid, 0)

    async def spoil(self, context):
        """Tell the link that a byte was lost."""
        context.set(self.link.rx_error, 1)
        await context.tick()
        context.set(self.link.rx_error, 0)

    async def answer(self, context, length, patience=4000):
        """Return what came, after ``length`` bytes have or the patience is over, and some clocks of quiet."""
        while len(self.sent) < length and patience:
            await context.tick()
            patience -= 1
        await context.tick().repeat(QUIET_CLOCKS)
        data, self.sent = bytes(self.sent), bytearray()
        return data

    def counters(self, sequence):
        """Return a request for all counters."""
        return frame(Request(Kind.READ, sequence, LinkRegister.EXECUTED, len(LinkRegister) - 1).payload())


@pytest.mark.promise("board.answered-once", "board.bad-frames")
@pytest.mark.parametrize(("n_words", "tx_ready"), [(1, 1.0), (3, 0.3)])
def test_link_equals_its_model_on_bad_lines(n_words, tx_ready):
    """Corrupted, wrong, repeated, spoiled and good frames: the same answers, contents and counters."""
    bench, rng = LinkBench(n_words, tx_ready=tx_ready), random.Random(n_words)
    n_corrupted = N_CORRUPTED if n_words == 1 else 200

    async def host(context):
        sequence, spoilt, n_bad, last = 0, 0, 0, b""
        for step in range(7 * n_corrupted // 5):
            good = frame((Request(Kind.HELLO, 0, words=(5,)) if not step else random_request(rng, sequence)).payload())
            data, lost = good, False
            if step % 5:
                choice = rng.random()
                data = corrupted(rng, good) if choice < 0.8 else wrong_but_intact(rng, sequence)
                data, lost = (last, False) if choice > 0.97 else (data, choice > 0.93)
            n_bad += data not in (good, last) or lost
            if lost:
                await bench.spoil(context)
                bench.engine.lose_byte()
                spoilt += 1
            await bench.put(context, data)
            executed = bench.engine.counters[LinkRegister.EXECUTED]
            expected = bench.engine.feed(data)
            assert await bench.answer(context, len(expected)) == expected, f"{step=} {data.hex(' ')}"
            if bench.engine.counters[LinkRegister.EXECUTED] != executed:
                last = data
                sequence = (bench.engine.last_sequence + 1) & 0xFF
        await bench.put(context, request := bench.counters(sequence))
        expected = bench.engine.feed(request)
        assert await bench.answer(context, len(expected)) == expected
        assert spoilt > 0
        assert n_bad >= n_corrupted

    bench.run(host)
    assert bench.registers.contents() == bench.model_registers.contents() != RegisterFile(n_words).contents()
    counters = bench.engine.counters
    assert counters[LinkRegister.EXECUTED] > n_corrupted / 5
    assert all(counters[cause] > 0 for cause in {*REFUSALS, LinkRegister.REPEATED} - {LinkRegister.OVERRUN}), counters


@pytest.mark.promise("board.bad-frames")
def test_frame_that_comes_too_early_is_counted_and_not_done():
    """While an answer leaves one request may wait; the next one is refused as a whole."""
    bench = LinkBench(1)
    hello = Request(Kind.HELLO, 0, words=(1,))
    requests = [Request(Kind.FILL, k, 0x10 + k, 1, (k,)) for k in (1, 2, 3, 4)]

    async def host(context):
        await bench.put(context, frame(hello.payload()))
        await bench.answer(context, 11)
        for request in requests[:2]:  # the second while the first is carried out: refused
            await bench.put(context, frame(request.payload()))
        await bench.answer(context, 7)
        assert bench.registers.words[0x11] == 1
        assert bench.registers.words[0x12] != 2
        bench.tx_ready = 0.0
        await bench.put(context, frame(requests[1].payload()))
        await context.tick().repeat(60)  # carried out; its answer is held up by the line
        waiting = Request(Kind.READ, 3, LinkRegister.EXECUTED, 8)
        await bench.put(context, frame(waiting.payload()))
        for request in requests[2:]:
            await bench.put(context, frame(request.payload()))
        bench.tx_ready = 1.0
        answer = await bench.answer(context, 7 + 39)
        counts = Reply(Kind.READ, 3, 8, (4, 0, 0, 0, 0, 0, 0, 3))
        assert answer == frame(Reply(Kind.FILL, 2).payload()) + frame(counts.payload())

    bench.run(host)
    assert bench.registers.words[0x12] == 2
    assert bench.registers.words[0x13] != 3


def uart_bits(data, divisor):
    """Return the line's level in each clock while bytes are sent."""
    return [b for byte in data for bit in (0, *(byte >> k & 1 for k in range(8)), 1) for b in [bit] * divisor]


def bytes_on_line(levels, divisor):
    """Return the bytes that levels, one a clock, carry; every stop bit must be there."""
    found, at = bytearray(), 0
    while at < len(levels):
        if levels[at]:
            at += 1
            continue
        bits = [levels[at + divisor // 2 + k * divisor] for k in range(10)]
        assert (bits[0], bits[9]) == (0, 1)
        found.append(sum(bit << k for k, bit in enumerate(bits[1:9])))
        at += 9 * divisor + divisor // 2
    return bytes(found)


@pytest.mark.parametrize("divisor", [4, 5, 16])
def test_uart_sends_what_it_is_given_without_gaps(simulate, divisor):
    transmitter, data = UartTransmitter(divisor), bytes([0x00, 0xFF, 0x55, 0xA3])

    async def bench(context):
        levels = []
        for byte in data:
            context.set(transmitter.bytes.payload, byte)
            context.set(transmitter.bytes.valid, 1)
            while not context.get(transmitter.bytes.ready):
                levels.append(context.get(transmitter.tx))
                await context.tick()
            levels.append(context.get(transmitter.tx))
            await context.tick()
        context.set(transmitter.bytes.valid, 0)
        for _ in range(11 * divisor):
            levels.append(context.get(transmitter.tx))
            await context.tick()
        first = levels.index(0)
        assert levels[first:][: 40 * divisor] == uart_bits(data, divisor)

    simulate(transmitter, bench)


RATES = [(4, 0), (5, 0), (16, 0), (4, 20), (4, -20), (12, 40), (12, -40), (40, 40), (40, -40)]


@pytest.mark.parametrize(("divisor", "per_mille"), RATES)
def test_uart_receives_at_its_rate_and_near_it(simulate, divisor, per_mille):
    """Bits may be 4 % shorter or longer, 2 % at 4 clocks a bit, and bytes may follow each other without a pause."""
    receiver, data = UartReceiver(divisor), bytes([0x00, 0xFF, 0x55, 0xA3, 0x80, 0x01])
    clocks = [round(10 * divisor * (1000 + per_mille) / 1000 * k) for k in range(len(data) + 1)]

    async def bench(context):
        found, bit_clocks = [], divisor * (1000 + per_mille) / 1000
        for clock in range(clocks[-1] + 20):
            k = min(int(clock / bit_clocks), 10 * len(data))
            byte, bit = divmod(k, 10)
            level = 1 if byte >= len(data) or bit == 9 else 0 if bit == 0 else data[byte] >> (bit - 1) & 1
            context.set(receiver.rx, level)
            await context.tick()
            if context.get(receiver.bytes.valid):
                found.append(context.get(receiver.bytes.payload))
            assert not context.get(receiver.error)
        assert bytes(found) == data

    simulate(receiver, bench)


def test_uart_reports_a_missing_stop_bit_and_ignores_a_spike(simulate):
    receiver, divisor = UartReceiver(8), 8

    async def bench(context):
        found, errors = [], 0
        broken = [0] * (10 * divisor) + [0] * 50 + [1] * 20  # a line held low is one error, not many zeros
        for level in [1] * 5 + [0] + [1] * 100 + broken + uart_bits(b"\x5a", divisor) + [1] * 10:
            context.set(receiver.rx, level)
            await context.tick()
            errors += context.get(receiver.error)
            if context.get(receiver.bytes.valid):
                found.append(context.get(receiver.bytes.payload))
        assert (found, errors) == ([0x5A], 1)

    simulate(receiver, bench)


def test_divisor_of_3_is_refused():
    with pytest.raises(InputError, match=r"^Clocks per bit must be 4 or more, not 3: lower the baud rate$"):
        check_divisor(3)


@pytest.mark.promise("board.requests")
def test_board_answers_like_its_model_through_the_pins(simulate):
    """The real p-computer behind UART and link: identity, a run, its states, its counters."""
    fixed = Fixed(1, 1)
    spec = FabricSpec(3, ((0, 1), (1, 2)), (0, 1, 0), fixed, fixed, Fixed(2, 0), n_pages=2, n_segments=2)
    board, divisor = Board(spec, 4), 4
    bus = MachineBus(Machine(spec))
    engine = LinkEngine(bus, 1)
    asked = [
        Request(Kind.HELLO, 9, words=(77,)),
        Request(Kind.READ, 10, 0, 13),
        Request(Kind.FILL, 11, Register.SEEDS, 1, (12345,)),
        Request(Kind.FILL, 12, Register.TABLE_DATA, 8, tuple(range(0x1000, 0x9000, 0x1000))),
        Request(Kind.WRITE, 13, Register.SEGMENT_PAGE, 2, (0, 9)),
        Request(Kind.WRITE, 14, Register.SEGMENTS, 4, (1, 2, 1, 1)),
        Request(Kind.FILL, 15, Register.CONTROL, 1, (1,)),
        Request(Kind.SNAPSHOTS, 16, 0, 5),
        Request(Kind.SNAPSHOTS, 17, 0, 5),
        Request(Kind.READ, 18, Register.SWEEPS, 6),
        Request(Kind.ROTATE, 19, Register.SEEDS, 1),
        Request(Kind.READ, 20, LinkRegister.VERSION, 9),
    ]

    async def bench(context):
        for request in asked:
            data = frame(request.payload())
            expected = engine.feed(data)
            levels = []
            line = uart_bits(data, divisor) + [1] * (10 * divisor * len(expected) + 700)
            for level in line:
                context.set(board.rx, level)
                levels.append(context.get(board.tx))
                await context.tick()
            assert bytes_on_line(levels, divisor) == expected, request
            bus.rest(1000)

    simulate(board, bench)
    assert engine.counters[LinkRegister.EXECUTED] == len(asked)
