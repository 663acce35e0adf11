"""Lockstep of a replica fabric: bus traffic in, every register against golden in every cycle."""

from __future__ import annotations

import cocotb
from cocotb.triggers import FallingEdge

from ..replica_lockstep import KINDS
from .bench_files import read_job, write_report
from .scoreboard import integer, reader


@cocotb.test()
async def replicas(dut):
    """Play the rows and compare; their number is the watchdog."""
    job = read_job()
    kind = KINDS[job["kind"]]
    machine = job["machine"]
    pairs = [(name, reader(dut.dut, name), golden) for name, golden in kind.observed(machine)]
    await FallingEdge(dut.clk)
    while dut.rst.value != 0:
        await FallingEdge(dut.clk)
    first, mismatches = {}, 0
    for cycle, (address, write, data) in enumerate(job["rows"].tolist()):
        wrong = False
        for name, read, golden in pairs:
            expected = golden()
            if expected is None:
                continue
            text = read()
            if integer(text) != expected & ((1 << len(text)) - 1):
                first.setdefault(name, {"cycle": cycle, "rtl": text, "golden": expected})
                wrong = True
        mismatches += wrong
        dut.address.value, dut.write.value, dut.write_data.value = address, write, data
        machine.tick(address, bool(write), data)
        await FallingEdge(dut.clk)
    write_report(
        {
            "cycles": len(job["rows"]),
            "mismatches": mismatches,
            "first": first,
            "registers": len(pairs),
            "sweeps": machine.sweeps,
            "last": {name: read() for name, read, _ in pairs},
        }
    )
