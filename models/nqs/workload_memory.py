"""Rows of the workload on memory: tau against the number of sites and width, frozen networks, error against steps."""

from __future__ import annotations

import numpy as np

from ..workload_row import LARGEST_Z, below, fact, near, row
from .hamiltonian import Heisenberg
from .lattice import Lattice
from .local_energy import local_energies
from .memory import PER_SWEEP, errors_by_length, memory_of, order_memory
from .monitor import mixing_of
from .own_networks import own_rbm
from .rbm import published_rbm, random_rbm
from .references import QMC_HEISENBERG
from .sampling import Plan, draw_gibbs, draw_metropolis
from .training import TrainingPlan, measure, train

SLIDES = "reproduced from arXiv:2504.18359"
# Memory of published networks in kept sweeps, 1/2 + sum rho: range over five trainings; sweeps a kept state.
MEMORY = {16: (1.7, 5.4, 1.84), 36: (2.0, 3.0, 2.78), 64: (1.7, 3.4, 3.7), 100: (1.6, 3.4, 4.9), 484: (2.8, 89.0, 8.3)}
FROZEN = (36, 100, 484)  # sites of the published networks of width 4 that block Gibbs sampling cannot leave
CHAINS, LENGTHS = 64, (4, 8, 16, 32, 64, 128, 256, 512)


def memory_rows(full, seed):
    """Return tau of block Gibbs sampling and of Metropolis at widths 1, 2 and 4, and sweeps a kept state."""
    rows = []
    for n in (16, 36, 64, 100, 484) if full else (16, 36, 64, 100):
        low, high, rejected = MEMORY[n]
        found = _memory(published_rbm(n, 2), seed)
        slack = LARGEST_Z * found.tau_error
        ok = low - slack <= found.tau_kept <= high + slack
        rows += _point(found, 2, f"{low} ... {high}", SLIDES, ok)
        rows.append(near(f"sweeps a kept state, N = {n}", found.sweeps_per_kept, rejected, 0.1 * rejected, SLIDES))
        rows.append(near(f"tau of Metropolis in attempts over N, N = {n}", found.tau_attempts / n, 0.29, 0.1, SLIDES))
    for n in (16, 36, 64, 100) if full else (16, 36):
        for alpha in (1, 4):
            found = _memory(own_rbm(n, alpha), seed)
            rows += _point(found, alpha, "< 3", "target", not found.faults and found.tau_kept < 3.0)
    return rows


def order_rows(full, seed):
    """Return the memory of the order parameter, which the energy does not show."""
    rows = []
    for n in (16, 36, 64, 100) if full else (16, 36):
        sweeps, attempts = order_memory(published_rbm(n, 2), Plan(32, 8000 if full else 3000, 500, True), seed)
        rows.append(fact(f"tau of the squared staggered magnetisation in all sweeps, N = {n}, alpha 2", sweeps))
        rows.append(fact(f"the same over Metropolis in attempts, N = {n}", sweeps / attempts))
    return rows


def _memory(rbm, seed):
    n = rbm.lattice.n_sites
    return memory_of(Heisenberg(rbm.lattice), rbm, Plan(32, 400 if n < 400 else 200, 200, True), seed)


def _point(found, alpha, reference, source, ok):
    """Return the two rows of a point of the figure of tau against N."""
    name = f"N = {found.n_sites}, alpha {alpha}"
    point = {
        "sites": found.n_sites,
        "alpha": alpha,
        "tau_kept": found.tau_kept,
        "tau_sweeps": found.tau_sweeps,
        "tau_attempts": found.tau_attempts,
    }
    gain = found.tau_sweeps / found.tau_attempts
    return [
        row(f"tau of E_loc in kept sweeps, {name}", found.tau_kept, reference, source, ok, found.tau_error) | point,
        fact(f"tau of p-bits over tau of Metropolis, all sweeps counted, {name}", gain),
    ]


