"""Rows of the workload that train flows (extra ``models``): coordinate, temperatures, forces, exploration."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from ..workload_row import below, near, row
from . import losses
from .coupling import init
from .estimates import estimate, exact_profile, profile
from .flow_spec import FlowSpec, log_prior
from .hardware import PlainFlow, latent_walk
from .own_flows import SPEC
from .systems import SYSTEMS, metropolis_states
from .training import FlowPlan, train_flow
from .workload_dimer import dimer_rows

N_POINTS = 200_000
PUBLISHED = 0.09  # kT, standard error of the published profile by the reaction coordinate
EDGES = np.linspace(-2.5, 2.5, 26)
BY_DATA = FlowPlan(600, ml=1.0)
STEERABLE = FlowSpec("nice", 10, 64)
EXPLORATION = (10, 100, 1.0)  # rounds, moves of each, width of a move


def training_rows(seed):
    """Return the figures of trainings on the double well."""
    system = SYSTEMS["double-well"]
    data = metropolis_states(system, 1000, seed)
    return (
        coordinate_rows(system, data, seed)
        + temperature_rows(system, data, seed)
        + force_rows(system, data, seed)
        + exploration_rows(system, seed)
        + dimer_rows(seed)
    )


def coordinate_rows(system, data, seed):
    """Return the error of the free-energy profile after training along the reaction coordinate."""
    stages = [BY_DATA, FlowPlan(1500, 1000, ml=0.01, kl=1.0, rc=1.0)]
    drawn = PlainFlow(SPEC, train_flow(SPEC, system, data, stages, seed)).draw(N_POINTS, seed)
    found, error = profile(system, drawn.x, drawn.realised, EDGES)
    off = found - exact_profile(system, EDGES)
    return [
        below("double well, largest error of the profile by the coordinate, kT", error.max(), PUBLISHED, "published"),
        below("double well, largest distance of that profile from quadrature, kT", np.abs(off).max(), 4 * error.max()),
    ]


def temperature_rows(system, data, seed):
    """Return free energies at four temperatures from one steerable flow, noise having the variance T."""
    stages = [FlowPlan(800, ml=1.0), FlowPlan(2500, 1000, ml=1.0, kl=1.0)]
    plain = PlainFlow(STEERABLE, train_flow(STEERABLE, system, data, stages, seed))
    rng, rows = np.random.default_rng(seed), []
    for temperature in (0.5, 1.0, 2.0, 4.0):
        noise = rng.standard_normal((N_POINTS, 2))
        x, log_det = plain.to_x(np.sqrt(temperature) * noise)
        found = estimate(system, x, log_prior(noise) - np.log(temperature) - log_det, temperature)
        name = f"double well, free energy at T = {temperature:g} from a flow of T = 1 (ESS {found.effective:.2f})"
        rows.append(near(name, found.difference, system.exact(temperature).difference, 0.05, "quadrature"))
    return rows


def force_rows(system, data, seed):
    """Return the error of held-out forces with and without the loss that matches them."""
    held = metropolis_states(system, 1000, seed + 4).astype(np.float32)
    forces = -jax.grad(lambda x: system.energy(x, jnp).sum())(jnp.asarray(held))
    errors = []
    for weight in (0.0, 0.05):
        params = train_flow(SPEC, system, data, [FlowPlan(800, ml=1.0, force=weight)], seed)
        errors.append(float(losses.force_loss(SPEC, params, held, forces)))
    return [below("double well, held-out squared force error after force matching", errors[1], errors[0], "without it")]


def exploration_rows(system, seed):
    """Return the population of a well that no data showed, after rounds of walking in the noise and learning from it.

    The walk begins from one point of the other well in the noise of a flow that knows nothing yet: it is nearly the
    identity, so moves are wide in x and few are accepted. Every round learns from where walkers have been, and the
    acceptance grows.
    """
    n_rounds, n_steps, width = EXPLORATION
    params = init(SPEC, seed)
    x = np.repeat(system.starts()[:1], 500, axis=0)
    accepted = []
    for number in range(n_rounds):
        plain = PlainFlow(SPEC, params)
        walk, _, share = latent_walk(system, plain, plain.to_z(x)[0], n_steps, width, seed + number)
        x, seen = walk[-1], walk[n_steps // 2 :].reshape(-1, 2)
        accepted.append(share)
        params = train_flow(SPEC, system, seen, [FlowPlan(200, ml=1.0)], seed + number, params)
    drawn = PlainFlow(SPEC, params).draw(N_POINTS, seed)
    found = estimate(system, drawn.x, drawn.realised)
    exact = 1.0 / (1.0 + np.exp(system.exact().difference))
    population = 1.0 / (1.0 + np.exp(found.difference))
    name = f"double well, population of the well found by exploring (accepted {accepted[0]:.2f} to {accepted[-1]:.2f})"
    return [row(name, population, exact, "quadrature, within 10 %", abs(population / exact - 1.0) < 0.1)]
