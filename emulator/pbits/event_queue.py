"""A binary heap of times with the place of each entry known, so that any entry can be moved; for kernels."""

from typing import NamedTuple

import numpy as np
from numba import njit


class EventQueue(NamedTuple):
    """Next time of each of n clocks.

    Parameters
    ----------
    times : ndarray, shape (n,), float64
        Time of the next event of each clock [s].
    heap, places : ndarray, shape (n,), int64
        Clocks in heap order, and where each stands.
    """

    times: np.ndarray
    heap: np.ndarray
    places: np.ndarray


def event_queue(n):
    """Return a queue of n clocks, all at infinity."""
    return EventQueue(np.full(n, np.inf), np.arange(n), np.arange(n))


@njit(cache=True)
def move(queue, clock, time):
    """Give a clock another time, and restore the order: O(log n)."""
    times, heap, places = queue
    earlier = time < times[clock]
    times[clock] = time
    place = places[clock]
    if earlier:
        while place > 0:
            parent = (place - 1) >> 1
            other = heap[parent]
            if times[other] <= time:
                break
            heap[place] = other
            places[other] = place
            place = parent
    else:
        n = heap.size
        while True:
            child = 2 * place + 1
            if child >= n:
                break
            if child + 1 < n and times[heap[child + 1]] < times[heap[child]]:
                child += 1
            other = heap[child]
            if times[other] >= time:
                break
            heap[place] = other
            places[other] = place
            place = child
    heap[place] = clock
    places[clock] = place
