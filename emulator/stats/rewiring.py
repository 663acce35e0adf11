"""Changes of golden's neighbour lists that no program can express: wires in one direction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..golden.fabric.arrays import golden_arrays


def rewired(arrays, reader, neighbor, **changes):
    """Return arrays in which one p-bit reads one neighbour differently.

    Parameters
    ----------
    arrays : GoldenArrays
        Neighbour lists to change; left untouched.
    reader, neighbor : int
        P-bit that reads, and the neighbour that it reads.
    changes : int
        New ``weight`` (accumulator units, twice the coupling) or ``source`` (p-bit read instead), or both.

    Returns
    -------
    GoldenArrays
    """
    first, end = arrays.neighbor_start[reader], arrays.neighbor_start[reader + 1]
    entry = first + int(np.flatnonzero(arrays.neighbor_index[first:end] == neighbor)[0])
    index, weight = arrays.neighbor_index.copy(), arrays.neighbor_weight.copy()
    index[entry] = changes.get("source", neighbor)
    weight[entry] = changes.get("weight", weight[entry])
    return replace(arrays, neighbor_index=index, neighbor_weight=weight)


def with_shadow(program, reader, neighbor):
    """Return a program and arrays in which ``reader`` sees ``neighbor`` as it was one sweep ago.

    A shadow p-bit, the last one, has the neighbour's colour. A colour is computed from the state before it, so the
    shadow copies what the neighbour held before the neighbour's own update. The copy goes through the ordinary
    compare: the field format gains one integer bit, whose words, out of reach of every other p-bit, hold the extreme
    thresholds, so that a copy fails once in ``2**compare_bits``.

    Parameters
    ----------
    program : Program
        Its field format must have at most 11 bits.
    reader, neighbor : int
        Coupled p-bits; the reader's colour must be the higher one, otherwise it reads the old value anyway.

    Returns
    -------
    broken : Program
        With one more p-bit.
    arrays : GoldenArrays
    """
    spec = program.spec
    shadow, wide = spec.n_pbits, replace(spec.field, n_int=spec.field.n_int + 1)
    grown = replace(
        spec,
        n_pbits=shadow + 1,
        colors=(*spec.colors, spec.colors[neighbor]),
        slots=_grown_slots(spec, neighbor),
        field=wide,
    )
    drive = 1 << (wide.n_int + spec.accumulator_frac)  # beyond the wide format, whatever its fraction bits
    broken = replace(
        program,
        spec=grown,
        offsets=np.append(program.offsets, -drive),
        clamps=np.append(program.clamps, np.int8(0)),
        tables=np.stack([_with_extremes(table, spec, wide) for table in program.tables]),
        initial_bits=np.append(program.initial_bits, program.initial_bits[neighbor]),
    )
    arrays = rewired(golden_arrays(broken), reader, neighbor, source=shadow)
    start = arrays.neighbor_start.copy()
    start[-1] += 1
    return broken, replace(
        arrays,
        neighbor_start=start,
        neighbor_index=np.append(arrays.neighbor_index, neighbor),
        neighbor_weight=np.append(arrays.neighbor_weight, np.int32(2 * drive)),
    )


def _grown_slots(spec, neighbor):
    """Return the slots with one more: the first that the neighbour's colour leaves free, so that others keep theirs."""
    color = spec.colors[neighbor]
    used = {slot for slot, other in zip(spec.slots, spec.colors, strict=True) if other == color}
    return (*spec.slots, next(slot for slot in range(len(used) + 1) if slot not in used))


def _with_extremes(table, spec, wide):
    """Return a table of the wider format: the old entries, saturated, but the extreme words hold or set for certain."""
    words = np.arange(1 << wide.width)
    words = np.where(words > wide.max_word, words - (1 << wide.width), words)
    entries = table[np.clip(words, spec.field.min_word, spec.field.max_word) & (len(table) - 1)]
    entries[words == wide.max_word] = (1 << spec.compare_bits) - 1
    entries[words == wide.min_word] = 1
    return entries
