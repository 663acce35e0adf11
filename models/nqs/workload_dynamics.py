"""Rows of the workload on time evolution: the quench of the Ising ring, exactly and by a network."""

from __future__ import annotations

import numpy as np

from ..workload_row import below, near
from .hamiltonian import TransverseIsing, exact_ground_state, flip_matrix
from .lattice import Lattice
from .light_cone import SpinWaves, light_cones
from .quench import evolved, expectation, quench_curve
from .schwinger import SchwingerBosons, boson_cones
from .schwinger import correlations as boson_correlations
from .time_evolution import Variational, random_complex

CARLEO = "doi:10.1126/science.aag2302"
AROVAS = "Arovas and Auerbach 1988"
PUBLISHED = {0.0: 0.2587, 0.4: 0.4728, 0.8: 0.5877, 1.2: 0.5853, 1.6: 0.5983}  # N = 40, h = 1/2 to 1, exact
STEP = 0.005


def dynamics_rows(full, seed):
    """Return the exact curve beside its digits, and errors of exact evolution and of a network, up to t = 1.

    Parameters
    ----------
    full : bool
        A network of 10 sites beside that of 8.
    seed : int
        Seed of the network's first weights.
    """
    off = np.abs(quench_curve(40, 0.5, 1.0, list(PUBLISHED)) - np.array(list(PUBLISHED.values()))).max()
    rows = [below("quench of 40 sites, h 0.5 to 1, distance from the printed curve", off, 5e-5, "free fermions")]
    ring, times = Lattice((10,)), np.linspace(0.0, 2.0, 9)
    before, after = TransverseIsing(ring, 0.5), TransverseIsing(ring, 1.0)
    states = evolved(after.matrix(), exact_ground_state(before)[1], times)
    off = np.abs(expectation(flip_matrix(10) / 10, states) - quench_curve(10, 0.5, 1.0, times)).max()
    rows.append(below("quench of 10 sites, exact evolution against free fermions", off, 1e-9, "free fermions"))
    for n in (8, 10) if full else (8,):
        error, drift = network_error(n, seed)
        rows.append(below(f"quench of {n} sites, alpha 2, error of sx to t = 1", error, 6e-3, CARLEO))
        rows.append(below(f"quench of {n} sites, drift of the energy per site", drift, 1e-3, "conserved"))
    return rows + cone_rows()


def cone_rows():
    """Return the speed of correlations, in units of the magnon velocity, in spin-wave and Schwinger-boson theory.

    Magnons leave in pairs, one each way: twice the velocity of one. arXiv:2101.10945 finds up to 40 % more than the
    highest velocity; of that the renormalised velocity of Schwinger bosons, 1.158 times the bare one, is a part.
    """
    excess, rows = 0.01, []
    theories = {"spin waves": (light_cones, SpinWaves), "Schwinger bosons": (boson_cones, SchwingerBosons)}
    for theory, (cones, magnons) in theories.items():
        for axis, cone, velocity in zip("xy", cones(excess=excess), magnons(96, excess).velocities(), strict=True):
            name = f"speed of correlations along {axis} over the magnon velocity, {theory}, 96 x 96"
            rows.append(near(name, cone.speed / velocity, 2.0, 0.12, "pairs of magnons, within 6 %"))
    bosons = SchwingerBosons(96)
    _, pairs, _ = bosons.ground()
    found, energy = bosons.velocities()[0] / SpinWaves(96).velocities()[0], 2.0 * float(boson_correlations(pairs)[1, 0])
    rows.append(near("magnon velocity over that of spin waves, Schwinger bosons", found, 1.158, 1e-3, AROVAS))
    rows.append(near("E / N of Schwinger bosons, 96 x 96", energy, -0.6704, 5e-5, AROVAS))
    return rows


def ground_network(ring, seed):
    """Return a network of width 2 in the ground state before the quench, by imaginary time over all states."""
    return Variational(TransverseIsing(ring, 0.5)).relax(random_complex(ring, 2, seed), 800, 0.05, 1e-5)


def network_error(n_sites, seed):
    """Return the largest error of sigma^x to t = 1, and the drift of the energy per site; float, float."""
    ring = Lattice((n_sites,))
    start = ground_network(ring, seed)
    moving, matrix = Variational(TransverseIsing(ring, 1.0)), flip_matrix(n_sites) / n_sites
    networks = list(moving.evolve(start, round(1.0 / STEP), STEP))
    found = expectation(matrix, [moving.state(one) for one in networks])
    exact = quench_curve(n_sites, 0.5, 1.0, STEP * np.arange(len(networks)))
    drift = abs(moving.energy(networks[-1]) - moving.energy(start)) / n_sites
    return float(np.abs(found - exact).max()), drift
