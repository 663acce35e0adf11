"""Frames a second that a page of the scope gets of 512 p-bits, through the server."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

from ..emulator.instances.resolve import resolve
from ..sim.samplers.by_name import backend
from ..sim.scope.live import LiveSampler
from ..sim.scope.server import Scope

GLASS, BETA, SWEEPS, SEED = "[ea3d L=8 seed=1]", 0.8, 10, 1
WANTED = 20.0  # frames/s
BACKENDS = ("reference", "golden", "smtj", "crossbar")
WALL_S, MOST_FPS, SETTLED = 4.0, 1000.0, 5


def frames_per_s(name, wall_s):
    """Return frames a second that a client reads from the stream of a backend, the first few left out."""
    live = LiveSampler(backend(name), resolve(GLASS), BETA, SWEEPS, SEED)
    live.frame()  # compiled kernels are loaded
    with Scope(live, 0, MOST_FPS) as scope:
        connection = http.client.HTTPConnection(urlsplit(scope.url).netloc, timeout=30)
        connection.request("GET", "/stream")
        answer, ends = connection.getresponse(), []
        started = time.perf_counter()
        while len(ends) < SETTLED + 2 or time.perf_counter() - started < wall_s:
            if answer.readline().startswith(b"data: "):
                ends.append(time.perf_counter())
        connection.close()
    kept = ends[SETTLED:]
    return (len(kept) - 1) / (kept[-1] - kept[0])


def rows(quick=False):
    """Return the rows; wall time, which is what a person sees.

    Parameters
    ----------
    quick : bool
        A quarter of the time.

    Returns
    -------
    list of dict
        ``name, value, unit, peer, ratio``.
    """
    made = []
    for name in BACKENDS:
        speed = frames_per_s(name, WALL_S / 4 if quick else WALL_S)
        label = f"scope, 512 p-bits, {SWEEPS} sweeps a frame, {name}"
        made.append(
            {"name": label, "value": speed, "unit": "frames/s", "peer": f"{WANTED:g} wanted", "ratio": speed / WANTED}
        )
    return made