def frozen_rows(seed):
    """Return what the monitor says of networks that freeze: weights three times too large, and published width 4."""
    rbm = published_rbm(36, 2)
    frozen = rbm.with_parameters(3.0 * rbm.parameters)
    model, drawn = Heisenberg(Lattice((6, 6))), draw_gibbs(frozen, Plan(8, 200, 200, on_frozen="ignore"), seed)
    found = mixing_of(local_energies(model, frozen, drawn.flat).reshape(8, 200), drawn.spins)
    healthy = measure(model, rbm, Plan(32, 400, 200, True), seed)[2]
    wide = measure(model, published_rbm(36, 4), Plan(8, 400, 200, True), seed)[2]
    return [
        near("frozen network (weights x 3) is flagged", float(found.is_frozen), 1.0, 0.0, "monitor"),
        near("published 36-site network of alpha 4 is flagged", float(wide.is_frozen), 1.0, 0.0, SLIDES),
        near("published network of alpha 2 is not", float(healthy.is_frozen), 0.0, 0.0, "monitor"),
    ]


def penalty_rows(seed):
    """Return what the L2 term does to a 6 x 6 network: energy, largest weight, tau, and four starts apart."""
    model, rows = Heisenberg(Lattice((6, 6))), []
    for alpha, penalty in ((2, 0.0), (2, 0.02), (2, 0.1), (4, 0.02)):
        plan = TrainingPlan(300, 0.01, penalty=penalty)
        rbm = train(model, random_rbm(model.lattice, alpha, seed), plan, seed).rbm
        energy, _, mixing = measure(model, rbm, Plan(32, 400, 200, True), seed)
        error = 1.0 - energy / QMC_HEISENBERG[36]
        name = f"6 x 6, alpha {alpha}, L2 {penalty:g} (largest weight {np.abs(rbm.filters).max():.2f})"
        rows.append(fact(f"{name}: relative error", error))
        tau = f"{name}: tau in kept sweeps"
        rows.append(below(tau, 0.5 * mixing.tau, 3.0) if penalty else fact(tau, 0.5 * mixing.tau))
        if alpha == 4:
            rows.append(
                below(f"{name}: four starts apart, standard errors", _starts_apart(model, rbm, seed), LARGEST_Z)
            )
    return rows


def _starts_apart(model, rbm, seed):
    """Return how far means of runs from a Neel state and from random ones lie apart, in standard errors."""
    neel = np.tile(model.lattice.sublattice, (16, 1))
    found = []
    for k in range(4):
        drawn = draw_gibbs(rbm, Plan(16, 400, 50, True), seed + k, initial=neel if k == 0 else None)
        found.append(mixing_of(local_energies(model, rbm, drawn.flat).reshape(16, 400), drawn.spins))
    means, errors = (np.array([getattr(one, name) for one in found]) for name in ("energy", "error"))
    return float((means.max() - means.min()) / np.sqrt(2.0 * (errors**2).mean()))


def settling_rows(sizes, seed):
    """Return the relative error of one chain's mean energy against its steps, and how it falls.

    Of block Gibbs sampling a step is a sweep of all p-bits, rejected ones counted; of Metropolis it is an attempt.
    """
    rows = []
    for n in sizes:
        rbm = published_rbm(n, 2)
        model = Heisenberg(rbm.lattice)
        drawn = draw_gibbs(rbm, Plan(CHAINS, LENGTHS[-1], 100, True), seed)
        flips = draw_metropolis(rbm, Plan(CHAINS, LENGTHS[-1], 20, True), seed, per_sweep=PER_SWEEP)
        for name, states, steps in (
            ("p-bits", drawn, drawn.sweeps_per_record),
            ("Metropolis", flips, flips.sweeps_per_record * n),
        ):
            local = local_energies(model, rbm, states.flat).reshape(CHAINS, LENGTHS[-1])
            errors = errors_by_length(local, LENGTHS)
            slope = float(np.polyfit(np.log(LENGTHS[3:]), np.log(errors[3:]), 1)[0])
            point = {"machine": name, "sites": n, "steps": [steps * one for one in LENGTHS], "errors": errors.tolist()}
            label = f"relative error of the energy by {name}, N = {n}, one chain of {LENGTHS[-1]} records"
            rows.append(fact(label, errors[-1]) | point)
            rows.append(near(f"exponent of that fall, {name}, N = {n}", slope, -0.5, 0.15, "independent blocks"))
    return rows
