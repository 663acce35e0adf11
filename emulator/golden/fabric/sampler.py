"""The golden backend: what the hardware would draw, bit for bit, at numba speed."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from ...spec.errors import InputError
from ...spec.fabric.program import compile_program
from ...spec.fabric.quantised import FabricOptions, fabric_for
from ...spec.fabric.random_source import RandomKind
from ...spec.samples import Ledger, Samples
from ...spec.samples_record import design_provenance, run_provenance
from ...spec.schedule import Recording, check_schedule
from ...spec.seeds import check_seed
from ...spec.spins import bits_from_spins, spins_from_bits
from .arrays import golden_arrays, machine_of
from .single_kernels import padded_graph, run_single_segment
from .update_kernels import run_segment

FEW_CHAINS = 8  # below this many, one machine after the other is faster


@dataclass
class Run:
    """What `run_chains` gives back.

    Parameters
    ----------
    spins : ndarray, shape (n_chains, n_samples, n_pbits), int8
        Recorded states.
    final_bits : ndarray, shape (n_chains, n_pbits), uint8
        Last states.
    random_state : ndarray, shape (n_chains, n_generators, state_words), uint32
        Generators after the run.
    saturations : ndarray, shape (n_chains,), int64
        Update cycles in which a field saturated.
    cycles : int
        Clock cycles that one machine spends busy (the same for all, snapshots never stalling).
    """

    spins: np.ndarray
    final_bits: np.ndarray
    random_state: np.ndarray
    saturations: np.ndarray
    cycles: int


def _power_of_two(count):
    """Return the smallest power of two that is at least ``count``."""
    return 1 << (count - 1).bit_length()


def busy_cycles(program):
    """Return the clock cycles of a run whose snapshots never stall.

    Each segment costs one FETCH beside its sweeps; a change of table page adds entries + 1.
    """
    loaded, cycles = None, program.sweep_clocks + len(program.segments)
    for page, _ in program.segments:
        if page != loaded:
            cycles += program.spec.n_table_entries + 1
            loaded = page
    return cycles


def run_chains(program, seed=0, n_chains=1, arrays=None, initial_bits=None):
    """Run ``n_chains`` machines that differ in their seed words only.

    Parameters
    ----------
    program : Program
        Contents of the machines.
    seed : int
        Seed of the run; machine c gets ``program.seed_words(seed, c)``.
    n_chains : int
        Number of independent chains.
    arrays : GoldenArrays, optional
        Kernel arrays to use instead of the program's own (broken ones, say).
    initial_bits : ndarray, shape (n_chains, n_pbits), uint8, optional
        First states; the program's for every machine if absent.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        If the random source is external: golden then needs the words of the input monitor, see `Machine`.
    """
    spec = program.spec
    if spec.random.kind is RandomKind.EXTERNAL:
        raise InputError("Random source must be internal for a free run, not external; step a Machine instead")
    arrays = arrays or golden_arrays(program)
    state = program.seed_words_of_chains(seed, n_chains)
    bits = np.empty((spec.n_pbits, n_chains), dtype=np.uint8)
    bits[:] = program.initial_bits[:, None] if initial_bits is None else np.asarray(initial_bits).T
    clamped = np.flatnonzero(program.clamps)
    bits[clamped] = bits_from_spins(program.clamps[clamped])[:, None]
    recording = program.recording
    n_samples = recording.n_samples(program.n_sweeps) if recording.spins else 0
    out = np.zeros((n_chains, n_samples, spec.n_pbits), dtype=np.int8)
    padded = padded_graph(arrays) if n_chains < FEW_CHAINS else None
    run = _run_side_by_side if padded is None else _run_one_by_one
    saturations = run(arrays, padded, state, bits, out)
    return Run(out, bits.T.copy(), state.transpose(2, 0, 1).copy(), saturations, busy_cycles(program))


def _segments(program):
    """Yield the activation table and the kernel's segment tuple of each schedule segment."""
    every = program.recording.every if program.recording.spins else 0
    for page, n_sweeps in program.segments:
        yield program.tables[page], (n_sweeps, program.recording.after, every)


