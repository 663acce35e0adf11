"""Speed of the reference backends beside other samplers: updates per second of one core, in one run, as ratios."""

from __future__ import annotations

import numpy as np

from ..emulator.instances.generators.by_name import generate
from ..emulator.reference.bitsliced import BitSlicedSampler
from ..emulator.reference.sampler import ReferenceSampler
from ..emulator.spec.schedule import Recording, Schedule
from .gibbs_scaling import memory_rows, scaling_rows
from .interleave import Contender, interleave, one_core
from .peers import N_ENERGIES, find_peers

BETA, SIDE, SEED = 0.8, 32, 1
UNIT = "updates/s/core"


def own(name, sampler, n_chains, instance, beta):
    """Return one of our backends as a contender; nothing is recorded but the last states."""

    def run(n_sweeps, seed):
        recording = Recording(after=n_sweeps, spins=False)
        samples = sampler.sample(instance, Schedule.constant(beta, n_sweeps), n_chains, seed, recording)
        return instance.energies(samples.final_spins[:N_ENERGIES])

    mode = f"{type(sampler).__name__}, {n_chains} chain{'s' if n_chains > 1 else ''}"
    return Contender(name, mode, instance.n_spins * n_chains, run)


def own_contenders(instance, beta):
    """Return our backends in the modes that are compared."""
    single, double = ReferenceSampler(), ReferenceSampler("float64")
    return [
        own("spinchip bit-sliced", BitSlicedSampler(), 512, instance, beta),
        own("spinchip float32", single, 64, instance, beta),
        own("spinchip float64", double, 64, instance, beta),
        own("spinchip float32, one chain", single, 1, instance, beta),
    ]


def energy_agreement(contenders, instance, n_sweeps, n_runs):
    """Return mean energy per spin of each contender, its standard error over independent chains, and the count.

    Every program starts in a state of its own choice and runs ``n_sweeps``; only last states are used.
    """
    found = {}
    for one in contenders:
        energies = []
        for seed in range(100, 100 + n_runs):
            energies.extend(one.run(n_sweeps, seed) / instance.n_spins)
            if len(energies) >= n_runs:
                break
        found[one.name] = (float(np.mean(energies)), float(np.std(energies, ddof=1) / np.sqrt(len(energies))))
    return found


def speed_row(name, speed, mode, energy, peer=None):
    """Return one row of the table; ratios are best by best, and the median of the rounds' own ratios."""
    row = {"name": name, "value": speed.best, "unit": UNIT, "peer": None, "ratio": None, "median": speed.median}
    row |= {"mode": mode, "energy_per_spin": energy[0], "energy_se": energy[1]}
    if peer is not None:
        peer_name, other = peer
        ratios = speed.rounds / other.rounds
        row |= {"peer": peer_name, "ratio": speed.best / other.best, "ratio_median": float(np.median(ratios))}
    return row


def speed_rows(quick=False):
    """Return the rows of all peers and of our backends, on the periodic 3D +-J glass.

    Parameters
    ----------
    quick : bool
        A smaller glass, fewer and shorter rounds: shows that it works, not how fast.
    """
    instance = generate("ea3d", L=12 if quick else SIDE, seed=SEED, boundary="periodic")
    peers, absent = find_peers(instance, BETA)
    contenders = peers + own_contenders(instance, BETA)
    speeds = interleave(contenders, n_rounds=2 if quick else 9, seconds=0.05 if quick else 0.5)
    energies = energy_agreement(contenders, instance, *((200, 2) if quick else (3000, 16)))
    fastest = max((one.name for one in peers), key=lambda name: speeds[name].best, default=None)
    peer = (fastest, speeds[fastest]) if fastest else None
    rows = [speed_row(one.name, speeds[one.name], one.mode, energies[one.name]) for one in peers]
    rows += [
        {"name": name, "value": None, "unit": UNIT, "peer": None, "ratio": None, "mode": "absent"} for name in absent
    ]
    rows += [
        speed_row(one.name, speeds[one.name], one.mode, energies[one.name], peer) for one in contenders[len(peers) :]
    ]
    return rows


def rows(quick=False):
    """Return every row of ``bench gibbs``: speeds, cost against size, memory.

    Parameters
    ----------
    quick : bool
        Seconds instead of minutes; the figures are then no measurement.

    Returns
    -------
    list of dict
        Keys name, value, unit, peer, ratio, and more.
    """
    with one_core():
        return speed_rows(quick) + scaling_rows(quick) + memory_rows(quick)
