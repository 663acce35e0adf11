"""Rows of the workload on time evolution by p-bits: reweighted states of real networks, and how many of them count."""

from __future__ import annotations

import numpy as np

from ...emulator.golden.fabric.sampler import GoldenSampler
from ...emulator.spec.fabric.quantised import FabricOptions
from ...emulator.spec.fixed import Fixed
from ...emulator.spec.schedule import Recording, Schedule
from ..workload_row import below, fact, measured
from .hamiltonian import TransverseIsing, flip_matrix
from .lattice import Lattice
from .quench import expectation, quench_curve
from .reweighting import SampledVariational, flip_ratios, log_weights, real_part
from .sampling import Plan, draw_on
from .time_evolution import Variational, random_complex
from .workload_dynamics import ground_network

SEEN = {0.2: 20, 0.4: 40}
STEP = 0.01
WORDS = FabricOptions(weight=Fixed(3, 9), bias=Fixed(3, 9))  # 8 bits would shift sx by more than its error


def reweighting_rows(full, seed):
    """Return the error of a quench whose velocities come from p-bits, effective shares, and sigma^x from golden.

    Parameters
    ----------
    full : bool
        A ring of 20 sites to t = 1 beside that of 8 to t = 0.4.
    seed : int
        Seed of networks and chains.
    """
    ring = Lattice((8,))
    after, start = TransverseIsing(ring, 1.0), ground_network(ring, seed)
    moving, state, matrix = SampledVariational(after, Plan(40, 50, 30), seed), Variational(after), flip_matrix(8) / 8
    networks = list(moving.evolve(start, max(SEEN.values()), STEP))
    means = expectation(matrix, [state.state(one) for one in networks])
    error = np.abs(means - quench_curve(8, 0.5, 1.0, STEP * np.arange(len(networks)))).max()
    rows = [below("quench of 8 sites by p-bits, 2000 states a velocity, error of sx to t = 0.4", error, 5e-3)]
    for time, step in SEEN.items():
        rows.append(fact(f"effective share of reweighted states, 8 sites, t = {time:g}", _share(networks[step], state)))
    value, se = _on_golden(networks[SEEN[0.2]], seed)
    name = "sx at t = 0.2 from reweighted states of golden"
    rows.append(measured(name, value, means[SEEN[0.2]], se, "sum over all states of the network"))
    return rows + _long_rows(seed) if full else rows


def _share(network, state):
    """Return the effective share under the distribution of the real part, by a sum over all states."""
    logs = log_weights(network, state.spins)
    psi, weights = np.abs(state.state(network)) ** 2, np.exp(logs)
    drawn = psi / weights
    drawn /= drawn.sum()
    return float((drawn @ weights) ** 2 / (drawn @ weights**2))


def _on_golden(network, seed, n_chains=32):
    """Return the mean of sigma^x and its standard error by chains."""
    schedule, recording = Schedule.constant(1.0, 100 + 10 * 200), Recording(after=100, every=10)
    states = draw_on(GoldenSampler(WORDS), real_part(network), Plan(n_chains), schedule, seed, recording)
    weights = np.exp(log_weights(network, states)).reshape(n_chains, -1)
    ratios = flip_ratios(network, states).mean(axis=1).real.reshape(n_chains, -1)
    means = (weights * ratios).sum(axis=1) / weights.sum(axis=1)
    return float(means.mean()), float(means.std(ddof=1) / np.sqrt(n_chains))


def _long_rows(seed):
    """Return the error on a ring that no sum over states reaches in time, from its own relaxed network."""
    ring = Lattice((20,))
    plan = Plan(40, 50, 30)
    start = SampledVariational(TransverseIsing(ring, 0.5), plan, seed).relax(
        random_complex(ring, 2, seed, 0.02), 300, 0.05
    )
    moving = SampledVariational(TransverseIsing(ring, 1.0), plan, seed + 1)
    rows = []
    for step, network in enumerate(moving.evolve(start, 100, STEP)):
        if step % 50 == 0:
            values = [moving.field_mean(network) for _ in range(10)]
            value, share = (float(np.mean(one)) for one in zip(*values, strict=True))
            error = abs(value - quench_curve(20, 0.5, 1.0, [step * STEP])[0])
            where = f"20 sites by p-bits, t = {step * STEP:g}"
            rows += [below(f"quench of {where}: error of sx", error, 0.03), fact(f"effective share, {where}", share)]
    return rows
