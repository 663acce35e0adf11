"""Losses of Boltzmann generators: by energy, by data, along a reaction coordinate, and by forces."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .coupling import log_density, to_x, to_z

CAP = 1e3  # reduced energies above it count by their logarithm, so that first steps do not explode
N_KERNELS = 11
SMALL = 1e-6


def capped(energy):
    """Return reduced energies, logarithmic above the cap."""
    return jnp.where(energy > CAP, CAP + jnp.log1p(jnp.maximum(energy - CAP, 0.0)), energy)


def kl_loss(spec, params, system, z, temperature=1.0):
    """Return the mean of U(x) / T - ln |det dx/dz| over noise: the Kullback-Leibler divergence but for constants."""
    x, log_det = to_x(spec, params, z)
    return (capped(system.energy(x, jnp) / temperature) - log_det).mean()


def ml_loss(spec, params, x):
    """Return the mean of z^2 / 2 - ln |det dz/dx| over data: minus the log-likelihood but for constants."""
    z, log_det = to_z(spec, params, x)
    return (0.5 * (z**2).sum(axis=1) - log_det).mean()


def rc_loss(spec, params, system, z, ends):
    """Return minus the entropy of the system's coordinate over drawn points, by kernels spread evenly between two ends.

    Small where points spread over the whole range; every point shares a weight of 1 among the kernels.
    """
    x, _ = to_x(spec, params, z)
    low, high = ends
    centres, width = jnp.linspace(low, high, N_KERNELS), (high - low) / N_KERNELS
    kernels = jnp.exp(-0.5 * ((system.coordinate(x, jnp)[:, None] - centres) / width) ** 2) + SMALL
    shares = (kernels / kernels.sum(axis=1, keepdims=True)).mean(axis=0)
    return -jnp.log(shares).sum()


def force_loss(spec, params, x, forces):
    """Return the mean squared distance of reduced forces of data, -grad U / T, from the gradient of ln p_X."""
    slope = jax.grad(lambda points: log_density(spec, params, points).sum())(x)
    return ((forces - slope) ** 2).sum(axis=1).mean()
