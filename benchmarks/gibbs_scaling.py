"""Cost of an update against the number of spins, and memory."""

from __future__ import annotations

import resource
import tracemalloc

from ..emulator.instances.generators.by_name import generate
from ..emulator.reference.bitsliced import BitSlicedSampler
from ..emulator.reference.sampler import ReferenceSampler
from ..emulator.spec.schedule import Recording, Schedule

SIDES = (10, 22, 46, 100)  # 1e3 ... 1e6 spins; even, so that two colours do
BACKENDS = {
    "float32": (ReferenceSampler, 64),
    "bit-sliced": (BitSlicedSampler, 512),
    "float32, one chain": (ReferenceSampler, 1),
}
BETA = 0.8


def _sample(sampler, instance, n_chains, n_sweeps):
    """Run without records."""
    recording = Recording(after=n_sweeps, spins=False)
    return sampler.sample(instance, Schedule.constant(BETA, n_sweeps), n_chains, seed=1, recording=recording)


def _ns_per_update(sampler, instance, n_chains, n_updates):
    """Return the wall time of one update [ns]."""
    n_sweeps = max(2, n_updates // (instance.n_spins * n_chains))
    ledger = _sample(sampler, instance, n_chains, n_sweeps).ledger
    return 1e9 * ledger.wall_seconds / ledger.events["updates"]


def scaling_rows(quick=False):
    """Return the cost of an update for each backend and size, best of interleaved rounds, beside the smallest size."""
    sides = SIDES[:2] if quick else SIDES
    instances = {side: generate("ea3d", L=side, seed=1, boundary="periodic") for side in sides}
    budget = 2_000_000 if quick else 400_000_000
    best = {}
    for _ in range(2 if quick else 7):
        for label, (sampler, n_chains) in BACKENDS.items():
            updates = budget * (8 if n_chains == 512 else 1) // (8 if n_chains == 1 else 1)
            for side, instance in instances.items():
                cost = _ns_per_update(sampler(), instance, n_chains, updates)
                best[label, side] = min(cost, best.get((label, side), cost))
    return [
        {
            "name": f"{label}, {side**3} spins",
            "value": best[label, side],
            "unit": "ns/update/core",
            "peer": f"{sides[0] ** 3} spins",
            "ratio": best[label, side] / best[label, sides[0]],
        }
        for label in BACKENDS
        for side in sides
    ]


def memory_rows(quick=False):
    """Return the memory that a run allocates beyond its instance, per spin and chain, its answer included."""
    instance = generate("ea3d", L=10 if quick else 64, seed=1, boundary="periodic")
    rows = []
    for label, (sampler, n_chains) in BACKENDS.items():
        _sample(sampler(), instance, n_chains, 1)  # compiled, coloured, and cached
        tracemalloc.start()
        _sample(sampler(), instance, n_chains, 1)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        per_spin = peak / instance.n_spins / n_chains
        rows.append(
            {"name": f"peak memory, {label}", "value": per_spin, "unit": "B/spin/chain", "peer": None, "ratio": None}
        )
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    rows.append({"name": "peak resident, this run", "value": resident, "unit": "B", "peer": None, "ratio": None})
    return rows
