"""From bytes to one intact request: decoding, checksum, and the refusal of damaged frames."""

from __future__ import annotations

from amaranth.hdl import Array, Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.crc.catalog import CRC16_IBM_3740
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out, connect, flipped

from ...emulator.spec.link.frames import MAX_FRAME, MIN_FRAME, REQUEST_HEADER
from .cobs import CobsDecoder

HEADER = ("kind", "sequence", "address_low", "address_high", "count")  # REQUEST_HEADER bytes


class FrameReceiver(wiring.Component):
    """The last intact frame, kept until it is released.

    Members
    -------
    bytes, error : In(stream of 8 bits, always ready), In(1)
        Bytes from the line; ``error`` says that one was lost.
    pending : Out(1)
        An intact frame stands; what comes meanwhile is refused as an overrun.
    release : In(1)
        The frame is done with.
    kind, sequence, address_low, address_high, count : Out(8)
        Its first bytes.
    length, checksum : Out(8), Out(16)
        Its decoded bytes, the CRC included; its CRC.
    at, data : In(8), Out(8)
        A byte of it, one clock after its place was asked for.
    framing, length_error, crc_error, overrun : Out(1)
        A frame was refused, for one clock.

    Timing
    ------
    A byte a clock; ``pending`` rises in the clock after the delimiter.
    """

    def __init__(self):
        members = {"bytes": In(stream.Signature(8, always_ready=True)), "error": In(1), "release": In(1), "at": In(8)}
        members |= {name: Out(8) for name in (*HEADER, "length", "data")} | {"checksum": Out(16)}
        members |= {name: Out(1) for name in ("pending", "framing", "length_error", "crc_error", "overrun")}
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        m.submodules.cobs = cobs = CobsDecoder()
        m.submodules.crc = crc = CRC16_IBM_3740().create()
        broken = Signal()
        dropping = Signal()
        too_long = Signal()
        ends = Signal()
        stored = Signal()
        m.d.comb += [
            ends.eq(self.bytes.valid & (self.bytes.payload == 0)),
            stored.eq(cobs.decoded.valid & ~self.pending & ~dropping & (self.length != MAX_FRAME)),
            crc.data.eq(cobs.decoded.payload),
            crc.valid.eq(stored),
            crc.start.eq(ends),
        ]
        connect(m, flipped(self.bytes), cobs.bytes)
        self._store(m, cobs.decoded.payload, stored)
        with m.If(cobs.decoded.valid & ~self.pending & (self.length == MAX_FRAME)):
            m.d.sync += too_long.eq(1)
        with m.If(self.bytes.valid & self.pending & ~ends):
            m.d.sync += dropping.eq(1)
        with m.If(self.error):
            m.d.sync += broken.eq(1)
        with m.If(self.release):
            m.d.sync += [self.pending.eq(0), self.length.eq(0)]
        with m.If(ends):
            m.d.sync += [broken.eq(0), dropping.eq(0), too_long.eq(0)]
            with m.If(dropping):
                m.d.comb += self.overrun.eq(1)
            with m.Elif(broken):
                m.d.comb += self.framing.eq(1)
            with m.Elif(cobs.begun):
                with m.If(~cobs.whole | too_long | (self.length < MIN_FRAME)):
                    m.d.comb += self.length_error.eq(1)
                with m.Elif(~crc.match_detected):
                    m.d.comb += self.crc_error.eq(1)
                with m.Else():
                    m.d.sync += self.pending.eq(1)
            with m.If(self.framing | self.length_error | self.crc_error):
                with m.If(~self.pending):
                    m.d.sync += self.length.eq(0)
        return m

    def _store(self, m, byte, stored):
        """Add the request memory and the registers that show its first and last bytes."""
        m.submodules.memory = memory = Memory(shape=8, depth=256, init=[])
        writer = memory.write_port()
        reader = memory.read_port()
        m.d.comb += [
            writer.en.eq(stored),
            writer.addr.eq(self.length),
            writer.data.eq(byte),
            reader.addr.eq(self.at),
            self.data.eq(reader.data),
        ]
        header = Array(getattr(self, name) for name in HEADER)
        with m.If(stored):
            m.d.sync += [
                self.length.eq(self.length + 1),
                self.checksum.eq(Cat(byte, self.checksum[:8])),
            ]
            with m.If(self.length < REQUEST_HEADER):
                m.d.sync += header[self.length[:3]].eq(byte)
