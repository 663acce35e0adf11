"""Annealed importance weights in JAX: points of a flow move to the target through intermediate distributions.

A flow of many dimensions misses the target by more than weights alone can mend. Hamiltonian moves at each of the
distributions q^(1 - l) exp(-l U) spread the mismatch over many small weights, which stay exact. Source: Neal, Stat.
Comput. 11, 125 (2001); between flows and targets: Wu, Koehler, Noe, arXiv:2002.06707.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.seeds import key_data
from .coupling import log_density

N_LEAPS = 5
WANTED = 0.75  # acceptance that the width of moves is set to


def annealed_logs(flow, system, start, is_inside, lambdas, seed):
    """Return ln of annealed weights of points, and their last places.

    Parameters
    ----------
    flow : (FlowSpec, pytree)
        Flow whose distribution is q.
    system : Potential
        U, at temperature 1.
    start : ndarray, shape (n, d)
        Points of q if ``lambdas`` rise from 0, points of exp(-U) if they fall from 1; all inside.
    is_inside : function of ndarray, shape (n, d)
        Which points belong to the target; moves out of it are refused.
    lambdas : ndarray, shape (n_laws,), float64
        Exponents of the intermediate distributions, from 0 to 1, or from 1 to 0.
    seed : int
        Seed of the moves.

    Returns
    -------
    (ndarray, ndarray)
        Minus the work, shape (n,), float64: of the mean of exp, ln Z of U over q, or of q over U. And the points.
    """
    lambdas = np.asarray(lambdas, dtype=np.float64)
    if len(lambdas) < 2 or {lambdas[0], lambdas[-1]} != {0.0, 1.0}:
        raise InputError(f"Laws must run between 0 and 1, not {lambdas[0]:g} and {lambdas[-1]:g}")
    x, width, key = jnp.asarray(start, jnp.float32), 0.03, jax.random.wrap_key_data(key_data(seed))
    logs = np.zeros(len(x))
    for number, (here, there) in enumerate(zip(lambdas[:-1], lambdas[1:], strict=True)):
        logs += (there - here) * np.asarray(_gap(flow, system, x), dtype=np.float64)
        if number == len(lambdas) - 2:
            break
        moved, taken = _move(flow[0], system, flow[1], (x, there, width), jax.random.fold_in(key, number))
        whole = np.isfinite(np.asarray(moved)).all(axis=1)  # trajectories that run into a wall of the target overflow
        moved = jnp.where(whole[:, None], moved, x)
        taken = np.asarray(taken) & whole & is_inside(np.asarray(moved, dtype=np.float64))
        x = jnp.where(taken[:, None], moved, x)
        width = float(np.clip(width * np.exp(0.3 * (taken.mean() - WANTED)), 1e-4, 1.0))
    return logs, np.asarray(x, dtype=np.float64)


def _gap(flow, system, x):
    """Return -U - ln q; shape (n,)."""
    return _pair(flow[0], system, flow[1], x)


@partial(jax.jit, static_argnums=(0, 1))
def _pair(spec, system, params, x):
    return -system.energy(x, jnp) - log_density(spec, params, x)


@partial(jax.jit, static_argnums=(0, 1))
def _move(spec, system, params, state, key):
    """Return places after one trajectory at an intermediate distribution, and whether Metropolis' rule takes them."""
    x, mix, width = state

    def cost(points):
        return -((1.0 - mix) * log_density(spec, params, points) - mix * system.energy(points, jnp))

    slope = jax.grad(lambda points: cost(points).sum())
    first, second = jax.random.split(key)
    v = jax.random.normal(first, x.shape)
    begin = cost(x) + 0.5 * (v**2).sum(axis=1)
    y = x
    v = v - 0.5 * width * slope(y)
    for leap in range(N_LEAPS):
        y = y + width * v
        v = v - (0.5 if leap == N_LEAPS - 1 else 1.0) * width * slope(y)
    end = cost(y) + 0.5 * (v**2).sum(axis=1)
    return y, jnp.log(jax.random.uniform(second, begin.shape)) < begin - end
