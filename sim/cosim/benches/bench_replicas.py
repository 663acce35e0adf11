"""Lockstep of a replica fabric: bus traffic in, every register against golden in every cycle."""

from __future__ import annotations

from dataclasses import asdict

import cocotb
from cocotb.triggers import FallingEdge

from ..replica_lockstep import KINDS
from ..scoreboard import Scoreboard
from .bench_files import read_job, write_report
from .handles import readers


@cocotb.test()
async def replicas(dut):
    """Play the rows and compare; their number is the watchdog."""
    job = read_job()
    kind = KINDS[job["kind"]]
    machine = job["machine"]
    registers = readers(dut.dut, kind.observed(machine))
    scoreboard = Scoreboard(registers)
    await FallingEdge(dut.clk)
    while dut.rst.value != 0:
        await FallingEdge(dut.clk)
    for address, write, data in job["rows"].tolist():
        scoreboard.compare()
        dut.address.value, dut.write.value, dut.write_data.value = address, write, data
        machine.tick(address, bool(write), data)
        await FallingEdge(dut.clk)
    result = scoreboard.result(len(job["rows"]), machine.sweeps)
    write_report(asdict(result) | {"last": {name: read() for name, read, _ in registers}})
