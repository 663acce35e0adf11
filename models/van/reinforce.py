"""Training of masked networks in JAX by REINFORCE with a baseline, beta rising, clipped by the whole norm."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ...emulator.spec.errors import InputError
from . import masked
from .hidden import HiddenNetwork
from .training import ADAM, CLIP, energies_of, symmetric_couplings


def hidden_network(spec, params):
    """Return a dense network of two layers as one that needs no JAX; HiddenNetwork."""
    if spec.kind != "dense" or spec.depth != 2:
        raise InputError(f"Network must be dense with two layers, not {spec.kind} with {spec.depth}")
    (first, second), width = params, spec.width
    return HiddenNetwork(
        np.asarray(first["main"]["weight"]) * masked.layer_mask(spec, 1, width, True),
        np.asarray(first["main"]["bias"]),
        np.asarray(second["slope"]),
        np.asarray(second["main"]["weight"]) * masked.layer_mask(spec, width, 1, False),
        np.asarray(second["main"]["bias"]),
    )


def train_masked(spec, couplings, plan, seed, is_mixed=False):
    """Train a masked network along rising betas.

    Parameters
    ----------
    spec : MaskedSpec
        Shape of the network.
    couplings : ndarray, shape (n, n), float64
        Coupling matrix J, symmetric with an empty diagonal.
    plan : VanPlan
        Sizes, steps and rates of the training.
    seed : int
        Seed of weights and states.
    is_mixed : bool
        Whether q is the mean over a state and its reverse.

    Returns
    -------
    dict of float to pytree
        Parameters at the end of each beta.
    """
    couplings = symmetric_couplings(couplings)
    if len(couplings) != spec.n_spins:
        raise InputError(f"Couplings must be of {spec.n_spins} spins, as the network is, not of {len(couplings)}")
    rule = optax.chain(optax.clip_by_global_norm(CLIP), optax.adam(plan.rate, *ADAM))
    params = masked.init(spec, seed)
    state, found, step = rule.init(params), {}, 0
    for beta in plan.betas:
        for _ in range(plan.n_steps):
            step += 1
            spins = draw(spec, params, plan.batch, seed + step, is_mixed)
            energies = jnp.asarray(beta * energies_of(couplings, spins), dtype=jnp.float32)
            params, state = _update(rule, spec, is_mixed, (params, state), jnp.asarray(spins, jnp.float32), energies)
        found[float(beta)] = jax.tree_util.tree_map(np.asarray, params)
    return found


def draw(spec, params, n_states, seed, is_mixed=False):
    """Draw states, by the quick rule where the network has one; ndarray, shape (n_states, n), int8."""
    if spec.kind != "dense" or spec.depth != 2:
        return masked.sample(spec, params, n_states, seed, is_mixed)
    spins = hidden_network(spec, params).sample(n_states, seed)
    if is_mixed:
        spins = spins * np.random.default_rng([seed, 1]).choice(np.array([-1, 1], dtype=np.int8), (n_states, 1))
    return spins


@partial(jax.jit, static_argnums=(0, 1, 2))
def _update(rule, spec, is_mixed, carried, spins, energies):
    params, state = carried
    slope = jax.grad(partial(surrogate, spec, is_mixed))(params, spins, energies)
    change, state = rule.update(slope, state, params)
    return optax.apply_updates(params, change), state


def surrogate(spec, is_mixed, params, spins, energies):
    """Return a number whose gradient is E_q[(R - <R>) grad ln q], R = beta E + ln q, with R held fixed."""
    log_q = masked.log_probabilities(spec, params, spins, is_mixed)
    reward = jax.lax.stop_gradient(energies + log_q)
    return ((reward - reward.mean()) * log_q).sum() / (len(spins) - 1)
