"""A search from its first sweep, or from a checkpoint, to its last."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError
from ..spec.files.atomic_write import check_output
from .checkpoint import load_checkpoint, save_checkpoint
from .methods import check_whole

ENGINES = ("auto", "plain", "packed")
AT_ONCE = 1 << 16  # sweeps whose betas are held at once


@dataclass(frozen=True)
class AnnealOptions:
    """How a search is run and watched; none of it changes what a run finds, but the engine.

    Parameters
    ----------
    record_at : sequence of int, optional
        Rising numbers of sweeps after which energies are recorded; the last sweep always is. If absent: 1, 2, 5, 10 ...
    engine : {"auto", "plain", "packed"}
        Kernels: plain takes any couplings; packed holds 512 replicas in a vector of bits and takes small multiples of
        one unit. Auto takes plain for the first two runs, and packed for the others where it can: run r is the same
        however many there are.
    n_threads : int
        Threads that share the runs.
    checkpoint : str or Path, optional
        File that holds the state; a search goes on from it if it exists.
    checkpoint_every : int
        Sweeps between two checkpoints, at most this many of which are lost.
    """

    record_at: tuple | None = None
    engine: str = "auto"
    n_threads: int = 1
    checkpoint: object = None
    checkpoint_every: int = 100

    def __post_init__(self):
        if self.engine not in ENGINES:
            raise InputError(f"Engine must be one of {', '.join(ENGINES)}, not {self.engine!r}")
        check_whole("Threads", self.n_threads, 1)
        check_whole("Sweeps between checkpoints", self.checkpoint_every, 1)
        if self.record_at is not None:
            object.__setattr__(self, "record_at", tuple(self.record_at))
            for sweep in self.record_at:
                check_whole("Recorded sweep", sweep, 1)

    def records(self, sweeps):
        """Return the sweeps that are recorded; ndarray, int64."""
        if self.record_at is None:
            decades = [step * 10**power for power in range(10) for step in (1, 2, 5)]
            return np.array([sweep for sweep in decades if sweep < sweeps] + [sweeps])
        if list(self.record_at) != sorted(set(self.record_at)) or self.record_at[-1:] > (sweeps,):
            raise InputError(f"Recorded sweeps must rise and be at most {sweeps}, not {self.record_at!r}")
        return np.array(sorted({*self.record_at, sweeps}))


class Progress:
    """Blocks of runs that move on together, and what was recorded of them.

    Parameters
    ----------
    blocks : list
        Searches that run together, see `PlainSearch`.
    identity : str
        Identity of the run, for the checkpoint.
    sweeps : int
        Sweeps of the search.
    options : AnnealOptions
        Records, threads and checkpoints, see `AnnealOptions`.
    """

    def __init__(self, blocks, identity, sweeps, options):
        self.blocks, self.identity, self.sweeps, self.options = blocks, identity, sweeps, options
        self.at = options.records(sweeps)
        n_runs = sum(block.n_runs for block in blocks)
        dtype = np.result_type(*(block.best[0].dtype for block in blocks))  # whole units below 2^53 are exact in either
        self.done = np.zeros(1, dtype=np.int64)
        self.current = np.zeros((n_runs, len(self.at)), dtype=dtype)
        self.best = np.zeros((n_runs, len(self.at)), dtype=dtype)

    def state(self):
        """Return all that changes, by name; the arrays themselves, not copies."""
        held = {"done": self.done, "current": self.current, "best": self.best}
        for number, block in enumerate(self.blocks):
            held |= {f"block{number}_{name}": array for name, array in block.state().items()}
        return held

    def resume(self):
        """Take the state of the checkpoint if there is one."""
        if self.options.checkpoint is None:
            return
        check_output(self.options.checkpoint)
        saved = load_checkpoint(self.options.checkpoint, self.identity)
        if saved is not None:
            for name, array in self.state().items():
                array[...] = saved[name]

    def run(self):
        """Run what is left; return the seconds that it took."""
        started = time.perf_counter()
        with ThreadPoolExecutor(self.options.n_threads) as pool:
            for stop in self._stops():
                first = int(self.done[0])
                for job in [pool.submit(block.advance, first, stop) for block in self.blocks]:
                    job.result()
                self.done[0] = stop
                self._record(stop)
                if self.options.checkpoint is not None and self._is_saved(stop):
                    save_checkpoint(self.options.checkpoint, self.identity, self.state())
        return time.perf_counter() - started

    def _is_saved(self, stop):
        return stop % self.options.checkpoint_every == 0 or stop == self.sweeps

    def _stops(self):
        """Yield the sweeps at which something is recorded or saved, after those that are done, and others between."""
        every = [AT_ONCE] if self.options.checkpoint is None else [AT_ONCE, self.options.checkpoint_every]
        stop = int(self.done[0])
        while stop < self.sweeps:
            record = self.at[np.searchsorted(self.at, stop, side="right")]
            stop = min(int(record), *((stop // step + 1) * step for step in every))
            yield stop

    def _record(self, stop):
        column = np.flatnonzero(self.at == stop)
        if len(column):
            self.current[:, column[0]] = np.concatenate([block.current() for block in self.blocks])
            self.best[:, column[0]] = np.concatenate([block.best[0] for block in self.blocks])
