"""Neural quantum states as a workload: exact references, the mapping, published networks, training, and memory."""

from __future__ import annotations

import numpy as np

from ...emulator.golden.sampler import GoldenSampler
from ...emulator.pbits.clocked import SmtjSampler
from ...emulator.reference.sampler import ReferenceSampler
from ...emulator.spec.schedule import Recording, Schedule
from ..workload_row import LARGEST_Z, below, fact, measured, near, row
from .hamiltonian import Heisenberg, TransverseIsing, exact_ground_state, spins_of_states
from .lattice import Lattice
from .local_energy import local_energies
from .mapping import enumerated_marginal, ising_of
from .monitor import mixing_of
from .rbm import published_rbm, random_rbm
from .references import CARLEO_TROYER, FABIANI, QMC_HEISENBERG, heisenberg_chain_energy, ising_chain_energy
from .sampling import Plan, draw_gibbs, draw_metropolis, draw_on
from .training import TrainingPlan, measure, train
from .workload_classical import classical_rows
from .workload_dynamics import dynamics_rows
from .workload_hardware import crossbar_rows, projection_rows

SEED = 1
BERNS, SLIDES = "arXiv:2504.18359", "reproduced from arXiv:2504.18359"
# Memory of published networks in kept sweeps, 1/2 + sum rho: range over five trainings; sweeps a kept state.
MEMORY = {16: (1.7, 5.4, 1.84), 36: (2.0, 3.0, 2.78), 64: (1.7, 3.4, 3.7), 100: (1.6, 3.4, 4.9), 484: (2.8, 89.0, 8.3)}


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        Also 6 x 6 and 10 x 10 Heisenberg, chains of 80 sites, the network of 484 sites: a quarter of an hour.
    seed : int
        Of all chains and trainings.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se``, ``reference``, ``source``, ``ok``.
    """
    rows = reference_rows() + network_rows() + sampled_rows(seed) + training_rows(seed) + memory_rows(full, seed)
    rows += frozen_rows(seed) + classical_rows(seed) + dynamics_rows(full, seed) + crossbar_rows(seed)
    rows += projection_rows((16, 484) if full else (16, 100), seed)
    return rows + long_rows(seed) if full else rows


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


def network_rows():
    """Return the exact sums of the published network of 16 sites, and the error of its mapping."""
    rbm, model = published_rbm(16, 2), Heisenberg(Lattice((4, 4)))
    states = spins_of_states(model)
    logs = rbm.log_psi(states)
    weight = np.exp(2.0 * (logs - logs.max()))
    energy = float(weight @ local_energies(model, rbm, states) / weight.sum()) * model.unit / 16
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
    states = spins_of_states(square)
    logs = found.rbm.log_psi(states)
    weight = np.exp(2.0 * (logs - logs.max()))
    energy = float(weight @ local_energies(square, found.rbm, states) / weight.sum()) * square.unit / 16
    limit = 1.3 * (1.0 - FABIANI[16, 2] / QMC_HEISENBERG[16])
    rows.append(
        below(
            "4 x 4 Heisenberg, alpha 2, exact sum: relative error", 1.0 + energy / 0.7017802005, limit, "1.3 x Fabiani"
        )
    )
    return rows


def memory_rows(full, seed):
    """Return tau of block Gibbs sampling on published networks, and sweeps a kept state."""
    rows = []
    for n in (16, 36, 64, 100, 484) if full else (16, 36, 64, 100):
        low, high, rejected = MEMORY[n]
        rbm, model = published_rbm(n, 2), Heisenberg(Lattice((int(np.sqrt(n)),) * 2))
        n_records = 400 if n < 400 else 200
        drawn = draw_gibbs(rbm, Plan(32, n_records, 200, True), seed)
        found = mixing_of(local_energies(model, rbm, drawn.flat).reshape(32, n_records), drawn.spins)
        tau, error = 0.5 * found.tau, 0.5 * found.tau * np.sqrt(20.0 * found.tau / (32 * n_records))
        ok = low - LARGEST_Z * error <= tau <= high + LARGEST_Z * error
        name = f"tau of E_loc in kept sweeps, N = {n}, alpha 2"
        rows.append(row(name, tau, f"{low} ... {high}", SLIDES, ok, error))
        ratio = drawn.sweeps_per_record
        rows.append(near(f"sweeps a kept state, N = {n}", ratio, rejected, 0.1 * rejected, SLIDES))
        flips = draw_metropolis(rbm, Plan(16, 400, 20, True), seed, per_sweep=4.0)
        serial = mixing_of(local_energies(model, rbm, flips.flat).reshape(16, 400), flips.spins)
        mc = 0.5 * serial.tau * flips.sweeps_per_record * n
        rows.append(near(f"tau of Metropolis in attempts over N, N = {n}", mc / n, 0.29, 0.1, SLIDES))
        gain = tau * ratio / mc
        rows.append(fact(f"tau of p-bits over tau of Metropolis, all sweeps counted, N = {n}", gain))
    return rows


def frozen_rows(seed):
    """Return what the monitor says of a network whose weights are three times too large."""
    rbm = published_rbm(36, 2)
    frozen = rbm.with_parameters(3.0 * rbm.parameters)
    model, drawn = Heisenberg(Lattice((6, 6))), draw_gibbs(frozen, Plan(8, 200, 200), seed)
    found = mixing_of(local_energies(model, frozen, drawn.flat).reshape(8, 200), drawn.spins)
    healthy = measure(model, rbm, Plan(32, 400, 200, True), seed)[2]
    return [
        near("frozen network (weights x 3) is flagged", float(found.is_frozen), 1.0, 0.0, "monitor"),
        near("published network is not", float(healthy.is_frozen), 0.0, 0.0, "monitor"),
    ]


def long_rows(seed):
    """Return relative errors of longer trainings beside published ones."""
    rows = []
    for side, alpha, penalty in ((6, 1, 0.0), (6, 2, 0.005), (6, 4, 0.02), (10, 2, 0.005)):
        model = Heisenberg(Lattice((side, side)))
        plan = TrainingPlan(500, 0.01, penalty=penalty)
        found = train(model, random_rbm(model.lattice, alpha, seed), plan, seed)
        value, _, mixing = measure(model, found.rbm, Plan(32, 400, 200, True), seed)
        error = 1.0 - value / QMC_HEISENBERG[side * side]
        limit = 1.3 * (1.0 - FABIANI[side * side, alpha] / QMC_HEISENBERG[side * side])
        name = f"{side} x {side} Heisenberg, alpha {alpha}, L2 {penalty:g}, tau {0.5 * mixing.tau:.1f}: relative error"
        rows.append(below(name, error, limit, "1.3 x Fabiani, standard network"))
    for field, alpha in ((0.5, 1), (0.5, 2), (1.0, 1), (1.0, 2), (2.0, 1)):
        model = TransverseIsing(Lattice((80,)), field)
        found = train(model, random_rbm(model.lattice, alpha, seed), TrainingPlan(500, 0.05), seed)
        value, _, _ = measure(model, found.rbm, Plan(32, 800, 200), seed)
        error = 1.0 - value / ising_chain_energy(80, field)
        limit = 2.0 * CARLEO_TROYER[field, alpha]
        rows.append(
            below(f"Ising ring of 80, h = {field:g}, alpha {alpha}: relative error", error, limit, "2 x Carleo-Troyer")
        )
    return rows
