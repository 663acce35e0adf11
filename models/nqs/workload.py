"""Neural quantum states as a workload: exact references, the mapping, published networks, training, and memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...emulator.golden.fabric.sampler import GoldenSampler
from ...emulator.pbits.clocked import SmtjSampler
from ...emulator.reference.sampler import ReferenceSampler
from ...emulator.spec.schedule import Recording, Schedule
from ..workload_row import below, measured, near
from ..workload_row import row as any_row
from .hamiltonian import Heisenberg, TransverseIsing, exact_ground_state
from .lattice import Lattice
from .local_energy import exact_energy, local_energies
from .mapping import enumerated_marginal, ising_of
from .rbm import published_rbm, random_rbm
from .references import CARLEO_TROYER, FABIANI, QMC_HEISENBERG, heisenberg_chain_energy, ising_chain_energy
from .sampling import Plan, draw_on
from .training import TrainingPlan, measure, train
from .workload_classical import classical_rows
from .workload_dynamics import dynamics_rows
from .workload_hardware import crossbar_rows, loop_rows, projection_rows
from .workload_memory import frozen_rows, memory_rows, order_rows, penalty_rows, settling_rows
from .workload_reweighting import reweighting_rows
from .workload_sparse import sparse_rows

SEED = 1
BERNS = "arXiv:2504.18359"
SETTLING = (TrainingPlan(300, 0.01), TrainingPlan(150, 0.003, n_records=400, shift_first=1e-3))
# side, alpha and L2 term of the squares
SQUARES = {
    (6, 1, 0.0): SETTLING,
    (6, 2, 0.005): SETTLING,
    (6, 4, 0.02): SETTLING,
    (10, 2, 0.005): (TrainingPlan(500, 0.01),),
}
ONE_STAGE = (TrainingPlan(500, 0.05),)
# The critical ring goes on with more states and less regularisation: its last digits lie in flat directions.
CRITICAL = (
    TrainingPlan(600, 0.1),
    TrainingPlan(300, 0.1, n_records=200, ridge=1e-4),
    TrainingPlan(300, 0.05, n_records=400, ridge=1e-5),
)
RINGS = {(0.5, 1): ONE_STAGE, (0.5, 2): ONE_STAGE, (1.0, 1): ONE_STAGE, (1.0, 2): CRITICAL, (2.0, 1): ONE_STAGE}


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        Also 6 x 6 and 10 x 10 Heisenberg, chains of 80 sites, the network of 484 sites: twenty minutes.
    seed : int
        Seed of all chains and trainings.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se``, ``reference``, ``source``, ``ok``.
    """
    far = 484 if full else 100
    parts = [
        reference_rows() + network_rows() + sampled_rows(seed) + training_rows(seed),
        memory_rows(full, seed) + order_rows(full, seed) + frozen_rows(seed),
        frustrated_rows(seed) + sparse_rows(seed) + classical_rows(seed),
        dynamics_rows(full, seed) + reweighting_rows(full, seed),
        crossbar_rows(seed) + loop_rows(full, seed),
        settling_rows((16, far) if full else (16,), seed) + projection_rows((16, far), seed),
        penalty_rows(seed) + long_rows(seed) if full else [],
    ]
    return [row for part in parts for row in part]


def reference_rows():
    """Return exact diagonalisation, Bethe ansatz and free fermions beside printed digits."""
    square = exact_ground_state(Heisenberg(Lattice((4, 4))))[0] / 16
    ring = exact_ground_state(Heisenberg(Lattice((12,))))[0] / 12
    ising = exact_ground_state(TransverseIsing(Lattice((12,)), 1.0))[0] / 12
    frustrated = exact_ground_state(Heisenberg(Lattice((4, 4)), 0.5))[0] * 4
    return [
        near("4 x 4 Heisenberg, E / N, Lanczos", square, -0.7017802005, 1e-9, "exact diagonalisation"),
        near("12-site Heisenberg ring, Lanczos", ring, heisenberg_chain_energy(12), 1e-9, "Bethe ansatz"),
        near("12-site Ising ring at h = 1, Lanczos", ising, ising_chain_energy(12, 1.0), 1e-9, "free fermions"),
        near("80-site Heisenberg ring, Bethe ansatz", heisenberg_chain_energy(80), -0.4432759519, 1e-9, "Bethe ansatz"),
        near("4 x 4 J1-J2 at 0.5, E in sigma.sigma", frustrated, -33.83169340558, 1e-6, "varbench"),
    ]


def frustrated_rows(seed):
    """Return what a positive network reaches where the ground state has signs: J1-J2 on 4 x 4, J2 = 0.5."""
    model = Heisenberg(Lattice((4, 4)), 0.5)
    energy, ground = exact_ground_state(model)
    negative = float((ground[ground < 0] ** 2).sum())
    found = train(model, random_rbm(model.lattice, 2, seed), TrainingPlan(200, 0.005), seed)
    error = 1.0 - 16.0 * exact_energy(model, found.rbm) / energy
    label = f"4 x 4 J1-J2 at 0.5, alpha 2, sign problem ({negative:.3f} of the weight is negative): relative error"
    return [any_row(label, error, "> 0.003", "no positive network follows", error > 3e-3)]


