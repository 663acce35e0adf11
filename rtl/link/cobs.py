"""COBS, the byte stuffing of the link: zeros leave the data, so that zero ends a frame and nothing else does."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out


class CobsDecoder(wiring.Component):
    """Bytes of frames in, decoded bytes out.

    Members
    -------
    bytes : In(stream of 8 bits, always ready)
        Bytes from the line.
    decoded : Out(stream of 8 bits, always ready)
        Bytes of the frame.
    begun : Out(1)
        A byte came since the last zero.
    whole : Out(1)
        No byte is missing, if the frame ends here.

    Timing
    ------
    Combinational: a byte in gives at most one byte out, in the same clock. A block of 254 is no legal one here: frames
    are shorter.
    """

    def __init__(self):
        super().__init__(
            {
                "bytes": In(stream.Signature(8, always_ready=True)),
                "decoded": Out(stream.Signature(8, always_ready=True)),
                "begun": Out(1),
                "whole": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        left = Signal(8)  # bytes until the next code byte
        m.d.comb += self.whole.eq(left == 0)
        byte = self.bytes.payload
        with m.If(self.bytes.valid):
            with m.If(byte == 0):
                m.d.sync += [left.eq(0), self.begun.eq(0)]
            with m.Elif(left == 0):  # a code byte; all but the first stand for a zero
                m.d.comb += self.decoded.valid.eq(self.begun)
                m.d.sync += [left.eq(byte - 1), self.begun.eq(1)]
            with m.Else():
                m.d.comb += [self.decoded.payload.eq(byte), self.decoded.valid.eq(1)]
                m.d.sync += left.eq(left - 1)
        return m


class CobsBuffer(wiring.Component):
    """One frame, encoded while it is written, kept, and sent as often as wanted.

    Members
    -------
    start : In(1)
        Forget the frame.
    put, byte : In(1), In(8)
        Append a byte; at most 253 in all.
    finish : In(1)
        Close the last block.
    send : In(1)
        Send the frame and its delimiter.
    sending : Out(1)
        Until the last byte was taken; no other strobe may come meanwhile.
    tx : Out(stream of 8 bits)
        Bytes to the line.

    Timing
    ------
    One strobe a clock. A zero is not stored: its place is where the next code byte will stand, and the code byte
    before it is written instead.
    """

    def __init__(self):
        members = {name: In(1) for name in ("start", "put", "finish", "send")}
        super().__init__(members | {"byte": In(8), "sending": Out(1), "tx": Out(stream.Signature(8))})

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=8, depth=256, init=[])
        writer = memory.write_port()
        reader = memory.read_port()
        end = Signal(8)  # next free place; place of the open code byte
        code = Signal(8)
        closes = Signal()
        m.d.comb += [
            closes.eq(self.finish | (self.byte == 0)),
            writer.en.eq(self.put | self.finish),
            writer.addr.eq(Mux(closes, code, end)),
            writer.data.eq(Mux(closes, end - code, self.byte)),
        ]
        with m.If(self.start):
            m.d.sync += [end.eq(1), code.eq(0)]
        with m.Elif(self.put):
            m.d.sync += end.eq(end + 1)
            with m.If(closes):
                m.d.sync += code.eq(end)
        self._sender(m, reader, end)
        return m

    def _sender(self, m, reader, end):
        position = Signal(8)
        m.d.comb += [
            reader.addr.eq(position),
            self.tx.payload.eq(Mux(position == end, 0, reader.data)),
        ]
        with m.FSM():
            with m.State("REST"), m.If(self.send):
                m.d.sync += [position.eq(0), self.sending.eq(1)]
                m.next = "FETCH"
            with m.State("FETCH"):
                m.next = "OFFER"
            with m.State("OFFER"):
                m.d.comb += self.tx.valid.eq(1)
                with m.If(self.tx.ready):
                    m.d.sync += position.eq(position + 1)
                    m.next = "FETCH"
                    with m.If(position == end):
                        m.d.sync += self.sending.eq(0)
                        m.next = "REST"
