"""Processor time of a piece of work, its children's included: other programs on a shared machine count less."""

from __future__ import annotations

import resource


def processor_seconds(work):
    """Run ``work`` and return the processor time that it and the programs it started took [s]."""
    before = _spent()
    work()
    return _spent() - before


def best_of(works, rounds):
    """Return the least processor time of each piece of work over interleaved rounds [s].

    Parameters
    ----------
    works : dict of str to callable
        Each is run once to warm up, then once a round, all in turn.
    rounds : int
        Number of rounds.

    Returns
    -------
    dict of str to float
    """
    for work in works.values():
        work()
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            best[name] = min(best[name], processor_seconds(work))
    return best


def _spent():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
