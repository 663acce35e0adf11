"""The reference backend: chromatic Gibbs in float, right in distribution and fast."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..kernels.lanes import aligned
from ..kernels.random_lanes import STATE_WORDS, stream_words
from ..spec.errors import InputError
from ..spec.samples import Ledger, Samples
from ..spec.samples_record import run_provenance
from ..spec.schedule import Recording, check_schedule
from ..spec.seeds import check_seed
from .arguments import check_count, first_states
from .float_kernels import BLOCK_WIDTHS, SLOTS, Block, Graph, n_scratch
from .float_moments import Edges, Program, Tally, run
from .layout import sweep_layout


class ReferenceSampler:
    """Sampler protocol over the float kernels.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        Type of local fields and probabilities. float32 errs by a few 1e-7 of a probability.
    n_threads : int
        Threads that share the chains, in blocks of up to 64; the samples do not depend on it.
    colors : array_like, shape (n_spins,), int, optional
        A proper colouring; found if absent.
    """

    name = "reference"

    def __init__(self, dtype="float32", n_threads=1, colors=None):
        if dtype not in ("float32", "float64"):
            raise InputError(f"Type must be float32 or float64, not {dtype!r}")
        self.dtype, self.n_threads, self.colors = np.dtype(dtype), check_count("Threads", n_threads), colors

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. Chain c is the same for any number of chains."""
        check_schedule(schedule)
        n_chains, seed = check_count("Chains", n_chains), check_seed(seed)
        recording = recording or Recording()
        spins, clamps = first_states(instance, n_chains, initial, clamps)
        layout = sweep_layout(instance, clamps, self.colors)
        graph, edges, program = self._kernel_arrays(instance, layout, schedule, recording)
        blocks = [
            self._block(layout.rows_from_spins(spins[first:last]), seed, first)
            for first, last in _block_ranges(n_chains)
        ]
        n_samples = recording.n_samples(schedule.n_sweeps)
        tallies = [_tally(layout, block.width, n_samples, recording.spins) for block in blocks]
        _compile(graph, blocks, program, edges, tallies)
        started = time.perf_counter()
        with ThreadPoolExecutor(self.n_threads) as pool:
            jobs = [
                pool.submit(run, graph, block, program, edges, tally)
                for block, tally in zip(blocks, tallies, strict=True)
            ]
            for job in jobs:
                job.result()
        seconds = time.perf_counter() - started
        sweeps = schedule.n_sweeps * n_chains
        ledger = Ledger({"sweeps": sweeps, "updates": sweeps * layout.n_free}, seconds)
        provenance = run_provenance(self.name, instance, schedule, seed, n_chains, recording) | {
            "dtype": str(self.dtype)
        }
        return _samples(instance, layout, blocks, tallies, ledger, provenance, recording.spins)

    def _kernel_arrays(self, instance, layout, schedule, recording):
        """Return the arrays of `run` that all blocks share."""
        real = self.dtype.type
        unit = _unit(layout)
        values, biases = ((part / unit).astype(real) for part in (layout.values, layout.biases))
        graph = Graph(layout.bounds, layout.pointers, layout.neighbors, values, biases)
        edges = Edges(layout.edge_rows, instance.edge_values, layout.biases)
        betas, counts = zip(*schedule.segments, strict=True)
        most = float(np.finfo(np.float32).max) / 4  # spins froze long before; infinity times a field of 0 is no number
        with np.errstate(over="ignore"):
            betas2 = np.minimum(2 * np.array(betas) * unit, most).astype(real)
        return graph, edges, Program(betas2, np.array(counts, dtype=np.int64), recording.after, recording.every)

    def _block(self, rows, seed, first_chain):
        """Return the chains of ``rows``, numbered from ``first_chain``, with fresh generators."""
        width = rows.shape[1]
        word = np.uint32 if self.dtype.itemsize == 4 else np.uint64
        words = stream_words(seed, range(first_chain, first_chain + width), SLOTS * STATE_WORDS, word)
        state = words.reshape(width, SLOTS, STATE_WORDS).transpose(2, 1, 0).ravel()
        state = aligned(np.tile(state, 2 if width == 1 else 1))
        fields = aligned(np.zeros(n_scratch(width), dtype=self.dtype))
        return Block(width, aligned(rows), state, fields, aligned(np.zeros(n_scratch(width), dtype=np.int8)))


def _unit(layout):
    """Return the power of two in which fields are counted: 1 unless single precision could not hold them."""
    largest = max(float(np.max(np.abs(part), initial=0.0)) for part in (layout.values, layout.biases))
    return 1.0 if largest == 0 or 1e-30 <= largest <= 1e30 else 2.0 ** np.floor(np.log2(largest))


def _block_ranges(n_chains):
    """Return (first, last) chain of each block: as many of 64 as fit, then of 16, then single ones.

    >>> _block_ranges(82)
    [(0, 64), (64, 80), (80, 81), (81, 82)]
    """
    ranges, first = [], 0
    for width in BLOCK_WIDTHS:
        while n_chains - first >= width:
            ranges.append((first, first + width))
            first += width
    return ranges


def _tally(layout, width, n_samples, keeps_spins):
    """Return an empty tally."""
    shape = (n_samples, layout.n_spins * width) if keeps_spins else (0, 0)
    return Tally(
        energies=np.zeros((n_samples, width)),
        magnetizations=np.zeros((n_samples, width)),
        spin_sums=np.zeros(layout.n_spins, dtype=np.int64),
        edge_sums=np.zeros(len(layout.edge_rows), dtype=np.int64),
        spins=np.zeros(shape, dtype=np.int8),
    )


def _compile(graph, blocks, program, edges, tallies):
    """Run no sweeps, so that the clock does not see the compiler."""
    nothing = Program(program.betas2[:0], program.n_sweeps[:0], 0, 1)
    run(graph, blocks[0], nothing, edges, tallies[0])


def _samples(instance, layout, blocks, tallies, ledger, provenance, keeps_spins):
    """Return the samples of all blocks together."""
    energies = np.concatenate([tally.energies for tally in tallies], axis=1).T
    count = energies.size
    mean = (lambda sums: sum(sums) / count) if count else (lambda sums: np.full(len(sums[0]), np.nan))
    kept = None
    if keeps_spins:
        rows = [
            tally.spins.reshape(-1, layout.n_spins, block.width) for tally, block in zip(tallies, blocks, strict=True)
        ]
        kept = np.concatenate([layout.spins_from_rows(part) for part in rows])
    last = [layout.spins_from_rows(block.spins.reshape(layout.n_spins, block.width)) for block in blocks]
    return Samples(
        spins=kept,
        energies=np.ascontiguousarray(instance.with_offset(energies)),
        magnetizations=np.ascontiguousarray(np.concatenate([tally.magnetizations for tally in tallies], axis=1).T),
        spin_means=layout.in_spin_order(mean([tally.spin_sums for tally in tallies])),
        edge_means=mean([tally.edge_sums for tally in tallies]),
        final_spins=np.concatenate(last),
        ledger=ledger,
        provenance=provenance,
        labels=instance.labels,
    )
