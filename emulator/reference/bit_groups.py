"""Groups of 512 chains in multi-spin coding: their memory, and a run with its records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..kernels.lanes import aligned
from ..kernels.random_lanes import STATE_WORDS, stream_words
from ..spec.spins import bits_from_spins, spins_from_bits
from .bit_fields import GROUP_CHAINS, GROUP_WORDS, BitGraph
from .bit_kernels import bit_sweeps, scratch_words
from .bit_layout import bit_graph, integer_form, threshold_table
from .bit_moments import BitPairs, count_differences
from .layout import SweepLayout

CHUNK = 1 << 14  # rows that are packed at once, so that a million spins of 512 chains need no gigabyte
FIRST_STREAM = 1 << 40  # seeds of their own, apart from those of the float backend's chains


@dataclass(frozen=True, eq=False)
class BitModel:
    """An instance as the bit kernels see it.

    Parameters
    ----------
    layout : SweepLayout
        Order of the spins.
    graph : BitGraph
        Arrays of the sweep kernel.
    n_bits, n_classes : int
        Compile-time constants of the sweep kernel.
    unit : float
        Unit of couplings and biases.
    pairs : BitPairs
        What is counted at a record: couplings sorted by value, then spins sorted by bias.
    order : ndarray, shape (n_couplings + n_spins,), int64
        Number of the coupling in ``instance.edges``, or ``n_couplings`` + row, of each pair.
    slopes, constant : ndarray, shape (n_parts,), and float
        A state's energy is ``constant + slopes @ counts``.
    n_inputs : int
        Most inputs that a row has.
    """

    layout: SweepLayout
    graph: BitGraph
    n_bits: int
    n_classes: int
    unit: float
    pairs: BitPairs
    order: np.ndarray
    slopes: np.ndarray
    constant: float
    n_inputs: int


def bit_model(instance, layout):
    """Return the `BitModel` of an instance; refuses what `integer_form` refuses."""
    form = integer_form(layout)
    graph, n_bits, n_classes = bit_graph(layout, form)
    n = layout.n_spins
    by_coupling = np.argsort(instance.edge_values, kind="stable")
    by_bias = np.argsort(layout.biases, kind="stable")
    spin_rows = np.stack([by_bias, np.full(n, n)], axis=1)
    rows = np.concatenate([layout.edge_rows[by_coupling].astype(np.int64), spin_rows])
    couplings, n_of_coupling = np.unique(instance.edge_values, return_counts=True)
    biases, n_of_bias = np.unique(layout.biases, return_counts=True)
    starts = np.concatenate([[0], np.cumsum(np.concatenate([n_of_coupling, n_of_bias]))])
    return BitModel(
        layout=layout,
        graph=graph,
        n_bits=n_bits,
        n_classes=n_classes,
        unit=form.unit,
        pairs=BitPairs(rows.ravel(), starts.astype(np.int64)),
        order=np.concatenate([by_coupling, len(by_coupling) + by_bias]),
        slopes=np.concatenate([2 * couplings, -2 * biases]),
        constant=float(biases @ n_of_bias - couplings @ n_of_coupling),
        n_inputs=int(np.diff(graph.pointers[::n_bits]).max(initial=0)),
    )


@dataclass(eq=False)
class Group:
    """Up to 512 chains in flight.

    Parameters
    ----------
    n_chains : int
        Chains that are wanted.
    words : ndarray, shape ((n_spins + 1) * 8,), uint64
        States, row by row; the last row is all spins down.
    state : ndarray, shape (4 * 8,), uint64
        State of the random generators.
    energies, magnetizations : ndarray, shape (n_samples, n_chains), float64
        Energy and magnetisation of each kept state.
    totals : ndarray, shape (n_pairs,), int64
        Differences of each pair, see `count_differences`.
    kept : ndarray, shape (n_samples or 0, n_spins * 8), uint64
        Kept states.
    """

    n_chains: int
    words: np.ndarray
    state: np.ndarray
    energies: np.ndarray
    magnetizations: np.ndarray
    totals: np.ndarray
    kept: np.ndarray


def _packed(layout, spins):
    """Return spins of shape (n_chains, n_spins) as rows of words, with one more row of spins down; aligned and flat."""
    n_chains, n = spins.shape
    words = np.zeros((n + 1, GROUP_WORDS), dtype=np.uint64)
    for first in range(0, n, CHUNK):
        chosen = layout.order[first : first + CHUNK]
        bits = np.zeros((len(chosen), GROUP_CHAINS), dtype=np.uint8)
        bits[:, :n_chains] = bits_from_spins(spins[:, chosen].T)
        words[first : first + len(chosen)] = np.packbits(bits, axis=1, bitorder="little").view(np.uint64)
    return aligned(words)


def unpacked(layout, words, n_chains):
    """Return words of shape (..., n_spins * 8) as spins -1/+1, shape (n_chains, ..., n_spins), int8."""
    words = words.reshape(*words.shape[:-1], layout.n_spins, GROUP_WORDS)
    spins = np.empty((n_chains, *words.shape[:-1]), dtype=np.int8)
    for first in range(0, layout.n_spins, CHUNK):
        octets = np.ascontiguousarray(words[..., first : first + CHUNK, :]).view(np.uint8)
        bits = np.unpackbits(octets, axis=-1, count=n_chains, bitorder="little")
        spins[..., layout.order[first : first + CHUNK]] = np.moveaxis(spins_from_bits(bits), -1, 0)
    return spins


def new_group(model, spins, seed, number, n_samples, n_kept):
    """Return group ``number`` in the states ``spins``, shape (n_chains, n_spins), with fresh generators."""
    n_chains, n = spins.shape
    streams = FIRST_STREAM + number * GROUP_WORDS + np.arange(GROUP_WORDS)
    return Group(
        n_chains=n_chains,
        words=_packed(model.layout, spins),
        state=aligned(stream_words(seed, streams, STATE_WORDS).T),
        energies=np.zeros((n_samples, n_chains)),
        magnetizations=np.zeros((n_samples, n_chains)),
        totals=np.zeros(len(model.order), dtype=np.int64),
        kept=np.zeros((n_kept, n * GROUP_WORDS), dtype=np.uint64),
    )


def compile_kernels(model, group):
    """Run no sweeps and count nothing, so that a clock does not see the compiler."""
    table, scratch = threshold_table(0.0, model.unit, model.n_classes), np.zeros(GROUP_WORDS, dtype=np.uint64)
    bit_sweeps(model.n_bits, model.n_classes)(model.graph, group.words, group.state, aligned(table), scratch, 0)
    nothing = BitPairs(model.pairs.rows, model.pairs.starts[:1])
    counts = np.zeros((1, GROUP_CHAINS), dtype=np.int64)
    count_differences(nothing, group.words, scratch, scratch, counts, group.totals)


def run_group(model, group, schedule, recording):
    """Run a whole schedule on one group."""
    sweeps = bit_sweeps(model.n_bits, model.n_classes)
    scratch = aligned(np.zeros(scratch_words(model.n_bits, model.n_classes, model.n_inputs), dtype=np.uint64))
    done, sample = 0, 0
    for beta, n_sweeps in schedule.segments:
        table = aligned(threshold_table(beta, model.unit, model.n_classes))
        end = done + int(n_sweeps)
        while done < end:
            next_record = recording.after + (sample + 1) * recording.every
            step = min(end, next_record) - done
            sweeps(model.graph, group.words, group.state, table, scratch, step)
            done += step
            if done == next_record:
                record(model, group, sample)
                sample += 1


def record(model, group, sample):
    """Count the present states into sample number ``sample``."""
    n_parts, n_bits = len(model.slopes), int(np.diff(model.pairs.starts).max()).bit_length()
    counts = np.zeros((n_parts, GROUP_CHAINS), dtype=np.int64)
    live = np.packbits(np.arange(GROUP_CHAINS) < group.n_chains, bitorder="little").view(np.uint64)
    counter = aligned(np.zeros(n_bits * GROUP_WORDS, dtype=np.uint64))
    count_differences(model.pairs, group.words, live, counter, counts, group.totals)
    counts = counts[:, : group.n_chains]
    n, n_biases = model.layout.n_spins, len(np.unique(model.layout.biases))
    group.energies[sample] = model.constant + model.slopes @ counts
    group.magnetizations[sample] = 2 * counts[n_parts - n_biases :].sum(axis=0) / n - 1
    if len(group.kept):
        group.kept[sample] = group.words[: n * GROUP_WORDS]
