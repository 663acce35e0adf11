"""Evaluation of a point of a digital p-computer: distribution of its quantised chain, clocks, memories, LUTs."""

from __future__ import annotations

import numpy as np

from ....emulator.instances.resolve import resolve
from ....emulator.oracle.quantisation import quantisation_report
from ....emulator.spec.fabric.quantised import FabricOptions, fabric_for
from ....emulator.spec.fabric.random_source import RandomKind, RandomSpec
from ....emulator.spec.fixed import Fixed, smallest_format
from ..projections.machines import FMAX_HZ


def p_computer(problem, point, seed):
    """Return the total variation of the quantised chain, clocks and seconds of a sweep, bits of its words, and LUTs.

    LUTs take Yosys ten seconds or more a point and are counted where the problem says ``luts = true``.
    """
    instance = resolve(problem["instance"])
    _, spec = options_of(instance, point)
    report = quantisation_report(instance, spec, problem.get("beta", 1.0), seed)
    table_bits = spec.n_table_entries * spec.compare_bits
    found = {
        "tv": float(report.tv),
        "saturated": float(report.n_saturated),
        "clocks": float(spec.clocks_per_sweep),
        "seconds": spec.clocks_per_sweep / FMAX_HZ.best,
        "memory_bits": float(2 * len(spec.edges) * spec.weight.width + spec.n_pbits * spec.bias.width + table_bits),
    }
    if problem.get("luts"):
        from ...fpga.synthesis_size import synthesised_size  # Amaranth, which other points need not wait for

        size = synthesised_size(spec, problem.get("family", "ecp5"))
        found |= {"luts": float(size.luts), "flip_flops": float(size.flip_flops)}
    return found


def options_of(instance, point):
    """Return fabric options that a point names, and the fabric of them; (FabricOptions, FabricSpec)."""
    options = FabricOptions(
        weight=_format(np.abs(instance.edge_values), point.get("weight_bits")),
        bias=_format(instance.biases, point.get("weight_bits")),
        field=Fixed(point["field_int"], point.get("field_frac", 0)) if "field_int" in point else None,
        compare_bits=point.get("compare_bits", 16),
        random=RandomSpec(RandomKind[point.get("random", "xorshift32").upper()]),
        n_colors=point.get("colors"),
        dense=bool(point.get("dense", False)),
    )
    return options, fabric_for(instance, options)


def _format(values, bits):
    return None if bits is None else smallest_format(values, bits)
