"""The link: an unchanged host driver against the real gateware, bit by bit on the two wires of its UART.

The session runs in a thread of its own. It holds the simulation while it thinks and lets it go while it waits for the
line, so that its time-outs are counted in bits of the line and not in seconds.
"""

from __future__ import annotations

import cocotb
from cocotb.simtime import get_sim_time
from cocotb.task import bridge, resume
from cocotb.triggers import Event, FallingEdge, First, RisingEdge, Timer

from ..harness import CLOCK_NS
from .bench_files import read_job, write_report

QUIET_BITS = 2000  # a line so long at rest has nothing to say: 200 bytes, more than any request takes to carry out


class UartLine:
    """Host's end of the two wires, 8N1.

    Parameters
    ----------
    dut : handle
        The shell, with ``rx`` and ``tx``.
    bit_ns : float
        Length of a bit as the host has it [ns].
    """

    def __init__(self, dut, bit_ns):
        self._dut = dut
        self._bit_ns = bit_ns
        self._received = bytearray()
        self._arrived = Event()
        self.n_sent = self.n_received = 0

    async def send(self, data):
        """Put bytes on the board's receive wire."""
        for byte in data:
            for bit in (0, *((byte >> k) & 1 for k in range(8)), 1):
                self._dut.rx.value = bit
                await self._bits(1)
            self.n_sent += 1

    async def receive(self, n_bits):
        """Return the bytes that came; waits at most so many bits for the first."""
        if not self._received:
            self._arrived.clear()
            await First(self._arrived.wait(), self._timer(n_bits))
        data = bytes(self._received)
        self._received.clear()
        return data

    async def listen(self):
        """Take bytes off the board's transmit wire, for ever."""
        while True:
            await FallingEdge(self._dut.tx)
            await self._bits(1.5)
            byte = 0
            for k in range(8):
                byte |= int(self._dut.tx.value) << k
                await self._bits(1)
            if self._dut.tx.value != 1:
                raise AssertionError(f"Stop bit of byte {byte:#04x} must be high, not {self._dut.tx.value}")
            self._received.append(byte)
            self.n_received += 1
            self._arrived.set()

    def _timer(self, n_bits):
        return Timer(round(n_bits * self._bit_ns * 1000), "ps")

    async def _bits(self, n_bits):
        await self._timer(n_bits)


class BenchTransport:
    """Transport of `spinchip.sim.board.transports` over a `UartLine`; for a thread that `bridge` started.

    Parameters
    ----------
    line : UartLine
        Wires of the serial line.
    """

    name = "board under Icarus"

    def __init__(self, line):
        self._line = line

    def write(self, data):
        """Send bytes; returns when the last bit is out."""
        resume(self._line.send)(bytes(data))

    def read(self, timeout_s):
        """Return the bytes that came, none if the line stays at rest: its patience is in bits, not in seconds."""
        return resume(self._line.receive)(QUIET_BITS)

    def reopen(self):
        """Throw away what waited."""
        resume(self._line.receive)(0.01)

    def close(self):
        """Do nothing: the board stays powered."""


@cocotb.test()
async def link(dut):
    """Run the job's session to its end and report what it returned."""
    job = read_job()
    await RisingEdge(dut.clk)
    while dut.rst.value != 0:
        await RisingEdge(dut.clk)
    line = UartLine(dut, job["bit_ns"])
    listener = cocotb.start_soon(line.listen())
    begun_ns = get_sim_time("ns")
    found = await bridge(_session)(job, BenchTransport(line))
    listener.cancel()
    clocks = round((get_sim_time("ns") - begun_ns) / CLOCK_NS)
    write_report({"found": found, "clocks": clocks, "bytes": {"sent": line.n_sent, "received": line.n_received}})


def _session(job, transport):
    """Run the job's session; blocks."""
    return job["session"](transport, **job["arguments"])
