"""Umbrella sampling of a dimer: windows along its bond that exchange states; the reference where no quadrature is."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from .dimer import BOX, PIN, RADIUS, WALL

STIFFNESS = 500.0  # kT: a window is as wide as half the step to the next
LENGTHS = np.linspace(0.75, 2.25, 24)
SPREAD, SPREAD_OF_ENDS = 0.22, 0.08  # half the width of a move, of a disc and of an end of the dimer


@dataclass(frozen=True, eq=False)
class UmbrellaRun:
    """What windows have seen.

    Parameters
    ----------
    centres : ndarray, shape (n_windows,), float64
        Lengths that windows hold the bond to.
    lengths : ndarray, shape (n_windows, n_records), float64
        Length of the bond at every record.
    states : ndarray, shape (n_windows, n_kept, d), float64
        Points, for those records that keep them.
    kept_every : int
        Records from one kept point to the next.
    exchanged : float
        Share of exchanges that were accepted.
    temperature : float
        Temperature of all windows.
    """

    centres: np.ndarray
    lengths: np.ndarray
    states: np.ndarray
    kept_every: int
    exchanged: float
    temperature: float

    def bias(self, lengths):
        """Return each window's bias over T; shape (n_windows, *lengths.shape)."""
        away = np.asarray(lengths)[None] - self.centres.reshape(-1, *[1] * np.ndim(lengths))
        return 0.5 * STIFFNESS * away**2


def run_umbrella(system, n_sweeps, seed, temperature=1.0, record_every=10, kept_every=10):
    """Run all windows, each from its own start, the first tenth not recorded.

    Parameters
    ----------
    system : SolvatedDimer
        The dimer among its discs.
    n_sweeps : int
        Moves of every disc in every window.
    seed : int
        Seed of moves and exchanges.
    temperature : float
        Temperature.
    record_every : int
        Sweeps from one record, and one round of exchanges, to the next.
    kept_every : int
        Records from one kept point to the next.

    Returns
    -------
    UmbrellaRun
    """
    rng = np.random.default_rng([seed, 17])
    states = np.stack([system.start(length) for length in LENGTHS])
    seeds = rng.integers(1 << 62, size=len(LENGTHS)).astype(np.uint64)
    n_records, n_burn = n_sweeps // record_every, n_sweeps // record_every // 10
    lengths, kept, taken = np.empty((len(LENGTHS), n_records)), [], []
    for record in range(n_burn + n_records):
        _sweep(states, LENGTHS, seeds, record_every, system.slope, temperature)
        seen = system.coordinate(states)
        taken.append(_exchange(states, seen, record % 2, rng))
        if record >= n_burn:
            lengths[:, record - n_burn] = system.coordinate(states)
            if (record - n_burn) % kept_every == 0:
                kept.append(states.copy())
    return UmbrellaRun(LENGTHS, lengths, np.stack(kept, axis=1), kept_every, float(np.mean(taken)), temperature)


def _exchange(states, lengths, parity, rng):
    """Exchange states of neighbouring windows by Metropolis' rule; returns the share accepted."""
    left = np.arange(parity, len(LENGTHS) - 1, 2)
    right = left + 1
    here = (lengths[left] - LENGTHS[left]) ** 2 + (lengths[right] - LENGTHS[right]) ** 2
    there = (lengths[right] - LENGTHS[left]) ** 2 + (lengths[left] - LENGTHS[right]) ** 2
    accepted = np.log(rng.random(len(left))) < 0.5 * STIFFNESS * (here - there)
    one, two = left[accepted], right[accepted]
    states[np.concatenate([one, two])] = states[np.concatenate([two, one])]
    return accepted.mean()


@numba.njit(cache=True)
def _uniform(state):
    """Return the next number in [0, 1) of splitmix64 and its new state."""
    state += np.uint64(0x9E3779B97F4A7C15)
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * (1.0 / (1 << 53)), state


@numba.njit(cache=True)
def _local(places, i, x, y, slope):
    """Return the energy that disc i would have at (x, y), all others in place."""
    total = 0.0
    for j in range(len(places) // 2):
        if j != i and i + j != 1:
            square = (x - places[2 * j]) ** 2 + (y - places[2 * j + 1]) ** 2
            ratio = RADIUS**2 / square
            cube = ratio * ratio * ratio
            total += cube * cube
    total += WALL * (max(abs(x) - BOX, 0.0) ** 2 + max(abs(y) - BOX, 0.0) ** 2)
    if i < 2:
        other = 1 - i
        d0 = 2.0 * (np.hypot(x - places[2 * other], y - places[2 * other + 1]) - 1.5)
        total += slope * d0 - 25.0 * d0**2 + 10.0 * d0**4
        total += PIN * ((x + places[2 * other]) ** 2 + y**2)
    return total


@numba.njit(cache=True)
def _sweep(states, centres, seeds, n_sweeps, slope, temperature):
    """Move every disc of every window ``n_sweeps`` times by Metropolis' rule, the bias holding the bond."""
    for k in range(len(states)):
        places, word = states[k], seeds[k]
        for _ in range(n_sweeps):
            for i in range(len(places) // 2):
                a, word = _uniform(word)
                b, word = _uniform(word)
                c, word = _uniform(word)
                half = SPREAD_OF_ENDS if i < 2 else SPREAD
                x, y = places[2 * i] + half * (2.0 * a - 1.0), places[2 * i + 1] + half * (2.0 * b - 1.0)
                change = _local(places, i, x, y, slope) - _local(places, i, places[2 * i], places[2 * i + 1], slope)
                change /= temperature
                if i < 2:
                    o = 1 - i
                    new = np.hypot(x - places[2 * o], y - places[2 * o + 1]) - centres[k]
                    old = np.hypot(places[0] - places[2], places[1] - places[3]) - centres[k]
                    change += 0.5 * STIFFNESS * (new**2 - old**2)
                if c < np.exp(-min(change, 700.0)) if change > 0 else True:
                    places[2 * i], places[2 * i + 1] = x, y
        seeds[k] = word
