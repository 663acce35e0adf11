"""Training of flows with Adam: by data first, then by energies, a reaction coordinate or forces as weights tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ...emulator.spec.errors import InputError
from . import losses
from .coupling import init

CLIP = 100.0  # of the gradient's norm: one wild point must not throw the network away


@dataclass(frozen=True)
class FlowPlan:
    """One stage of a training.

    Parameters
    ----------
    n_steps, batch : int
        Steps, and points or noise of each.
    rate : float
        Step size of Adam.
    ml, kl, rc, force : float
        Weights of the losses by data, energy, reaction coordinate, and forces.
    ends : (float, float)
        Range of the reaction coordinate.
    """

    n_steps: int
    batch: int = 512
    rate: float = 1e-3
    ml: float = 0.0
    kl: float = 0.0
    rc: float = 0.0
    force: float = 0.0
    ends: tuple[float, float] = (-2.5, 2.5)

    def __post_init__(self):
        if min(self.n_steps, self.batch) < 1 or not self.rate > 0:
            raise InputError("Steps, batch and rate must be above 0")
        if min(self.ml, self.kl, self.rc, self.force) < 0 or self.ml + self.kl + self.force <= 0:
            raise InputError("Weights must be 0 or more, and one of ml, kl and force above 0")


def train_flow(spec, system, data, stages, seed, params=None):
    """Train a flow through stages.

    Parameters
    ----------
    spec : FlowSpec
        Shape of the network.
    system : Potential
        U, at temperature 1.
    data : ndarray, shape (n, d), float64
        Points for losses by data and forces.
    stages : sequence of FlowPlan
        Stages of the training, one after the other.
    seed : int
        Seed of weights, batches and noise.
    params : pytree, optional
        Parameters to begin with.

    Returns
    -------
    pytree
        Trained parameters.
    """
    params = init(spec, seed) if params is None else params
    rng = np.random.default_rng([seed, 3])
    data = np.asarray(data, dtype=np.float32)
    for plan in stages:
        rule = optax.chain(optax.clip_by_global_norm(CLIP), optax.adam(plan.rate))
        state = rule.init(params)
        for _ in range(plan.n_steps):
            x = data[rng.integers(len(data), size=plan.batch)]
            z = rng.standard_normal((plan.batch, spec.n_dims)).astype(np.float32)
            params, state = _update((rule, spec, system, plan), (params, state), x, z)
    return jax.tree_util.tree_map(np.asarray, params)


@partial(jax.jit, static_argnums=0)
def _update(how, carried, x, z):
    rule, spec, system, plan = how
    params, state = carried
    slope = jax.grad(partial(total_loss, spec, system, plan))(params, x, z)
    change, state = rule.update(slope, state, params)
    return optax.apply_updates(params, change), state


def total_loss(spec, system, plan, params, x, z):
    """Return the weighted sum of the losses that a stage has."""
    total = 0.0
    if plan.ml:
        total += plan.ml * losses.ml_loss(spec, params, x)
    if plan.kl:
        total += plan.kl * losses.kl_loss(spec, params, system, z)
    if plan.rc:
        total += plan.rc * losses.rc_loss(spec, params, system, z, plan.ends)
    if plan.force:
        forces = -jax.grad(lambda points: system.energy(points, jnp).sum())(x)
        total += plan.force * losses.force_loss(spec, params, x, forces)
    return total
