"""UART, 8N1: bytes to and from one wire."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from ...emulator.spec.errors import InputError

MIN_DIVISOR = 4  # the start bit is found with an error of one clock, a quarter of a bit
MAX_BAUD_ERROR = 0.02  # half of what the receiver bears; the other half is the host's


def divisor_for(clock_Hz, baud):
    """Return the clocks per bit that come closest to a baud rate; int.

    Parameters
    ----------
    clock_Hz : float
        The design's clock [Hz].
    baud : int
        Bits per second.

    Raises
    ------
    InputError
        If a bit would be too short, or a whole number of clocks misses the rate by more than 2 %.

    >>> divisor_for(12e6, 1_000_000)
    12
    """
    divisor = check_divisor(round(clock_Hz / baud))
    error = clock_Hz / divisor / baud - 1
    if abs(error) > MAX_BAUD_ERROR:
        rule = f"Baud rate must be within {MAX_BAUD_ERROR:.0%} of {clock_Hz / 1e6:g} MHz over a whole number"
        raise InputError(f"{rule}, not {baud}: the nearest is {clock_Hz / divisor:.0f}")
    return divisor


def check_divisor(divisor):
    """Return the divisor; raise `InputError` if a bit would be too short to be sampled."""
    if divisor < MIN_DIVISOR:
        raise InputError(f"Clocks per bit must be {MIN_DIVISOR} or more, not {divisor}: lower the baud rate")
    return divisor


class UartReceiver(wiring.Component):
    """Bytes from a line that rests high.

    Parameters
    ----------
    divisor : int
        Clocks per bit.

    Members
    -------
    rx : In(1)
        The line, of any clock.
    bytes : Out(stream of 8 bits, always ready)
        A byte that came, for one clock.
    error : Out(1)
        For one clock: a stop bit was low. The byte is dropped, and the line must rise before the next start bit.

    Timing
    ------
    Bits are sampled in their middle, two clocks late by the synchroniser.
    """

    def __init__(self, divisor):
        self._divisor = check_divisor(divisor)
        super().__init__({"rx": In(1, init=1), "bytes": Out(stream.Signature(8, always_ready=True)), "error": Out(1)})

    def elaborate(self, platform):
        m = Module()
        line = Signal(init=1)
        m.submodules.synchroniser = FFSynchronizer(self.rx, line, init=1)
        timer = Signal(range(self._divisor))
        bits_left = Signal(range(9))
        m.d.sync += [self.bytes.valid.eq(0), self.error.eq(0), timer.eq(timer - 1)]
        with m.FSM():
            with m.State("REST"):
                m.d.sync += timer.eq(self._divisor // 2 - 1)
                with m.If(~line):
                    m.next = "START"
            with m.State("START"):
                with m.If(line):  # a spike, no start bit
                    m.next = "REST"
                with m.Elif(timer == 0):
                    m.d.sync += [timer.eq(self._divisor - 1), bits_left.eq(8)]
                    m.next = "BITS"
            with m.State("BITS"), m.If(timer == 0):
                m.d.sync += timer.eq(self._divisor - 1)
                with m.If(bits_left == 0):
                    m.d.sync += [self.bytes.valid.eq(line), self.error.eq(~line)]
                    with m.If(line):  # the next start bit of a fast host may be one clock away
                        m.next = "REST"
                    with m.Else():
                        m.next = "RISE"
                with m.Else():
                    m.d.sync += [self.bytes.payload.eq(Cat(self.bytes.payload[1:], line)), bits_left.eq(bits_left - 1)]
            with m.State("RISE"), m.If(line):
                m.next = "REST"
        return m


class UartTransmitter(wiring.Component):
    """Bytes to a line that rests high.

    Parameters
    ----------
    divisor : int
        Clocks per bit.

    Members
    -------
    bytes : In(stream of 8 bits)
        Bytes to send.
    tx : Out(1)
        Line to the receiver, high at rest.

    Timing
    ------
    Start bit, eight bits, lowest first, stop bit: 10 ``divisor`` clocks a byte, without a gap between bytes.
    """

    def __init__(self, divisor):
        self._divisor = check_divisor(divisor)
        super().__init__({"bytes": In(stream.Signature(8)), "tx": Out(1, init=1)})

    def elaborate(self, platform):
        m = Module()
        timer = Signal(range(self._divisor))
        shifter = Signal(9, init=0x1FF)  # bits to come after the one on the line, the stop bit last
        bits_left = Signal(range(10))
        last_clock = Signal()
        m.d.comb += [
            last_clock.eq(timer == 0),
            self.bytes.ready.eq((bits_left == 0) & last_clock),
        ]
        with m.If(~last_clock):
            m.d.sync += timer.eq(timer - 1)
        with m.Elif(bits_left != 0):
            m.d.sync += [Cat(self.tx, shifter).eq(Cat(shifter, 1)), bits_left.eq(bits_left - 1)]
            m.d.sync += timer.eq(self._divisor - 1)
        with m.Elif(self.bytes.valid):
            m.d.sync += [
                self.tx.eq(0),
                shifter.eq(Cat(self.bytes.payload, 1)),
                bits_left.eq(9),
                timer.eq(self._divisor - 1),
            ]
        return m
