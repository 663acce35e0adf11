"""The whole board between two pins: UART, link and p-computer."""

from __future__ import annotations

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect

from ...emulator.spec.fabric.random_source import RandomKind
from ...emulator.spec.fabric.register_map import ADDRESS_BITS
from ..fabric.bus_signature import bus_of
from ..fabric.dense_computer import computer_for
from ..link.engine import Link
from ..link.uart import UartReceiver, UartTransmitter


class Board(wiring.Component):
    """A p-computer behind a UART.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    divisor : int
        Clocks per bit: clock over baud rate, 4 or more.

    Members
    -------
    rx, tx : In(1), Out(1)
        The two lines, 8N1; both rest high.
    entropy, entropy_taken : In(n_slots * compare_bits), Out(1)
        Only with an external random source, see `PComputer`.

    Timing
    ------
    One clock for all; the host's baud rate may be 4 % off, 2 % at 4 clocks a bit, where a bit's middle is known worst.
    """

    def __init__(self, spec, divisor):
        self._spec = spec
        self._divisor = divisor
        members = {"rx": In(1, init=1), "tx": Out(1, init=1)}
        if spec.random.kind is RandomKind.EXTERNAL:
            members |= {"entropy": In(spec.n_slots * spec.compare_bits), "entropy_taken": Out(1)}
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = receiver = UartReceiver(self._divisor)
        m.submodules.transmitter = transmitter = UartTransmitter(self._divisor)
        m.submodules.link = link = Link(-(-self._spec.n_pbits // 32))
        m.submodules.computer = computer = computer_for(self._spec)
        m.d.comb += [
            receiver.rx.eq(self.rx),
            link.rx_error.eq(receiver.error),
            self.tx.eq(transmitter.tx),
        ]
        connect(m, receiver.bytes, link.rx)
        connect(m, link.tx, transmitter.bytes)
        connect(m, link.bus, bus_of(computer, ADDRESS_BITS))
        if self._spec.random.kind is RandomKind.EXTERNAL:
            m.d.comb += [computer.entropy.eq(self.entropy), self.entropy_taken.eq(computer.entropy_taken)]
        return m
