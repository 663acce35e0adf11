"""Lockstep: the RTL beside the golden machine, every register that a user can see, every cycle, no tolerance.

The golden machine is fed by the input monitor, that is, by what stands on the RTL's input pins in each cycle.
"""

from __future__ import annotations

import cocotb
from cocotb.triggers import RisingEdge

from ...emulator.golden.dense_machine import machine_for
from ..observe import observed_registers
from .bench_files import read_job, write_report


class Scoreboard:
    """Counts what was compared and what differed, and remembers the first difference of each register."""

    def __init__(self, dut, machine):
        # The last field holds what the pins last showed, as text and as integer: most registers rest in most cycles.
        self._pairs = [(name, _find(dut, name), golden, [None, None]) for name, golden in observed_registers(machine)]
        self.cycles = self.mismatches = 0
        self.first = {}

    @property
    def n_registers(self):
        """Registers compared in every cycle."""
        return len(self._pairs)

    def compare(self):
        """Compare all registers in this cycle; a value with unknown bits is a difference."""
        wrong = False
        for name, handle, golden, shown in self._pairs:
            text = str(handle.value)
            if text != shown[0]:
                shown[:] = text, _integer(text)
            expected = golden()
            if shown[1] != expected:
                wrong = True
                self.first.setdefault(name, {"cycle": self.cycles, "rtl": text, "golden": expected})
        self.mismatches += wrong
        self.cycles += 1

    def close(self, n_cycles, sweeps):
        """Fail if the device was silent: fewer cycles than asked for, or no sweep done."""
        if self.cycles != n_cycles or not n_cycles:
            raise AssertionError(f"Cycles compared must be {n_cycles or '1 or more'}, not {self.cycles}")
        if sweeps == 0:
            raise AssertionError("Machine must finish a sweep in lockstep, not none: nothing was tested")


@cocotb.test()
async def lockstep(dut):
    """Replay the job's bus traffic and compare; the job's length is the watchdog."""
    job = read_job()
    machine = job["machine"] if "machine" in job else machine_for(job["spec"])
    stimulus, entropy = job["stimulus"], job.get("entropy")
    scoreboard = Scoreboard(dut.dut, machine)
    clock, address, write, data = dut.clk, dut.address, dut.write, dut.write_data
    await RisingEdge(clock)
    while dut.rst.value != 0:
        await RisingEdge(clock)
    machine.tick()  # the edge at which reset was seen low
    total_sweeps, last_sweeps = 0, 0
    n_cycles = len(stimulus)
    # Inputs of cycle t are put on the pins at the edge that begins it, and read back at the edge that ends it.
    for cycle in range(n_cycles + 1):
        if cycle:
            scoreboard.compare()
            total_sweeps += machine.sweeps if machine.sweeps < last_sweeps else machine.sweeps - last_sweeps
            last_sweeps = machine.sweeps
            word = int(dut.entropy.value) if entropy is not None else 0
            machine.tick(int(address.value), bool(int(write.value)), int(data.value), word)
        if cycle < n_cycles:
            row = stimulus[cycle]
            address.value, write.value, data.value = int(row[0]), int(row[1]), int(row[2])
            if entropy is not None:
                dut.entropy.value = entropy[cycle]
        await RisingEdge(clock)
    scoreboard.close(n_cycles, total_sweeps)
    write_report(
        {
            "cycles": scoreboard.cycles,
            "mismatches": scoreboard.mismatches,
            "first": scoreboard.first,
            "registers": scoreboard.n_registers,
            "sweeps": total_sweeps,
        }
    )


def _integer(text):
    """Return what a word of 0 and 1 stands for, or None if any bit of it is unknown."""
    return int(text, 2) if set(text) <= {"0", "1"} else None


def _find(top, path):
    """Return the handle at a dotted path below the top."""
    handle = top
    for name in path.split("."):
        handle = getattr(handle, name)
    return handle
