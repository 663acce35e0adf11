"""Sampling: wait until the shell's host has played its script, under a watchdog in cycles.

Python wakes twice in a run, whatever its length; the samples stand in the result file.
"""

from __future__ import annotations

import cocotb
from cocotb.triggers import RisingEdge, with_timeout

from ..harness import CLOCK_NS
from .bench_files import read_job, write_report


@cocotb.test()
async def sample(dut):
    """Play the script to its end."""
    watchdog_cycles = read_job()["watchdog_cycles"]
    await RisingEdge(dut.clk)
    if dut.played.value != 1:
        await with_timeout(RisingEdge(dut.played), watchdog_cycles * CLOCK_NS, "ns")
    write_report({"played": True})
