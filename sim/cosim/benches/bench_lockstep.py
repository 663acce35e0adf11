"""Lockstep: the RTL beside the golden machine, every register that a user can see, every cycle, no tolerance.

The golden machine is fed by the input monitor, that is, by what stands on the RTL's input pins in each cycle.
"""

from __future__ import annotations

from dataclasses import asdict

import cocotb
from cocotb.triggers import RisingEdge

from ....emulator.golden.fabric.dense_machine import machine_for
from ..observe import observed_registers
from ..scoreboard import Scoreboard
from .bench_files import read_job, write_report
from .handles import reader, readers


@cocotb.test()
async def lockstep(dut):
    """Replay the job's bus traffic and compare; the job's length is the watchdog."""
    job = read_job()
    machine = job["machine"] if "machine" in job else machine_for(job["spec"])
    stimulus, entropy = job["stimulus"], job.get("entropy")
    scoreboard = Scoreboard(readers(dut.dut, observed_registers(machine)))
    clock, address, write, data = dut.clk, dut.address, dut.write, dut.write_data
    pins = [reader(dut, name) for name in ("address", "write", "write_data")]
    entropy_pins = reader(dut, "entropy") if entropy is not None else None
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
            at, writes, word = (int(read(), 2) for read in pins)
            machine.tick(at, bool(writes), word, int(entropy_pins(), 2) if entropy_pins else 0)
        if cycle < n_cycles:
            row = stimulus[cycle]
            address.value, write.value, data.value = int(row[0]), int(row[1]), int(row[2])
            if entropy is not None:
                dut.entropy.value = entropy[cycle]
        await RisingEdge(clock)
    write_report(asdict(scoreboard.result(n_cycles, total_sweeps)))
