"""Speeds of stochastic junctions: events and samples of telegraphs, steps of macrospins, arrays, the analog machine."""

from __future__ import annotations

import numpy as np

from ..emulator.devices.junction.card import SmtjCard, draw_population
from ..emulator.devices.junction.macrospin import MacrospinEnsemble
from ..emulator.devices.junction.magnet import EllipticLayer, Magnet
from ..emulator.devices.junction.telegraph import run_events, sample_at
from .documents import analog_machine, smtj_arrays
from .stopwatch import best_of

CARD = SmtjCard(tau0_s=1e-9, barrier_kT=4.0, cv_barrier=0.077)
COUNTS = (100, 1000, 10_000)
UPRIGHT = Magnet(1.1e6, 1e-24, 0.1, (0.0, 0.0, 0.03))
IN_PLANE = EllipticLayer(50e-9, 42e-9, 2e-9).magnet(8e5, 0.05)


def telegraph_rows(quick=False):
    """Return events and samples per second of processor time for numbers of junctions that vary."""
    counts = COUNTS[:2] if quick else COUNTS
    budget = 200_000 if quick else 10_000_000
    works, sizes = {}, {}
    for count in counts:
        junctions = draw_population(CARD, count, np.random.default_rng(1))
        end_s = budget / count * float(CARD.dwell_s(0.0)[0])
        rounds = max(1, budget // (100 * count))
        works[f"events, {count} junctions"] = lambda j=junctions, e=end_s: run_events(j, 0.0, [0.0, e], 1)
        sizes[f"events, {count} junctions"] = run_events(junctions, 0.0, [0.0, end_s], 1).n_events
        times_s = end_s / (100 * rounds) * np.arange(1, 100 * rounds + 1)
        works[f"samples, {count} junctions"] = lambda j=junctions, t=times_s: sample_at(j, 0.0, t, 1)
        sizes[f"samples, {count} junctions"] = times_s.size * count
    return _rows(works, sizes, quick, "1/s/core", f"{counts[0]} junctions")


def macrospin_rows(quick=False):
    """Return junction-steps per second of processor time, upright and in-plane layers, with and without torque."""
    n_junctions, n_steps = 256, 200 if quick else 20_000
    works = {}
    for name, magnet in (("upright", UPRIGHT), ("in-plane", IN_PLANE)):
        ensemble = MacrospinEnsemble(magnet, n_junctions, 1, torque_T=1e-4)
        works[f"steps, {name}"] = lambda e=ensemble: e.advance(n_steps)
        works[f"watched steps, {name}"] = lambda e=ensemble: e.watch(n_steps)
    return _rows(works, dict.fromkeys(works, n_junctions * n_steps), quick, "junction-steps/s/core", "upright")


def rows(quick=False):
    """Return all rows."""
    machines = [*smtj_arrays.speed_rows(quick), analog_machine.speed_row(quick=quick)]
    return telegraph_rows(quick) + macrospin_rows(quick) + machines


def _rows(works, sizes, quick, unit, peer):
    """Return a row for each work; the ratio is to the first row of its kind."""
    seconds = best_of(works, 1 if quick else 5)
    speeds = {name: sizes[name] / seconds[name] for name in works}
    first = {}
    for name, speed in speeds.items():
        first.setdefault(name.split(",")[0], speed)
    return [
        {"name": name, "value": speed, "unit": unit, "peer": peer, "ratio": speed / first[name.split(",")[0]]}
        for name, speed in speeds.items()
    ]
