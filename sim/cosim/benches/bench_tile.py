"""Co-simulation of a tile: the RTL controller, an emulated analog array on its pins, and golden, cycle by cycle.

Everything happens at the falling edge, in the middle of a cycle: registers are compared, the digital pins of the cycle
are set, and the array looks at the pins and shows its codes; the next rising edge takes them.
"""

from __future__ import annotations

import cocotb
import numpy as np
from cocotb.triggers import FallingEdge

from ....emulator.golden.tile.controller import TileController
from ..scoreboard import Scoreboard
from .bench_files import read_job, write_report
from .handles import readers

COUNTERS = ("cycles", "saturations", "rails", "refused")


@cocotb.test()
async def tile(dut):
    """Play the stimulus and compare; its length is the watchdog."""
    job = read_job()
    stimulus, array, spec = job["stimulus"], job["array"], job["spec"]
    golden = TileController(spec)
    scoreboard = Scoreboard(readers(dut.dut, observed_registers(golden)))
    pins = Pins(dut, spec)
    await FallingEdge(dut.clk)
    while dut.rst.value != 0:
        await FallingEdge(dut.clk)
    results, latencies, started = [], [], []
    for cycle, inputs in enumerate(stimulus):
        scoreboard.compare()
        if started and dut.dut.done.value == 1:
            latencies.append(cycle - started.pop(0) - 1)
        if inputs.start and dut.dut.ready.value == 1:
            started.append(cycle)
        results.append(dut.dut.result.value.to_signed() if dut.dut.result.value.is_resolvable else None)
        pins.drive(inputs)
        codes = pins.show(array)
        golden.tick(inputs, codes)
        await FallingEdge(dut.clk)
    if len(latencies) != job["n_products"]:
        raise AssertionError(f"Products done must be {job['n_products']}, not {len(latencies)}")
    write_report(
        {
            "results": results,
            "latencies": latencies,
            "cycles": scoreboard.cycles,
            "mismatches": scoreboard.mismatches,
            "first": scoreboard.first,
            "registers": scoreboard.n_registers,
            "counters": {name: int(getattr(dut.dut, name).value) for name in COUNTERS},
        }
    )


class Pins:
    """The shell's pins: digital inputs, and the array between the analog strobes and the codes."""

    def __init__(self, dut, spec):
        self._dut, self._spec = dut, spec
        self._inputs, self._codes = {}, [0] * spec.timing.n_adcs
        self._rows = [None, None]

    def drive(self, inputs):
        """Set the digital pins that change."""
        for name, value in inputs._asdict().items():
            if self._inputs.get(name, 0) != value:
                getattr(self._dut, name).value = value
                self._inputs[name] = value

    def show(self, array):
        """Let the array see this cycle's pins and show its codes; return them."""
        dut = self._dut.dut
        text = str(dut.row_drive.value)
        if text != self._rows[0]:
            self._rows[:] = text, np.array([bit == "1" for bit in reversed(text)], dtype=np.uint8)
        strobes = tuple(handle.value == 1 for handle in (dut.hold, dut.transfer, dut.converting))
        codes = array.observe(self._rows[1], int(dut.tile.value), strobes, int(dut.select.value))
        for adc, code in enumerate(codes):
            if code != self._codes[adc]:
                getattr(self._dut, f"code_{adc}").value = code & ((1 << self._spec.adc_bits) - 1)
        self._codes = list(codes)
        return codes


def observed_registers(golden):
    """Return what to compare: path below the RTL's top, and a function that gives the golden word.

    Parameters
    ----------
    golden : spinchip.emulator.golden.tile.controller.TileController
        The golden controller.

    Returns
    -------
    list of (str, callable)
        Names with dots, memory words in brackets; functions of no argument that return the word, two's complement
        where it is signed, or None if the register holds no conversion.
    """
    pipeline, spec = golden.pipeline, golden.spec
    stages = range(spec.timing.shift_add_cycles)
    pairs = [
        ("sequencer.phase", lambda: int(pipeline.phase)),
        ("sequencer.count", lambda: pipeline.count),
        ("sequencer.tile", lambda: pipeline.step.tile),
        ("sequencer.plane", lambda: max(pipeline.step.plane, 0)),
        ("scanner.scanned", lambda: _word_of(spec, pipeline.scanned, pipeline.group)),
        ("scanner.convert_count", lambda: pipeline.convert_count),
        ("scanner.accumulating", lambda: _word_of(spec, *_parts(pipeline.accumulating))),
        ("bank", lambda: golden.bank),
        ("ready", lambda: int(pipeline.ready)),
        ("busy", lambda: int(pipeline.busy)),
        ("done", lambda: int(pipeline.done is not None)),
        ("hold", lambda: int(pipeline.holds)),
        ("transfer", lambda: int(pipeline.transfers)),
        ("row_drive", lambda: sum(bit << row for row, bit in enumerate(golden.rows))),
        ("result", lambda: golden.result & _mask(spec.accumulator_bits)),
    ]
    pairs += [(name, lambda name=name: getattr(golden, name)) for name in COUNTERS]
    pairs += [(f"scanner.adds_{k}", lambda k=k: _word_of(spec, *_parts(pipeline.adds[k]))) for k in stages]
    for adc in range(spec.timing.n_adcs):
        pairs += _lane_registers(golden, adc, stages)
    return pairs


def _lane_registers(golden, adc, stages):
    """Return the registers and memory words behind one ADC."""
    spec, n_adcs = golden.spec, golden.spec.timing.n_adcs
    lane, codes, partial, total = f"lane_{adc}", _mask(spec.adc_bits), _mask(spec.partial_bits), spec.accumulator_bits
    pairs = [(f"{lane}.code_{k}", lambda k=k: golden.codes[k][adc] & codes) for k in stages]
    pairs.append((f"{lane}.sum", lambda: golden.sums[adc] & partial))
    for group in range(spec.timing.groups_of_adc(adc)):
        column = group * n_adcs + adc
        pairs.append((f"{lane}.partials[{group}]", lambda column=column: golden.partials[column] & partial))
        pairs.append((f"{lane}.totals[{group}]", lambda column=column: golden.totals[column] & _mask(total)))
    return pairs


def _parts(conversion):
    return (None, 0) if conversion is None else conversion


def _word_of(spec, step, group):
    """Return the register word of a conversion: valid, group, first and last plane, first and last tile."""
    if step is None:
        return None
    timing = spec.timing
    flags = (step.plane == timing.n_planes - 1, step.plane == 0, step.tile == 0, step.tile == timing.n_row_tiles - 1)
    above = 1 + max(1, (timing.columns_per_adc - 1).bit_length())
    return 1 | group << 1 | sum(flag << (above + k) for k, flag in enumerate(flags))


def _mask(bits):
    return (1 << bits) - 1
