"""Processor time of a piece of work, the least of some runs: other programs on a shared machine count less."""

from __future__ import annotations

import time

ROUNDS = 3


def least_processor_s(work):
    """Run ``work`` once to warm up and `ROUNDS` times more; return the least processor time of a run [s].

    Time of this process alone, threads included: work that starts other programs is timed by `benchmarks.stopwatch`.
    """
    work()
    found = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)