def _run_side_by_side(arrays, _padded, state, bits, out):
    """Run all machines together, vectorised over machines; change state, bits and out; return saturated cycles."""
    n_pbits, n_chains = bits.shape
    scratch = (
        np.zeros(n_chains, dtype=np.int32),
        np.zeros((n_pbits, n_chains), dtype=np.uint8),
        np.zeros(n_chains, dtype=np.uint8),
        np.zeros((state.shape[0], n_chains), dtype=np.uint32),
        np.zeros(2 + n_chains, dtype=np.int64),
    )
    machine = machine_of(arrays)
    for table, segment in _segments(arrays.program):
        run_segment(machine, table, state, bits, scratch, segment, out)
    return scratch[4][2:].copy()


def _run_one_by_one(arrays, padded, state, bits, out):
    """Run machine after machine, vectorised over p-bits; change state, bits and out; return saturated cycles."""
    n_pbits, n_chains = bits.shape
    machine = (padded, *machine_of(arrays)[1:])
    saturations = np.zeros(n_chains, dtype=np.int64)
    for chain in range(n_chains):
        own_bits = bits[arrays.order, chain].astype(np.int32)
        own_state = state[:, :, chain : chain + 1].copy()
        words = np.zeros((state.shape[0], 1), dtype=np.uint32)
        scratch = (np.zeros(n_pbits, dtype=np.int32), words, np.zeros(3, dtype=np.int64))
        for table, segment in _segments(arrays.program):
            run_single_segment(machine, table, own_state, own_bits, scratch, segment, out[chain : chain + 1])
        bits[arrays.order, chain] = own_bits
        state[:, :, chain] = own_state[:, :, 0]
        saturations[chain] = scratch[2][2]
    return saturations


class GoldenSampler:
    """Sampler protocol over the golden kernels.

    Parameters
    ----------
    options : FabricOptions, optional
        Word formats, random source and the like; chosen from the instance where absent.
    """

    name = "golden"

    def __init__(self, options=None):
        self.options = options or FabricOptions()
        self._last = (None, None, None)

    def program(self, instance, schedule, recording=None, initial=None, clamps=None):
        """Return the program that this backend would run; capacities grow with the schedule."""
        check_schedule(schedule)
        options = replace(
            self.options,
            n_pages=max(self.options.n_pages, _power_of_two(len(schedule.betas))),
            n_segments=max(self.options.n_segments, _power_of_two(len(schedule.segments))),
        )
        return compile_program(instance, self._fabric(instance, options), schedule, recording, initial, clamps)

    def _fabric(self, instance, options):
        """Return the fabric of an instance, the last one again if nothing changed: many short runs ask for it."""
        if self._last[0] is not instance or self._last[1] != options:
            self._last = (instance, options, fabric_for(instance, options))
        return self._last[2]

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`."""
        recording, seed = recording or Recording(), check_seed(seed)
        per_chain = None if initial is None or np.ndim(initial) == 1 else bits_from_spins(initial)
        first = None if per_chain is not None else initial
        program = self.program(instance, schedule, replace(recording, spins=True), first, clamps)
        # One sweep first, so that loading the compiled kernels is not counted as sampling.
        run_chains(replace(program, segments=((0, 1),)), seed, min(n_chains, FEW_CHAINS))
        started = time.perf_counter()
        run = run_chains(program, seed, n_chains, initial_bits=per_chain)
        ledger = Ledger(
            {
                "cycles": run.cycles * n_chains,
                "sweeps": schedule.n_sweeps * n_chains,
                "updates": schedule.n_sweeps * n_chains * int(np.count_nonzero(program.clamps == 0)),
                "saturations": int(run.saturations.sum()),
            },
            time.perf_counter() - started,
        )
        provenance = run_provenance(self.name, instance, schedule, seed, n_chains, recording)
        provenance |= design_provenance(program.spec)
        found = (run.spins, spins_from_bits(run.final_bits))
        return Samples.from_spins(instance, *found, ledger, provenance, recording.spins, program)
