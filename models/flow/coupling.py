"""Coupling layers in JAX: an invertible network between Gaussian noise and points of a potential."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from . import flow_spec
from .flow_spec import log_prior


def init(spec, seed):
    """Return parameters, a pytree of ndarray, float32: the identity up to small numbers."""
    rng = np.random.default_rng(seed)
    couplings = []
    for k in range(spec.n_couplings):
        seen, moved = spec.halves(k)
        names = ("scale", "shift") if spec.kind == "realnvp" else ("shift",)
        couplings.append({name: _net(rng, (len(seen), spec.n_hidden, spec.n_hidden, len(moved))) for name in names})
    params = {"couplings": couplings, "log_scale": np.zeros(spec.n_dims)}
    return jax.tree_util.tree_map(lambda leaf: np.asarray(leaf, dtype=np.float32), params)


def _net(rng, sizes):
    layers = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        gain = 0.01 if n_out == sizes[-1] else 1.0
        weight = gain * np.sqrt(2.0 / n_in) * rng.standard_normal((n_out, n_in))
        layers.append({"weight": weight, "bias": np.zeros(n_out)})
    return layers


def to_x(spec, params, z):
    """Return points and ln |det dx/dz| of noise; shapes (n, d) and (n,)."""
    return flow_spec.to_x(spec, jnp.asarray(z), partial(_nets, spec, params), jnp.asarray(params["log_scale"]), jnp)


def to_z(spec, params, x):
    """Return noise and ln |det dz/dx| of points; the inverse of `to_x`."""
    return flow_spec.to_z(spec, jnp.asarray(x), partial(_nets, spec, params), jnp.asarray(params["log_scale"]), jnp)


def _nets(spec, params, k, x):
    """Return logarithms of scales and shifts of a coupling."""
    coupling = params["couplings"][k]
    shift = _run(coupling["shift"], x)
    return (jnp.tanh(_run(coupling["scale"], x)) if spec.kind == "realnvp" else jnp.zeros_like(shift)), shift


def _run(layers, x):
    """Return what a net of two hidden layers gives."""
    for k, layer in enumerate(layers):
        x = x @ layer["weight"].T + layer["bias"]
        if k < len(layers) - 1:
            x = jax.nn.relu(x)
    return x


def log_density(spec, params, x, variance=1.0):
    """Return ln p_X of points, noise having a variance; shape (n,)."""
    z, log_det = to_z(spec, params, x)
    return log_prior(z, variance) + log_det
