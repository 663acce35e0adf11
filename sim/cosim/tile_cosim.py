"""A tile controller's RTL under Icarus, around an emulated analog array, in lockstep with golden."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...emulator.golden.tile.array import SampledArray
from ...emulator.golden.tile.trace import trace_tile
from ...emulator.spec.errors import InputError
from ...emulator.spec.tile.controller import TileInputs, input_widths
from ...rtl.verilog.emit import top_of, verilog_of
from .icarus import IcarusBuild, build_sources, run_bench
from .pin_shell import pin_shell


@dataclass(frozen=True)
class TileRun:
    """What a co-simulation found.

    Parameters
    ----------
    products : ndarray, shape (n_products, n_columns), int64
        Totals that were read over the read port.
    latencies : tuple of int
        For each product the clocks from its first drive to ``done``, counted on the RTL's pins.
    cycles : int
        Cycles compared with golden.
    mismatches : int
        Cycles in which any register differed.
    first : dict of str to dict
        For each register that ever differed the first time: ``cycle``, ``rtl``, ``golden``.
    registers : int
        Registers compared in every cycle.
    counters : dict of str to int
        The RTL's counters at the end.
    """

    products: np.ndarray
    latencies: tuple[int, ...]
    cycles: int
    mismatches: int
    first: dict
    registers: int
    counters: dict


def build_tile(spec, folder):
    """Generate and compile the Verilog of a tile controller.

    Parameters
    ----------
    spec : TileControllerSpec
        Parameters of the tile controller.
    folder : path
        Working folder.

    Returns
    -------
    IcarusBuild

    Raises
    ------
    ToolError
        If Icarus is missing or refuses the sources.
    """
    pins = input_widths(spec) | {f"code_{adc}": spec.adc_bits for adc in range(spec.timing.n_adcs)}
    sources = {f"{top_of(spec)}.v": verilog_of(spec), "shell.v": pin_shell(top_of(spec), pins)}
    place = Path(folder).absolute() / f"tile-{spec.design_id:016x}"
    return build_sources(IcarusBuild(spec, place), sources)


def run_tile(spec, array, words, folder, waves=False):
    """Compute products on the RTL under Icarus, with the analog array inside the bench.

    Parameters
    ----------
    spec : TileControllerSpec
        Parameters of the tile controller.
    array : TileArray, or object with ``observe`` as of `SampledArray`
        What the columns settle to; the latter brings its own timing.
    words : ndarray, shape (n_products, n_row_tiles, n_rows), int64
        Input words, one product after the other from alternating banks.
    folder : path
        Where to build and run.
    waves : bool
        Dump every signal to ``waves.fst`` in the run's folder.

    Returns
    -------
    TileRun

    Raises
    ------
    InputError
        If words have another shape or lie outside the input range.
    ToolError
        If Icarus is missing, the run died, or not every product was done.
    """
    stimulus, reads = tile_stimulus(spec, words)
    array = array if hasattr(array, "observe") else SampledArray(spec, array)
    job = {"stimulus": stimulus, "array": array, "n_products": len(reads)}
    report = run_bench(build_tile(spec, folder), "bench_tile", job, waves=waves)
    results = np.array(report.pop("results"), dtype=np.int64)
    report["latencies"] = tuple(report["latencies"])
    fields = {name: report[name] for name in TileRun.__dataclass_fields__ if name != "products"}
    return TileRun(products=results[reads], **fields)


def tile_stimulus(spec, words):
    """Return the pins of a series of products, and where in it each column's total shows.

    Each product is loaded, started, left alone for exactly the clocks of the trace, and read: RTL that needs one clock
    more is read too early.

    Returns
    -------
    stimulus : list of TileInputs
        One per cycle.
    reads : ndarray, shape (n_products, n_columns), int64
        Cycles in which the read port shows the totals.
    """
    words = _checked(spec, words)
    latency = trace_tile(spec.timing).latency_cycles
    mask = (1 << spec.input_bits) - 1
    stimulus, reads = [TileInputs(clear=1)], []
    for number, product in enumerate(words):
        bank = number % 2
        for tile, inputs in enumerate(product):
            stimulus += [
                TileInputs(write=1, write_bank=bank, write_tile=tile, write_row=row, write_data=int(word) & mask)
                for row, word in enumerate(inputs)
            ]
        stimulus += [TileInputs(start=1, start_bank=bank), *[TileInputs()] * latency]
        places = [spec.timing.place_of_column(column) for column in range(spec.timing.n_columns)]
        reads.append(np.arange(len(places)) + len(stimulus) + 1)
        stimulus += [TileInputs(read_group=group, read_adc=adc) for group, adc in places]
    return [*stimulus, TileInputs()], np.array(reads)


def _checked(spec, words):
    """Return input words as an integer array, or refuse them."""
    timing = spec.timing
    words = np.asarray(words)
    wanted = (timing.n_row_tiles, timing.n_rows)
    if words.ndim != 3 or words.shape[1:] != wanted or not len(words) or words.dtype.kind not in "iu":
        rule = f"integers of shape (products, {wanted[0]}, {wanted[1]})"
        raise InputError(f"Words must be {rule}, not {words.dtype} of shape {words.shape}")
    low, high = spec.input_range
    if words.min() < low or words.max() > high:
        raise InputError(f"Words must be {low}..{high}, not {words.min()}..{words.max()}")
    return words
