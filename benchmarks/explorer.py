"""What the explorer itself costs a point, how two workers share the work, and ten thousand points that are resumed."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from ..sim.codesign.design import Design, Parameter
from ..sim.codesign.exploration import explore

TARGET_S = 5e-3
WORK_S, SETTLED = 0.05, 10


def work(point, seed):
    """Keep one core busy for as long as the point says, and be worth its number."""
    del seed
    until = time.process_time() + point["busy_s"]
    while time.process_time() < until:
        pass
    return {"cost": float(point["x"])}


def design(n_points, busy_s):
    """Return a design of that many points, each of that much work [s]."""
    axes = Parameter("x", tuple(range(n_points))), Parameter("busy_s", (busy_s,))
    return Design("bench", {"kind": "python", "function": f"{__name__}:work"}, axes, {"cost": "min"})


def timed(n_points, busy_s, workers, folder):
    """Return the wall time of a point once work is under way, of the whole, and how many points were computed.

    Between the tenth and the last point: before that, workers start.
    """
    ends, started = [], time.perf_counter()
    result = explore(design(n_points, busy_s), folder, workers, on_point=lambda *_: ends.append(time.perf_counter()))
    spent = time.perf_counter() - started
    assert len(result["points"]) == n_points
    pace = (ends[-1] - ends[SETTLED - 1]) / (n_points - SETTLED) if ends else 0.0
    return pace, spent, result["computed"]


def rows(quick=False):
    """Return the rows; wall time, for workers are what is measured.

    Parameters
    ----------
    quick : bool
        A tenth of the points.

    Returns
    -------
    list of dict
        ``name, value, unit, peer, ratio``.
    """
    many, some = (1000, 60) if quick else (10_000, 300)
    with tempfile.TemporaryDirectory() as folder:
        alone, whole, _ = timed(many, 0.0, 1, Path(folder) / "alone")
        _, again, computed = timed(many, 0.0, 1, Path(folder) / "alone")
        assert computed == 0
        shared, _, _ = timed(many, 0.0, 2, Path(folder) / "shared")
        one, _, _ = timed(some, WORK_S, 1, Path(folder) / "one")
        two, _, _ = timed(some, WORK_S, 2, Path(folder) / "two")
    name, allowed = f"explorer, {many} points of no work", f"{1e3 * TARGET_S:g} ms allowed"
    return [
        _row(f"{name}, one process", 1e3 * alone, "ms/point", allowed, TARGET_S / alone),
        _row(f"{name}, two workers", 1e3 * shared, "ms/point", allowed, TARGET_S / shared),
        _row(f"explorer, the same {many} points again, all in the store", again, "s", "computing them", whole / again),
        _row(f"explorer, points of {1e3 * WORK_S:g} ms, two workers", 1e3 * two, "ms/point", "one process", one / two),
    ]


def _row(name, value, unit, peer, ratio):
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio}
