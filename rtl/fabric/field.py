"""From the exact local field to the word that indexes the activation table."""

from __future__ import annotations

from amaranth.hdl import Const, Mux, Signal, signed


def field_of(m, spec, accumulator):
    """Return the rounded and saturated field word, unsigned, and whether it saturated; adds logic to a module.

    Parameters
    ----------
    m : Module
        Module that takes the logic.
    spec : FabricSpec
        Parameters of the fabric, with its word formats.
    accumulator : Signal, signed
        Exact field, ``accumulator_bits`` wide.
    """
    shift = spec.field_shift
    half = 1 << (shift - 1) if shift > 0 else 0
    rounded = Signal(signed(spec.accumulator_bits + 1 - shift))
    m.d.comb += rounded.eq((accumulator + half) >> shift if shift > 0 else accumulator << -shift)
    width = spec.field.width
    if len(rounded) <= width:
        field = Signal(signed(width))
        m.d.comb += field.eq(rounded)
        return field.as_unsigned(), Const(0, 1)
    field = Signal(width)
    saturated = Signal()
    head = rounded[width - 1 :]
    m.d.comb += saturated.eq(~(head.all() | ~head.any()))
    limit = Mux(rounded[-1], spec.field.min_word & ((1 << width) - 1), spec.field.max_word)
    m.d.comb += field.eq(Mux(saturated, limit, rounded[:width]))
    return field, saturated
