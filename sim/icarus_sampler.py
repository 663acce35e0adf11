"""The Icarus backend: the generated RTL itself draws the samples."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..emulator.golden.sampler import GoldenSampler
from ..emulator.spec.loading import program_writes
from ..emulator.spec.register_map import Where
from ..emulator.spec.samples import Ledger, Samples
from ..emulator.spec.schedule import Recording
from ..emulator.spec.spins import bits_from_spins, bits_from_words, spins_from_bits
from .icarus import build, run_bench, write_script


class IcarusSampler:
    """Sampler protocol over the RTL under Icarus, driven by cocotb.

    Parameters
    ----------
    options : FabricOptions, optional
        Word formats, random source and the like; chosen from the instance where absent.
    folder : path, optional
        Working folder, kept; a temporary one if absent.
    """

    name = "icarus"

    def __init__(self, options=None, folder=None):
        self._golden = GoldenSampler(options)
        self._folder = Path(folder or tempfile.mkdtemp(prefix="spinchip-icarus-"))
        if not folder:
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)

    def program(self, instance, schedule, recording=None, initial=None, clamps=None):
        """Return the program that would run; the same as golden's."""
        return self._golden.program(instance, schedule, recording, initial, clamps)

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. Chains run one after the other on one machine, with their own seeds."""
        recording = recording or Recording()
        per_chain = None if initial is None or np.ndim(initial) == 1 else bits_from_spins(initial)
        first = None if per_chain is not None else initial
        program = self.program(instance, schedule, replace(recording, spins=True), first, clamps)
        started = time.perf_counter()
        run = run_program(program, seed, n_chains, self._folder, per_chain)
        ledger = Ledger(
            {
                "cycles": int(run["counters"][:, 0].sum()),
                "sweeps": schedule.n_sweeps * n_chains,
                "updates": schedule.n_sweeps * n_chains * int(np.count_nonzero(program.clamps == 0)),
                "saturations": int(run["counters"][:, 1].sum()),
            },
            time.perf_counter() - started,
        )
        provenance = {"backend": self.name, "seed": seed, "design_id": f"{program.spec.design_id:016x}"}
        samples = Samples.from_spins(instance, run["spins"], run["final_spins"], ledger, provenance)
        return samples if recording.spins else replace(samples, spins=None)


def run_program(program, seed, n_chains, folder, initial_bits=None):
    """Run a program under Icarus and return its snapshots.

    Parameters
    ----------
    program : Program
        Contents of the machine.
    seed, n_chains : int
        Chain c is seeded with ``program.seed_words(seed, c)``.
    folder : path
        Where to build and run.
    initial_bits : ndarray, shape (n_chains, n_pbits), uint8, optional
        First states; the program's for every chain if absent.

    Returns
    -------
    dict
        ``spins`` int8 (n_chains, n_samples, n_pbits), ``final_spins`` int8 (n_chains, n_pbits), ``counters`` uint64
        (n_chains, 2) with cycles and saturations.
    """
    spec = program.spec
    simulation = build(spec, folder)
    plusargs = write_script(simulation.folder / "program.hex", program_writes(program, Where.FIFO))
    job = {"program": program, "seed": seed, "n_chains": n_chains, "initial_bits": initial_bits}
    report = run_bench(simulation, "bench_sample", job, plusargs)
    with np.load(Path(report["folder"]) / "arrays.npz") as arrays:
        snapshots, finals, counters = arrays["snapshots"], arrays["finals"], arrays["counters"]
    n_samples = snapshots.shape[1]
    bits = [bits_from_words(state, spec.n_pbits) for state in snapshots.reshape(-1, snapshots.shape[2])]
    return {
        "spins": spins_from_bits(np.array(bits, dtype=np.uint8).reshape(n_chains, n_samples, spec.n_pbits)),
        "final_spins": spins_from_bits([bits_from_words(state, spec.n_pbits) for state in finals]),
        "counters": counters,
    }
