"""Rows of the workload on sparse networks: the square Ising magnet in a field, on the sparse fabric's own format."""

from __future__ import annotations

import numpy as np

from ...emulator.golden.fabric.sampler import GoldenSampler
from ...emulator.spec.fabric.quantised import FabricOptions, fabric_for, quantise
from ...emulator.spec.fixed import Fixed
from ...emulator.spec.schedule import Recording, Schedule
from ..workload_row import below, measured, near
from .hamiltonian import TransverseIsing
from .lattice import Lattice
from .local_energy import local_energies
from .mapping import BoltzmannMachine, ising_of
from .monitor import mixing_of
from .rbm import near_origin, random_rbm
from .references import ISING_6X6
from .sampling import Plan, draw_blocks, draw_on
from .training import TrainingPlan, measure, train

CHOWDHURY = "arXiv:2512.24558"
PUBLISHED_ERROR = 1.6e-3  # of 35 x 35 at h = 3.044
FORMAT = FabricOptions(weight=Fixed(6, 3), bias=Fixed(6, 3))
FIELD, RADIUS = 3.0, 2


def sparse_rows(seed, side=6):
    """Return the error of a trained sparse network, its wiring, and its energy on golden beside float p-bits.

    In the published 10-bit format weights are rounded to eighths, so both machines sample the rounded network while the
    host keeps the exact one: the energy belongs to the rounded distribution, and the float machine is given the same
    weights.
    """
    model = TransverseIsing(Lattice((side, side)), FIELD)
    start = random_rbm(model.lattice, 1, seed, support=near_origin(model.lattice, RADIUS))
    rbm = train(model, start, TrainingPlan(200, 0.05), seed).rbm
    energy, _, _ = measure(model, rbm, Plan(32, 800, 200), seed)
    instance, n = ising_of(rbm), model.lattice.n_sites
    spec = fabric_for(instance, FORMAT)
    rounded = quantise(instance, spec).as_instance()
    couplings = rounded.couplings.toarray()
    machine = BoltzmannMachine(couplings[:n, n:], rounded.biases[n:], rounded.biases[:n])
    floats, error = _energy(model, rbm, draw_blocks(machine, Plan(32, 800, 200), seed).spins)
    recording = Recording(after=100, every=5)
    plan, schedule = Plan(16), Schedule.constant(1.0, 100 + 5 * 400)
    states = draw_on(GoldenSampler(FORMAT), rbm, plan, schedule, seed, recording).reshape(16, 400, n)
    found, own = _energy(model, rbm, states)
    name = f"{side} x {side} Ising at h = {FIELD:g}, 13 neighbours, alpha 1"
    degrees = np.bincount(np.asarray(spec.edges).ravel())
    return [
        below(f"{name}: relative error", 1.0 - energy * n / ISING_6X6, PUBLISHED_ERROR, f"{CHOWDHURY}, 35 x 35"),
        near(f"{name}: most neighbours of a p-bit", float(degrees.max()), 13.0, 0.0, CHOWDHURY),
        near(f"{name}: clocks of a sweep on the sparse fabric", float(spec.clocks_per_sweep), 2.0, 0.0, "two layers"),
        measured(
            f"{name}: E / N on golden, s[6][3]", found, floats, float(np.hypot(own, error)), "float, same weights"
        ),
    ]


def _energy(model, rbm, spins):
    """Return mean and standard error of the energy per site; ``spins`` of shape (n_chains, n_records, n)."""
    n = spins.shape[2]
    found = mixing_of(local_energies(model, rbm, spins.reshape(-1, n)).reshape(spins.shape[:2]), spins)
    return found.energy / n, found.error / n
