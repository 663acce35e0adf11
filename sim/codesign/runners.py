"""Many points at once: in processes of this machine, or on a dask cluster; no result is lost when a worker dies."""

from __future__ import annotations

import math
import multiprocessing
import os
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from ...emulator.spec.errors import InputError, SpinchipError, ToolError
from .evaluators.kinds import evaluate
from .store import Stored

AHEAD = 8  # points handed to each worker before it asks
TRIES_ALONE = 2  # of a point that was under way when a worker died
PATIENCE_S = 10.0  # for a scheduler to answer


def evaluated(problem, point, seed, folder, objectives):
    """Return a finished point; what its evaluator refuses is kept as the reason, and so is a missing objective."""
    started = time.perf_counter()
    try:
        result = evaluate(problem, point, seed, folder)
        missing = [name for name in objectives if name not in result]
        if missing:
            raise InputError(f"Evaluator must give {missing[0]}, and gives only {', '.join(result)}")
        wild = [name for name in objectives if not math.isfinite(result[name])]
        if wild:
            raise InputError(f"Objective {wild[0]} must be finite, not {result[wild[0]]!r}")
        found = Stored(point, result, None, time.perf_counter() - started)
    except (SpinchipError, ValueError, ArithmeticError, KeyError, TypeError) as error:
        found = Stored(point, None, f"{type(error).__name__}: {error}".splitlines()[0], time.perf_counter() - started)
    return found


def in_processes(design, tasks, n_workers, done):
    """Evaluate points in processes of this machine.

    Parameters
    ----------
    design : Design
        Design space to explore.
    tasks : dict of str to dict
        Points by their keys.
    n_workers : int
        Processes; with 1 this one does the work itself.
    done : function of (key, Stored)
        Told of every finished point as it comes.
    """
    arguments = design.seed, design.folder, tuple(design.objectives)
    if n_workers == 1:
        for key, point in tasks.items():
            done(key, evaluated(design.problem, point, *arguments))
        return
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # workers share the cores already
    left = dict(tasks)
    while left:
        for suspect in _feed(design.problem, arguments, left, n_workers, done):
            for _ in range(TRIES_ALONE):  # alone, so that no other point is blamed for a death, and none dies with it
                if suspect in left:
                    alone = {suspect: left[suspect]}
                    _feed(design.problem, arguments, alone, 1, done)
                    if not alone:
                        del left[suspect]
            if suspect in left:
                done(suspect, Stored(left.pop(suspect), None, "its worker died each time", 0.0))


def _feed(problem, arguments, left, n_workers, done):
    """Evaluate what is left, each point taken out as it is finished; returns those under way when a worker died."""
    waiting, running = iter(list(left)), {}
    with ProcessPoolExecutor(n_workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            while True:
                while len(running) < AHEAD * n_workers and (key := next(waiting, None)) is not None:
                    running[pool.submit(evaluated, problem, left[key], *arguments)] = key
                if not running:
                    return []
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in sorted(finished, key=lambda one: one.exception() is not None):  # what is done counts
                    found = future.result()
                    key = running.pop(future)
                    del left[key]
                    done(key, found)
        except BrokenProcessPool:
            # The first of those under way were with the workers; the others only stood in the queue.
            return list(running.values())[: 2 * n_workers]


def on_cluster(design, tasks, address, done):
    """Evaluate points on a dask cluster, which hands a dead worker's points to the others; see `in_processes`.

    Raises
    ------
    InputError
        If ``distributed`` is not installed (extra ``explore``).
    ToolError
        If no scheduler answers at the address.
    """
    try:
        from distributed import Client, as_completed
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise InputError("A scheduler must have dask.distributed: pip install 'spinchip[explore]'") from None
    try:
        client = Client(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ToolError(f"Scheduler must answer at {address}, which it does not: {error}") from None
    arguments = design.seed, design.folder, tuple(design.objectives)
    with client, client.as_current():
        keys = {}
        for key, point in tasks.items():
            keys[client.submit(evaluated, design.problem, point, *arguments, key=f"spinchip-{key}", pure=False)] = key
        for future in as_completed(keys):
            try:
                found = future.result()
            except KilledWorker as error:
                found = Stored(tasks[keys[future]], None, f"worker died: {error}".splitlines()[0], 0.0)
            done(keys[future], found)
            future.release()
