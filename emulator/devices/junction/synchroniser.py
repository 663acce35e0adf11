"""Junctions as an FPGA sees them: sampled by its clock, with metastable outcomes at a flip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError
from ...spec.seeds import child_seed
from .telegraph import sample_at

CHUNK = 1 << 15  # cycles at a time, so that drives of all junctions stay small


@dataclass(frozen=True)
class Sampling:
    """How junctions are sampled.

    Parameters
    ----------
    clock_s : float
        Period of the clock [s].
    aperture_s : float
        Time before an edge in which a flip leaves the first flip-flop undecided [s]; it then settles to either side
        with equal odds. A junction in equilibrium looks the same backwards in time: it flipped that shortly ago with
        the chance 1 - exp(-rate t), rate being that of its present state. Its state one clock before is not asked.
    common_sd : float
        Standard deviation of a drive that all junctions share, drawn anew every clock [drive unit].

    Raises
    ------
    InputError
        If the period is not above 0, or another number is negative.
    """

    clock_s: float
    aperture_s: float = 0.0
    common_sd: float = 0.0

    def __post_init__(self):
        if not self.clock_s > 0:
            raise InputError(f"Clock period must be above 0 s, not {self.clock_s!r}")
        for label, value in (("Aperture", self.aperture_s), ("Common noise", self.common_sd)):
            if not value >= 0:
                raise InputError(f"{label} must be 0 or above, not {value!r}")


def synchronised_bits(junctions, drive, sampling, n_cycles, seed, n_devices=None):
    """Return what synchronisers make of free-running junctions.

    Parameters
    ----------
    junctions : SmtjCard or SmtjPopulation
        Junctions that are sampled.
    drive : array_like, broadcast to (n_devices,), float64
        Constant drive [drive unit].
    sampling : Sampling
        Clock, aperture, common noise.
    n_cycles : int
        Number of clock cycles.
    seed : int
        Seed of junctions, noise and metastable outcomes.
    n_devices : int, optional
        Number of devices of a card; a population knows its own.

    Returns
    -------
    ndarray, shape (n_cycles, n_devices), uint8
    """
    n_devices = getattr(junctions, "n_devices", None) or n_devices or 1
    rng, state, parts = np.random.default_rng([seed, 1]), None, []
    for part, first in enumerate(range(0, n_cycles, CHUNK)):
        count = min(CHUNK, n_cycles - first)
        drives = np.broadcast_to(np.asarray(drive, dtype=np.float64), (n_devices,))[None, :]
        drives = drives + sampling.common_sd * rng.standard_normal((count, 1))
        times_s = sampling.clock_s * np.arange(1, count + 1)
        own = child_seed(seed, "part", part) if part else seed
        states = sample_at(junctions, drives, times_s, own, n_devices, state)
        state = states[-1]
        bits = (states > 0).astype(np.uint8)
        if sampling.aperture_s > 0:
            up, down = junctions.rates_Hz(junctions.reduced_drive(drives))
            chance = -np.expm1(-np.where(states > 0, down, up) * sampling.aperture_s)
            undecided = rng.random(bits.shape) < chance
            bits = np.where(undecided, rng.integers(0, 2, bits.shape, dtype=np.uint8), bits)
        parts.append(bits)
    return np.concatenate(parts)
