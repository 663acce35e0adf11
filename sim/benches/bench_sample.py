"""Sampling: run a loaded program for several seeds and fetch every snapshot through the FIFO.

Python wakes only when the FIFO is full or the run is over, and then reads one word a clock while the machine runs on.
"""

from __future__ import annotations

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge, First, RisingEdge

from ...emulator.spec.loading import start_writes
from ...emulator.spec.register_map import FIFO_BASE, SPINS_BASE, Register
from .bench_files import read_job, write_report


class Host:
    """A host on the register bus: writes, and pipelined reads, one access a clock."""

    def __init__(self, dut):
        self._dut = dut
        self._pins = (dut.address, dut.write, dut.write_data)

    async def write(self, writes):
        """Carry out writes back to back."""
        for address, data in writes:
            await self._access(address, data)
        await self._access(0, None)

    async def read(self, accesses):
        """Carry out accesses back to back: an int reads that address, a pair writes; return what the reads showed.

        Data stand on the pins in the cycle after the address, and an edge shows what stood before it: two edges.
        """
        expected, data = [], []
        for access in [*accesses, None, None]:
            is_read = isinstance(access, int)
            await self._access(*((access, None) if is_read else access or (0, None)))
            expected.append(is_read)
            if len(expected) > 2 and expected[-3]:
                data.append(int(self._dut.read_data.value))
        return data

    async def _access(self, address, data):
        pins = self._pins
        await RisingEdge(self._dut.clk)
        pins[0].value = address
        pins[1].value = data is not None
        if data is not None:
            pins[2].value = data


@cocotb.test()
async def sample(dut):
    """Run every chain of the job; the watchdog is the job's own cycle budget per wake-up."""
    job = read_job()
    program, seed, n_chains = job["program"], job["seed"], job["n_chains"]
    n_words = -(-program.spec.n_pbits // 32)
    n_samples = program.recording.n_samples(program.n_sweeps)
    host = Host(dut)
    snapshots = np.zeros((n_chains, n_samples, n_words), dtype=np.uint32)
    finals = np.zeros((n_chains, n_words), dtype=np.uint32)
    counters = np.zeros((n_chains, 2), dtype=np.uint64)
    while dut.played.value != 1:
        await RisingEdge(dut.played)
    for chain in range(n_chains):
        await host.write(start_writes(_with_first_state(program, job, chain), seed, chain))
        await _fetch(dut, host, snapshots[chain])
        finals[chain] = await host.read([SPINS_BASE + k for k in range(n_words)])
        counters[chain] = await host.read([int(Register.CYCLES), int(Register.SATURATIONS)])
    write_report({"n_chains": n_chains}, snapshots=snapshots, finals=finals, counters=counters)


def _with_first_state(program, job, chain):
    first = job.get("initial_bits")
    return program if first is None else program.with_first_state(first[chain])


async def _fetch(dut, host, snapshots):
    """Fill ``snapshots`` from the FIFO until the run is over."""
    machine = dut.dut
    level, busy = machine.fifo.level, machine.sequencer.busy
    per_state = [*range(FIFO_BASE, FIFO_BASE + snapshots.shape[1]), (int(Register.FIFO_POP), 0)]
    done = 0
    await RisingEdge(dut.clk)
    await RisingEdge(dut.clk)
    while busy.value != 0 or level.value != 0:
        n_ready = int(level.value)
        if n_ready == 0 or (busy.value == 1 and machine.sequencer.stalled.value == 0):
            await First(RisingEdge(machine.sequencer.stalled), FallingEdge(busy))
            continue
        words = await host.read(per_state * n_ready)
        snapshots[done : done + n_ready] = np.reshape(words, (n_ready, -1))
        done += n_ready
        await RisingEdge(dut.clk)
    if done != len(snapshots):
        raise AssertionError(f"{done} states came out of the FIFO, {len(snapshots)} were expected")