def network_rows():
    """Return the exact sums of the published network of 16 sites, and the error of its mapping."""
    rbm, model = published_rbm(16, 2), Heisenberg(Lattice((4, 4)))
    energy = exact_energy(model, rbm)
    law = enumerated_marginal(ising_of(rbm), 16)
    every = 2 * ((np.arange(1 << 16)[:, None] >> np.arange(16)) & 1) - 1
    squares = np.exp(2.0 * rbm.log_psi(every))
    error = float(np.abs(squares / squares.sum() - law).max())
    neutral = float(law[every.sum(axis=1) == 0].sum())
    return [
        near("published 16-site network, E / N, exact sum", energy, -0.7010580, 5e-8, BERNS),
        near("published 16-site network, P(Sz = 0)", neutral, 0.547415, 5e-7, BERNS),
        near("largest error of the marginal of its Ising instance", error, 0.0, 1e-12, "enumeration"),
    ]


def sampled_rows(seed):
    """Return the energy of the published network from states of several samplers."""
    rbm, model, exact = published_rbm(16, 2), Heisenberg(Lattice((4, 4))), -0.7010580
    rows = []
    for name, kind in (("p-bits, block Gibbs", "gibbs"), ("Metropolis", "metropolis")):
        value, error, _ = measure(model, rbm, Plan(64, 1000, 200, True), seed, kind)
        rows.append(measured(f"E / N from {name}", value, exact, error, BERNS))
    plan, schedule = Plan(400, 1, 0, True), Schedule.constant(1.0, 160)
    for name, sampler in (("reference", ReferenceSampler()), ("golden", GoldenSampler()), ("smtj", SmtjSampler())):
        recording = Recording(after=100, every=20)
        states = draw_on(sampler, rbm, plan, schedule, seed, recording)
        local = local_energies(model, rbm, states) * model.unit / 16
        error = float(local.std() * np.sqrt(2.0 / local.size))  # records 20 sweeps apart hardly remember each other
        rows.append(measured(f"E / N from backend {name}", float(local.mean()), exact, error, BERNS))
    return rows


def training_rows(seed):
    """Return relative errors after training with p-bits."""
    chain, square = TransverseIsing(Lattice((20,)), 1.0), Heisenberg(Lattice((4, 4)))
    rows = []
    for sampler in ("gibbs", "metropolis"):
        plan = TrainingPlan(300, 0.05, sampler=sampler)
        found = train(chain, random_rbm(chain.lattice, 2, seed), plan, seed)
        error = 1.0 - found.energies[-30:].mean() / ising_chain_energy(20, 1.0)
        rows.append(below(f"Ising ring of 20 at h = 1, alpha 2, {sampler}: relative error", error, 5e-4))
    found = train(square, random_rbm(square.lattice, 2, seed), TrainingPlan(300, 0.01), seed)
    energy = exact_energy(square, found.rbm)
    limit = 1.3 * (1.0 - FABIANI[16, 2] / QMC_HEISENBERG[16])
    rows.append(
        below(
            "4 x 4 Heisenberg, alpha 2, exact sum: relative error", 1.0 + energy / 0.7017802005, limit, "1.3 x Fabiani"
        )
    )
    return rows


def long_rows(seed):
    """Return relative errors of longer trainings beside published ones."""
    rows = []
    for (side, alpha, penalty), stages in SQUARES.items():
        model = Heisenberg(Lattice((side, side)))
        rbm = random_rbm(model.lattice, alpha, seed)
        for number, plan in enumerate(stages):
            rbm = train(model, rbm, replace(plan, penalty=penalty), seed + 100 * number).rbm
        value, _, mixing = measure(model, rbm, Plan(32, 1600 if side < 10 else 400, 200, True), seed)
        error = 1.0 - value / QMC_HEISENBERG[side * side]
        limit = 1.3 * (1.0 - FABIANI[side * side, alpha] / QMC_HEISENBERG[side * side])
        name = f"{side} x {side} Heisenberg, alpha {alpha}, L2 {penalty:g}, tau {0.5 * mixing.tau:.1f}: relative error"
        rows.append(below(name, error, limit, "1.3 x Fabiani, standard network"))
    for (field, alpha), stages in RINGS.items():
        model = TransverseIsing(Lattice((80,)), field)
        rbm = random_rbm(model.lattice, alpha, seed)
        for number, plan in enumerate(stages):
            rbm = train(model, rbm, plan, seed + 100 * number).rbm
        value, _, _ = measure(model, rbm, Plan(32, 4000, 200), seed)
        error = 1.0 - value / ising_chain_energy(80, field)
        limit = 2.0 * CARLEO_TROYER[field, alpha]
        rows.append(
            below(f"Ising ring of 80, h = {field:g}, alpha {alpha}: relative error", error, limit, "2 x Carleo-Troyer")
        )
    return rows
