"""Rows of the workload on hardware: the state read by a crossbar, and what an error costs in time and energy."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from ...emulator.ledger.hermes import SIZE, array_joules, hermes
from ...emulator.ledger.processor import CORE_SOURCE, CORE_W
from ..workload_row import fact, row
from .crossbar_inference import AnalogRead, analog_state
from .hamiltonian import Heisenberg
from .lattice import Lattice
from .loop_training import retrain
from .memory import PER_SWEEP, memory_of
from .rbm import published_rbm
from .sampling import Plan, draw_metropolis

SLIDES = "source slides"
PBIT_S = 1e-9  # Source: the slides, a flip of an sMTJ
PRODUCT_S = (4e-9, 100e-9)  # Source: the slides, a product in memory
FLIP_J = (1e-15, 1e-14, 1e-12)  # of a p-bit, low, best, high: assumed, and small beside a product
ERROR = 1e-3  # relative, of the energy
COUNTINGS = {"kept": "kept", "sweeps": "all sweeps"}
DAY_S = 86400.0
READS = (
    ("exact devices, 8-bit ADC", AnalogRead("ideal", compensation="none")),
    ("rram_cmo", AnalogRead("rram_cmo")),
    ("pcm_ibm", AnalogRead("pcm_ibm")),
    ("pcm_ibm, four pairs", AnalogRead("pcm_ibm", n_pairs=4)),
    ("pcm_ibm, four pairs, a day later", AnalogRead("pcm_ibm", DAY_S, n_pairs=4)),
    ("pcm_ibm, four pairs, a day later, uncompensated", AnalogRead("pcm_ibm", DAY_S, compensation="none", n_pairs=4)),
)


def crossbar_rows(seed, n_machines=4):
    """Return the overlap of the published 16-site network with the exact state when a crossbar reads it."""
    rbm, model = published_rbm(16, 2), Heisenberg(Lattice((4, 4)))
    exact = replace(READS[0][1], input_bits=None, adc_bits=None)
    perfect = analog_state(model, rbm, exact, seed)
    name = "overlap of the 16-site network with the exact state, exact crossbar"
    ok = abs(perfect.overlap - perfect.overlap_of_network) < 1e-12
    rows = [row(name, perfect.overlap, perfect.overlap_of_network, "computed without a crossbar", ok)]
    for name, read in READS:
        found = [analog_state(model, rbm, read, seed + k) for k in range(n_machines)]
        overlap = np.array([one.overlap for one in found])
        label = f"overlap, {name} (energy error {np.mean([one.relative_error for one in found]):.3f})"
        error = float(overlap.std(ddof=1) / np.sqrt(n_machines))
        rows.append(row(label, float(overlap.mean()), None, "measured", overlap.mean() < perfect.overlap, error))
    return rows


def loop_rows(full, seed):
    """Return the energy error of the 16-site network on crossbars before and after retraining in the loop."""
    rbm, model, rows = published_rbm(16, 2), Heisenberg(Lattice((4, 4))), []
    n_machines = 3 if full else 2
    for name, read in (READS[1], READS[3], READS[5]) if full else (READS[1],):
        found = [retrain(model, rbm, read, seed + k).errors for k in range(n_machines)]
        before, after = (float(np.mean([one[end] for one in found])) for end in (0, -1))
        label = f"energy error after 60 steps in the loop, {name} ({before:.3f} before)"
        spread = float(np.std([one[-1] for one in found], ddof=1) / np.sqrt(n_machines))
        rows.append(row(label, after, f"< {before:.3g}", "the same crossbars before", after < before, spread))
    return rows


def projection_rows(sizes, seed):
    """Return how much sooner, and for how much less, p-bits with products in memory reach an error than this processor.

    Both need 2 tau var / eps^2 steps. A step of the p-bits is two products and two flips; an attempt of the processor
    is measured here, one core. Kept states alone, as the published table counts them, and all sweeps. A product takes
    what the slides say, and costs what the trace of HERMES says: whole tiles, however little of them is used.
    """
    rows = []
    for n in sizes:
        rbm = published_rbm(n, 2)
        found = memory_of(Heisenberg(rbm.lattice), rbm, Plan(32, 300, 100, True), seed)
        attempt_s = _attempt_s(rbm, seed)
        for counting in ("kept", "sweeps"):
            gain = attempt_s * found.steps(ERROR, "attempts") / found.steps(ERROR, counting)
            fast, slow = (gain / (2.0 * (one + PBIT_S)) for one in PRODUCT_S)
            name = f"projected speed-up, N = {n}, products of 100 ... 4 ns, {COUNTINGS[counting]}"
            source = f"attempt of {1e6 * attempt_s:.2f} us measured; p-bit and product from the {SLIDES}"
            reference = "100 ... 10000" if n == sizes[-1] else None
            point = {"sites": n, "counting": counting, "speedup": [slow, fast]}
            rows.append(row(name, f"{slow:.0f} ... {fast:.0f}", reference, source, True) | point)
        rows += _energy_rows(found, attempt_s)
    return rows


def _attempt_s(rbm, seed):
    """Return the processor time of one attempted exchange [s], after a first run for the compiler."""
    n = rbm.lattice.n_sites
    draw_metropolis(rbm, Plan(1, 1, 1, True), seed)
    started = time.process_time()
    draw_metropolis(rbm, Plan(8, 200, 20, True), seed, per_sweep=PER_SWEEP)
    return (time.process_time() - started) / (8 * (20 * n + 200 * max(1, round(n / PER_SWEEP))))


def _energy_rows(found, attempt_s):
    """Return joules to a relative error of 1e-3 on both machines, and their ratio, each with its range."""
    tile, n = hermes(1), found.n_sites
    n_tiles = int(np.ceil(n / SIZE) * np.ceil(2 * n / SIZE))
    products_J = np.array(tile.bill(tile.trace(), array_joules()).total_J) * 2 * n_tiles
    machine = (products_J + 3 * n * np.array(FLIP_J)) * found.steps(ERROR, "sweeps")
    processor = np.array(CORE_W) * attempt_s * found.steps(ERROR, "attempts")
    ratio = np.array([processor[0] / machine[2], processor[1] / machine[1], processor[2] / machine[0]])
    where = f"to a relative error of {ERROR:g}, N = {n}"
    parts = f"{n_tiles} whole tiles at the traced price of HERMES, {1e15 * FLIP_J[1]:.0f} fJ a flip assumed"
    return [
        fact(f"joules {where}, processor", processor[1], CORE_SOURCE),
        fact(f"joules {where}, crossbar and p-bits, all sweeps", machine[1], parts),
        row(f"joules of the processor over the machine's, {where}", _span(ratio), "1e5 (slides)", "both ranges", True),
    ]


def _span(values):
    low, best, high = values
    return f"{best:.3g} ({low:.2g} ... {high:.2g})"
