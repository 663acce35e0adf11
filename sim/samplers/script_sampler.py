"""Samplers that load and run a real fabric; most of them by scripts, whatever plays them."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np

from ...emulator.golden.fabric.sampler import GoldenSampler, busy_cycles
from ...emulator.spec.errors import ToolError
from ...emulator.spec.fabric.loading import program_writes, start_writes
from ...emulator.spec.fabric.register_map import SPINS_BASE, Register, Where
from ...emulator.spec.samples import Ledger, Samples
from ...emulator.spec.samples_record import design_provenance, run_provenance
from ...emulator.spec.schedule import Recording
from ...emulator.spec.seeds import check_seed
from ...emulator.spec.spins import bits_from_spins, spins_from_bits
from ..cosim.harness import Script

COUNTERS = (Register.CYCLES, Register.SATURATIONS)


class HardwareSampler(ABC):
    """Sampler protocol over anything that runs programs on a fabric; a subclass says how.

    Parameters
    ----------
    options : FabricOptions, optional
        Word formats, random source and the like; chosen from the instance where absent.
    """

    name = ""

    def __init__(self, options=None):
        self._golden = GoldenSampler(options)

    def program(self, instance, schedule, recording=None, initial=None, clamps=None):
        """Return the program that would run; the same as golden's."""
        return self._golden.program(instance, schedule, recording, initial, clamps)

    @abstractmethod
    def prepare(self, spec):
        """Build what `run` needs, so that building is not counted as sampling."""

    @abstractmethod
    def run(self, program, seed, n_chains, initial_bits):
        """Return what `run_program` does."""

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. Chains run one after the other on one machine, with their own seeds."""
        recording, seed = recording or Recording(), check_seed(seed)
        per_chain = None if initial is None or np.ndim(initial) == 1 else bits_from_spins(initial)
        first = None if per_chain is not None else initial
        program = self.program(instance, schedule, replace(recording, spins=True), first, clamps)
        self.prepare(program.spec)
        started = time.perf_counter()
        run = self.run(program, seed, n_chains, per_chain)
        ledger = Ledger(
            {
                "cycles": int(run["counters"][:, 0].sum()),
                "sweeps": schedule.n_sweeps * n_chains,
                "updates": schedule.n_sweeps * n_chains * int(np.count_nonzero(program.clamps == 0)),
                "saturations": int(run["counters"][:, 1].sum()),
            },
            time.perf_counter() - started,
        )
        provenance = run_provenance(self.name, instance, schedule, seed, n_chains, recording)
        provenance |= design_provenance(program.spec)
        found = (run["spins"], run["final_spins"])
        return Samples.from_spins(instance, *found, ledger, provenance, recording.spins, program)


class ScriptSampler(HardwareSampler):
    """Sampler protocol over anything that plays a `Script` on a fabric; see `HardwareSampler`."""

    @abstractmethod
    def play(self, spec, script, watchdog_cycles):
        """Return the words that a script reads on a fresh machine; ndarray, uint32."""

    def run(self, program, seed, n_chains, initial_bits):
        """Return what `run_program` does."""
        return run_program(program, self.play, seed, n_chains, initial_bits)


def run_program(program, play, seed, n_chains, initial_bits=None):
    """Run a program and return its snapshots.

    Parameters
    ----------
    program : Program
        Contents of the machine.
    play : callable
        Runs a script on the machine, see `ScriptSampler.play`.
    seed, n_chains : int
        Chain c is seeded with ``program.seed_words(seed, c)``.
    initial_bits : ndarray, shape (n_chains, n_pbits), uint8, optional
        First states; the program's for every chain if absent.

    Returns
    -------
    dict
        ``spins`` int8 (n_chains, n_samples, n_pbits), ``final_spins`` int8 (n_chains, n_pbits), ``counters`` uint64
        (n_chains, 2) with cycles and saturations.
    """
    spec = program.spec
    n_words = -(-spec.n_pbits // 32)
    n_samples = program.recording.n_samples(program.n_sweeps)
    script = run_script(program, seed, n_chains, initial_bits)
    watchdog = 1000 + 4 * len(script.lines) + n_chains * (2 * busy_cycles(program) + (n_words + 3) * n_samples)
    words = np.asarray(play(spec, script, watchdog), dtype=np.uint32)
    per_chain = (n_samples + 1) * n_words + len(COUNTERS)
    if len(words) != n_chains * per_chain:
        raise ToolError(f"RTL gave {len(words)} words where {n_chains * per_chain} were expected")
    table = words.reshape(n_chains, per_chain)
    states = table[:, : -len(COUNTERS)].reshape(n_chains, n_samples + 1, n_words)
    bits = np.unpackbits(states.astype("<u4").view(np.uint8), axis=2, bitorder="little", count=spec.n_pbits)
    spins = spins_from_bits(bits)
    return {
        "spins": spins[:, :-1],
        "final_spins": spins[:, -1],
        "counters": table[:, -len(COUNTERS) :].astype(np.uint64),
    }


def run_script(program, seed, n_chains, initial_bits=None):
    """Return the script that loads a program and runs its chains; see `run_program`."""
    n_words = -(-program.spec.n_pbits // 32)
    script = [Script().write(program_writes(program, Where.FIFO))]
    reads = [SPINS_BASE + k for k in range(n_words)] + [int(counter) for counter in COUNTERS]
    for chain in range(n_chains):
        own = program if initial_bits is None else program.with_first_state(initial_bits[chain])
        script.append(Script().write(start_writes(own, seed, chain)).drain().read(reads))
    return Script(tuple(line for part in script for line in part.lines))
