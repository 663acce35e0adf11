"""The host link: requests in frames, carried out on the register bus, each answered once."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.crc.catalog import CRC16_IBM_3740
from amaranth.lib.wiring import In, Out, connect, flipped

from ...emulator.spec.fabric.register_map import ADDRESS_BITS, FIFO_BASE, Register
from ...emulator.spec.link.frames import (
    CARRIES_WORDS,
    COUNTER_BITS,
    LINK_PAGE,
    LINK_VERSION,
    MAX_WORDS,
    MIN_FRAME,
    REPLY,
    REQUEST_HEADER,
    Kind,
    LinkRegister,
)
from ..fabric.bus_signature import RegisterBusSignature
from .cobs import CobsBuffer
from .frame_receiver import FrameReceiver


class Link(wiring.Component):
    """Master of the register bus, slave of a host; twin: ``emulator.golden.link.engine.LinkEngine``.

    Parameters
    ----------
    n_words : int
        Words of a snapshot.

    Members
    -------
    rx, rx_error : In(stream of 8 bits, always ready), In(1)
        Bytes from the line; ``rx_error`` says that one was lost.
    tx : Out(stream of 8 bits)
        Bytes to the line.
    bus : Out(RegisterBusSignature(16))
        Register bus.

    Timing
    ------
    A request waits until the last answer has left, and is answered after at most ten clocks a word. While an answer
    leaves, the next request may come.
    """

    def __init__(self, n_words):
        self._n_words = n_words
        self._states_per_frame = MAX_WORDS // n_words  # 0: a state does not fit, and is read in parts
        super().__init__(
            {
                "rx": In(stream.Signature(8, always_ready=True)),
                "rx_error": In(1),
                "tx": Out(stream.Signature(8)),
                "bus": Out(RegisterBusSignature(ADDRESS_BITS)),
            }
        )
        self._receiver = FrameReceiver()
        self._reply = CobsBuffer()
        self._crc = CRC16_IBM_3740().create()
        self._idle = Signal(name="idle")
        self._states = Signal(8, name="states")  # how many an answer will hold
        self._at = Signal(ADDRESS_BITS, name="at")  # where the next access goes
        self._left = Signal(8, name="left")  # words, or states, to do
        self._state_words_left = Signal(range(self._n_words + 1), name="state_words_left")
        self._word = Signal(32, name="word")
        self._byte_count = Signal(2, name="byte_count")
        self._pointer = Signal(8, name="pointer")  # the request's next byte

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = self._receiver
        m.submodules.reply = self._reply
        m.submodules.crc = self._crc
        connect(m, flipped(self.rx), self._receiver.bytes)
        connect(m, self._reply.tx, flipped(self.tx))
        m.d.comb += [
            self._receiver.at.eq(self._pointer),
            self._receiver.error.eq(self.rx_error),
            self._crc.data.eq(self._reply.byte),
            self.bus.address.eq(self._at),
            self.bus.write_data.eq(self._word),
        ]
        events = self._judge(m)
        link_data = self._registers(m, events)
        self._count_states(m)
        with m.FSM():
            self._open(m, events[LinkRegister.EXECUTED])
            self._take_words(m)
            self._give_words(m, link_data)
            self._close(m)
        return m

    def _is(self, *kinds):
        return (
            sum((self._receiver.kind == kind.value for kind in kinds[1:]), self._receiver.kind == kinds[0].value) != 0
        )

    def _judge(self, m):
        """Add the decision on an intact frame; return what is counted, LinkRegister to strobe."""
        receiver, reply = self._receiver, self._reply
        last_sequence = Signal(8)
        last_checksum = Signal(16)
        session = Signal()
        counted = [register for register in LinkRegister if register is not LinkRegister.VERSION]
        events = {register: Signal(name=f"{register.name.lower()}_event") for register in counted}
        words = Signal(8, name="request_words")
        fits = Signal()
        m.d.comb += [
            events[LinkRegister.FRAMING].eq(receiver.framing),
            events[LinkRegister.CRC].eq(receiver.crc_error),
            events[LinkRegister.OVERRUN].eq(receiver.overrun),
            words.eq(Mux(self._is(*CARRIES_WORDS), receiver.count, 0)),
            fits.eq(
                (receiver.count != 0) & (receiver.count <= MAX_WORDS) & (receiver.length == MIN_FRAME + (words << 2))
            ),
        ]
        wrong_length = Signal()
        with m.If(receiver.pending & self._idle & ~reply.sending):
            same = (receiver.sequence == last_sequence) & (receiver.checksum == last_checksum)
            follows = receiver.sequence == (last_sequence + 1)[:8]
            with m.If(~self._is(*Kind)):
                m.d.comb += [events[LinkRegister.KIND].eq(1), receiver.release.eq(1)]
            with m.Elif(~fits | (self._is(Kind.HELLO) & (receiver.count != 1))):
                m.d.comb += [wrong_length.eq(1), receiver.release.eq(1)]
            with m.Elif(session & same):
                m.d.comb += [events[LinkRegister.REPEATED].eq(1), receiver.release.eq(1), reply.send.eq(1)]
            with m.Elif(self._is(Kind.HELLO) | (session & follows)):
                m.d.comb += events[LinkRegister.EXECUTED].eq(1)
                m.d.sync += [session.eq(1), last_sequence.eq(receiver.sequence), last_checksum.eq(receiver.checksum)]
            with m.Else():
                m.d.comb += [events[LinkRegister.ORDER].eq(1), receiver.release.eq(1)]
        m.d.comb += events[LinkRegister.LENGTH].eq(receiver.length_error | wrong_length)
        return events

    def _registers(self, m, events):
        """Add the counters; return the link's own word at the address of the clock before."""
        data = Signal(32, name="link_data")
        m.d.sync += data.eq(0)
        with m.Switch(self._at):
            with m.Case(LinkRegister.VERSION):
                m.d.sync += data.eq(LINK_VERSION)
            for register, event in events.items():
                count = Signal(COUNTER_BITS, name=f"{register.name.lower()}_count")
                m.d.sync += count.eq(count + event)
                with m.Case(register):
                    m.d.sync += data.eq(count)
        return data

    def _count_states(self, m):
        """Add how many states an answer will hold: no more than asked for, than there are, than fit."""
        room = Signal(8)
        level, most = self.bus.read_data, self._states_per_frame
        m.d.comb += room.eq(Mux(level < most, level, most))
        m.d.comb += self._states.eq(Mux(self._receiver.count < room, self._receiver.count, room))

    def _put(self, m, byte, after, checked=True):
        """Add to a state: append a byte to the answer, and go on."""
        m.d.comb += [self._reply.byte.eq(byte), self._reply.put.eq(1), self._crc.valid.eq(checked)]
        m.next = after

    def _open(self, m, executes):
        """Add the states that begin an answer: kind, sequence, count."""
        receiver = self._receiver
        snapshots = self._is(Kind.SNAPSHOTS)
        with m.State("IDLE"):
            m.d.comb += self._idle.eq(1)
            with m.If(executes):
                m.d.sync += self._pointer.eq(REQUEST_HEADER)
                m.d.comb += [self._reply.start.eq(1), self._crc.start.eq(1)]
                m.d.sync += self._at.eq(
                    Mux(snapshots, Register.FIFO_LEVEL, Cat(receiver.address_low, receiver.address_high))
                )
                m.next = "KIND"
        with m.State("KIND"):
            self._put(m, receiver.kind | REPLY, "SEQUENCE")
        with m.State("SEQUENCE"):
            self._put(m, receiver.sequence, "COUNT")
        with m.State("COUNT"):
            self._put(m, receiver.count, "NEXT")
            m.d.sync += [self._left.eq(receiver.count), self._byte_count.eq(0)]
            m.d.sync += self._state_words_left.eq(self._n_words)
            with m.If(snapshots):
                m.d.comb += self._reply.byte.eq(self._states)
                m.d.sync += [self._left.eq(self._states), self._at.eq(FIFO_BASE)]
            with m.Elif(self._is(Kind.WRITE, Kind.FILL)):
                m.d.comb += self._reply.byte.eq(0)

    def _take_words(self, m):
        """Add the states that bring words of the request to the bus, or back to the host."""
        receiver, pointer = self._receiver, self._pointer
        with m.State("NEXT"):
            with m.If(self._left == 0):
                m.next = "CRC_HIGH"
            with m.Elif(self._is(*CARRIES_WORDS)):
                m.next = "SEEK"
            with m.Else():
                m.next = "FETCH"
        with m.State("SEEK"):
            m.next = "LOAD"
        with m.State("LOAD"):
            m.d.sync += [
                self._word.eq(Cat(self._word[8:], receiver.data)),
                pointer.eq(pointer + 1),
                self._byte_count.eq(self._byte_count + 1),
            ]
            m.next = "SEEK"
            with m.If(self._byte_count == 3):
                m.next = "STORE"
        with m.State("STORE"):
            with m.If(self._is(Kind.HELLO)):
                m.next = "EMIT"
            with m.Else():
                m.d.comb += self.bus.write.eq(1)
                m.d.sync += [self._left.eq(self._left - 1), self._at.eq(self._at + self._is(Kind.WRITE))]
                m.next = "NEXT"

    def _give_words(self, m, link_data):
        """Add the states that bring words from the bus to the host."""
        snapshots = self._is(Kind.SNAPSHOTS)
        with m.State("FETCH"):
            m.next = "LATCH"
        with m.State("LATCH"):
            m.d.sync += self._word.eq(Mux(self._at[8:] == LINK_PAGE, link_data, self.bus.read_data))
            m.next = "EMIT"
            with m.If(self._is(Kind.ROTATE)):
                m.next = "BACK"
        with m.State("BACK"):
            m.d.comb += self.bus.write.eq(1)
            m.next = "EMIT"
        with m.State("EMIT"):
            self._put(m, self._word[:8], "EMIT")
            m.d.sync += [self._word.eq(self._word >> 8), self._byte_count.eq(self._byte_count + 1)]
            with m.If(self._byte_count == 3):
                m.d.sync += self._at.eq(self._at + self._is(Kind.READ, Kind.SNAPSHOTS))
                m.d.sync += self._state_words_left.eq(self._state_words_left - 1)
                m.next = "NEXT"
                with m.If(~snapshots):
                    m.d.sync += self._left.eq(self._left - 1)
                with m.Elif(self._state_words_left == 1):
                    m.d.sync += self._at.eq(Register.FIFO_POP)
                    m.next = "POP"
        with m.State("POP"):
            m.d.comb += self.bus.write.eq(1)
            m.d.sync += [self._left.eq(self._left - 1), self._at.eq(FIFO_BASE)]
            m.d.sync += self._state_words_left.eq(self._n_words)
            m.next = "NEXT"

    def _close(self, m):
        """Add the states that end an answer: CRC, delimiter, sending."""
        with m.State("CRC_HIGH"):
            self._put(m, self._crc.crc[8:], "CRC_LOW", checked=False)
        with m.State("CRC_LOW"):
            self._put(m, self._crc.crc[:8], "FINISH", checked=False)
        with m.State("FINISH"):
            m.d.comb += self._reply.finish.eq(1)
            m.next = "SEND"
        with m.State("SEND"):
            m.d.comb += [self._reply.send.eq(1), self._receiver.release.eq(1)]
            m.next = "IDLE"
