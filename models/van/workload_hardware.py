"""Rows of the workload on hardware in the loop, and on what an independent state costs beside Gibbs sampling."""

from __future__ import annotations

import time

import numpy as np

from ...emulator.ledger.hermes import SIZE, array_joules, hermes
from ...emulator.reference.sampler import ReferenceSampler
from ...emulator.spec.instance import IsingInstance
from ...emulator.spec.schedule import Recording, Schedule
from ...emulator.stats.autocorrelation import integrated_time
from ..workload_row import below, fact, row
from .directed_pbits import DirectedHardware
from .exact import enumerated, sk_couplings
from .fine_tuning import fine_tune, hardware_free_energy
from .training import VanPlan, train_van

DAY_S = 86400.0
LOOPS = (
    ("3-bit weights", DirectedHardware(weight_bits=3)),
    ("p-bit slope 1.5", DirectedHardware(slope=1.5)),
    ("phase-change cells, a day later", DirectedHardware(device_name="pcm_ibm", after_s=DAY_S)),
)
N_STATES, MACHINES = 20_000, range(900, 908)


def loop_rows(seed, beta=2.0):
    """Return relative errors of the hardware's free energy before and after training with it in the loop."""
    couplings = sk_couplings(20, 1)
    plan = VanPlan(tuple(np.round(np.arange(0.1, beta + 0.01, 0.1), 3).tolist()))
    network, exact = train_van(couplings, plan, seed)[beta], enumerated(couplings, (beta,))[0].free_energy
    rows = []
    for name, hardware in LOOPS:
        tuned = fine_tune(network, hardware, couplings, beta, VanPlan((beta,), 300, 1000, 0.01), seed)
        before, after = (
            abs(hardware_free_energy(one, hardware, couplings, beta, N_STATES, MACHINES) / exact - 1.0)
            for one in (network, tuned)
        )
        label = f"SK-20, beta {beta:g}, {name}: relative error of F_q after 300 steps in the loop ({before:.4f} before)"
        rows.append(below(label, after, 0.6 * before, "the same hardware before"))
    return rows


def cost_rows(seed, betas=(0.5, 1.0, 2.0)):
    """Return states per second, clocks and joules of an independent state, directed and by Gibbs sampling.

    Directed p-bits need one row read and one draw a spin. Gibbs sampling of all-to-all couplings needs the same for
    every update, and 2 tau sweeps for one independent state: tau of the energy, the least that one could ask.
    """
    couplings, n = sk_couplings(20, 1), 20
    instance = IsingInstance(couplings, np.zeros(n), name="SK-20")
    network = train_van(couplings, VanPlan((0.5,)), seed)[0.5]
    network.sample(10, seed)
    started = time.process_time()
    network.sample(100_000, seed)
    directed_per_s = 100_000 / (time.process_time() - started)
    rows = [fact("SK-20, independent states/s of directed p-bits, one core", directed_per_s)]
    tile = hermes(1)
    read_J = (
        tile.bill(tile.trace(), array_joules()).total_J[1] / SIZE
    )  # one row of a core, its columns' clocks included
    rows.append(fact("SK-20, joules of an independent state by row reads of HERMES", n * read_J, f"{n} rows, traced"))
    rows.append(fact("SK-20, clocks of an independent state on the dense fabric", 2.0 * n))
    for beta in betas:
        sampler, schedule = ReferenceSampler(), Schedule.constant(beta, 20_000)
        started = time.process_time()
        energies = sampler.sample(instance, schedule, 8, seed, Recording(500, 1, spins=False)).energies
        sweeps_per_s = 8 * 20_000 / (time.process_time() - started)
        sweeps = max(1.0, integrated_time(energies, min_length=0.0))
        name = f"SK-20, beta {beta:g}: Gibbs sweeps an independent energy needs, 2 tau"
        clocks = f"{sweeps * 2 * n:.0f} clocks, {sweeps * n * read_J:.2e} J, {sweeps_per_s / sweeps:.3g} states/s"
        rows.append(row(name, float(sweeps), None, f"measured; {clocks}", True))
    return rows
