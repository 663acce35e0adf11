"""An exploration: points from the search, results from the store or a worker, and their Pareto front."""

from __future__ import annotations

import os
import time

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import made_folder
from . import search
from .evaluators.kinds import check_problem
from .pareto import knee, pareto_front
from .runners import in_processes, on_cluster
from .store import Store

STORE = "points.sqlite"


def explore(design, out, workers=None, scheduler=None, on_point=None):
    """Explore a design space; what the store in ``out`` holds already is not computed again.

    Parameters
    ----------
    design : Design
        The design space.
    out : path
        Folder of the store.
    workers : int, optional
        Processes; as many as there are cores if absent.
    scheduler : str, optional
        Address of a dask scheduler, in place of processes.
    on_point : function of (int, int), optional
        Told of every finished point: how many are done, and how many there are so far.

    Returns
    -------
    dict
        ``points``, ``pareto``, ``failed``, and what stands beside them; see `outcome`.
    """
    check_problem(design)
    workers = os.cpu_count() if workers is None else workers
    if workers < 1:
        raise InputError(f"Workers must be 1 or more, not {workers!r}")
    folder = made_folder(out)
    started = time.perf_counter()
    with Store(folder / STORE) as store:
        runner = _Runner(design, store, workers, scheduler, on_point)
        if design.method == "nsga2":
            points = runner.bred()
        else:
            points = search.grid(design) if design.method == "grid" else search.latin_hypercube(design)
            runner.run(points)
        result = outcome(design, store, points)
    return result | {"computed": runner.n_computed, "seconds": time.perf_counter() - started}


class _Runner:
    """Sends points to workers, and their results into the store."""

    def __init__(self, design, store, workers, scheduler, on_point):
        self.design, self.store, self.workers, self.scheduler = design, store, workers, scheduler
        self.on_point, self.n_computed, self.n_asked, self.n_done = on_point, 0, 0, 0

    def run(self, points):
        """Compute those points that the store does not hold."""
        held = self.store.keys()
        tasks = {self.design.key(point): point for point in points}
        self.n_asked += len(tasks)
        self.n_done += len(tasks.keys() & held)
        tasks = {key: point for key, point in tasks.items() if key not in held}
        if not tasks:
            return
        if self.scheduler is not None:
            on_cluster(self.design, tasks, self.scheduler, self._done)
        else:
            in_processes(self.design, tasks, min(self.workers, len(tasks)), self._done)

    def bred(self):
        """Run the genetic search, generation by generation; returns all its points."""
        generations, points, answers = search.generations(self.design), {}, None
        while True:
            try:
                asked = generations.send(answers)
            except StopIteration:
                return list(points.values())
            self.run(asked)
            answers = {}
            for point in asked:
                key = self.design.key(point)
                points[key] = point
                stored = self.store.get(key)
                if stored.result is not None:
                    answers[key] = [stored.result[name] for name in self.design.objectives]

    def _done(self, key, stored):
        self.store.put(key, stored)
        self.n_computed += 1
        self.n_done += 1
        if self.on_point is not None:
            self.on_point(self.n_done, self.n_asked)


def outcome(design, store, points):
    """Return what was found of points, all of them in the store.

    Returns
    -------
    dict
        ``name``, ``objectives``; ``points`` with ``point``, ``result`` and whether nothing beats them; ``pareto``, the
        numbers of those that nothing beats, in order of the first objective; ``knee``, the number of the front's bend,
        for two objectives; ``failed`` with ``point`` and ``error``.
    """
    rows, failed = [], []
    for point in points:
        stored = store.get(design.key(point))
        if stored.result is None:
            failed.append({"point": point, "error": stored.error})
        else:
            rows.append({"point": point, "result": stored.result, "seconds": stored.seconds})
    signs = np.array([1.0 if sense == "min" else -1.0 for sense in design.objectives.values()])
    found = {"name": design.name, "objectives": design.objectives, "points": rows, "pareto": [], "knee": None}
    if rows:
        values = signs * np.array([[row["result"][name] for name in design.objectives] for row in rows])
        front = pareto_front(values)
        order = [int(k) for k in np.lexsort(values.T[::-1]) if front[k]]
        found["pareto"] = order
        if len(signs) == 2 and len(order) > 2:
            found["knee"] = order[knee(values[order, 0], values[order, 1])]
        for k, row in enumerate(rows):
            row["is_best"] = bool(front[k])
    return found | {"failed": failed}
