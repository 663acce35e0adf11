"""Rows of the workload on hardware: the state read by a crossbar, and how long machines take to an error."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from ..workload_row import row
from .crossbar_inference import AnalogRead, analog_state
from .hamiltonian import Heisenberg
from .lattice import Lattice
from .local_energy import local_energies
from .monitor import mixing_of
from .rbm import published_rbm
from .sampling import Plan, draw_gibbs, draw_metropolis

SLIDES = "source slides"
PBIT_S = 1e-9  # Source: the slides, a flip of an sMTJ
PRODUCT_S = (4e-9, 100e-9)  # Source: the slides, a product in memory
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


def projection_rows(sizes, seed):
    """Return how much sooner p-bits with products in memory reach an error than serial flips on this processor.

    Both need 2 tau var / eps^2 steps. A step of the p-bits is two products and two flips; a flip of the processor is
    measured here, one core. Kept states alone, as the published table counts them, and all sweeps.
    """
    rows = []
    for n in sizes:
        rbm, model = published_rbm(n, 2), Heisenberg(Lattice((int(np.sqrt(n)),) * 2))
        kept, sweeps = _memory(model, rbm, draw_gibbs(rbm, Plan(32, 300, 100, True), seed))
        started = time.process_time()
        flips = draw_metropolis(rbm, Plan(8, 200, 20, True), seed, per_sweep=4.0)
        flip_s = (time.process_time() - started) / (8 * (20 * n + 200 * max(1, round(n / 4.0))))
        serial, per_record = _memory(model, rbm, flips)
        attempts = serial * per_record * n
        for counting, steps in (("kept", kept), ("all sweeps", kept * sweeps)):
            fast, slow = (attempts * flip_s / (steps * 2.0 * (one + PBIT_S)) for one in PRODUCT_S)
            name = f"projected speed-up, N = {n}, products of 100 ... 4 ns, {counting}"
            source = f"flip {1e6 * flip_s:.2f} us measured; p-bit and product from the {SLIDES}"
            rows.append(
                row(name, f"{slow:.0f} ... {fast:.0f}", "100 ... 10000" if n == sizes[-1] else None, source, True)
            )
    return rows


def _memory(model, rbm, drawn):
    """Return tau in records, 1/2 + sum rho, and sweeps a record."""
    local = local_energies(model, rbm, drawn.flat).reshape(drawn.spins.shape[:2])
    return 0.5 * mixing_of(local, drawn.spins).tau, drawn.sweeps_per_record
