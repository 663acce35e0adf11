"""Training of the four models of paper 001 on excitations: pure network, one filter, three filters, literal listing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ...emulator.spec.errors import InputError
from . import gates
from .circuit import N_FILTER, N_PARAMETERS, N_QUBITS, excited, filtered, network
from .data import N_TRAINING, published_points

MODELS = ("qcnn", "one filter", "three filters", "literal listing")
N_HEAD = 8


@dataclass(frozen=True)
class QcnnPlan:
    """How a model is trained; defaults are those that work, the paper's listing has a rate of 0.002 for 20 epochs.

    Parameters
    ----------
    rate : float
        Step size of Adam.
    n_epochs, batch : int
        Passes over the 112 points, and points of a step.
    """

    rate: float = 0.02
    n_epochs: int = 25
    batch: int = 16

    def __post_init__(self):
        if not self.rate > 0 or min(self.n_epochs, self.batch) < 1 or self.batch > N_TRAINING:
            raise InputError(f"Rate and epochs must be above 0, and the batch 1 to {N_TRAINING}")


def init(model, seed):
    """Return parameters: angles uniform in 0 ... 2 pi, Glorot's uniform weights for the head; a pytree of ndarray."""
    if model not in MODELS:
        raise InputError(f"Model must be one of {', '.join(MODELS)}, not {model!r}")
    rng = np.random.default_rng([seed, 1])
    if model in ("qcnn", "literal listing"):
        return {"angles": rng.uniform(0.0, 2.0 * np.pi, N_PARAMETERS).astype(np.float32)}
    n_filters = 3 if model == "three filters" else 1

    def dense(n_in, n_out):
        reach = np.sqrt(6.0 / (n_in + n_out))
        weight = rng.uniform(-reach, reach, (n_out, n_in)).astype(np.float32)
        return {"weight": weight, "bias": np.zeros(n_out, np.float32)}

    angles = rng.uniform(0.0, 2.0 * np.pi, (n_filters, N_FILTER)).astype(np.float32)
    return {"angles": angles, "hidden": dense(4 * n_filters, N_HEAD), "last": dense(N_HEAD, 1)}


def outputs(model, params, qubits, angles):
    """Return what a model says of points, its sign being the label; shape (n,)."""
    one = partial(_output, model, params)
    return jax.vmap(one)(jnp.asarray(qubits), jnp.asarray(angles, dtype=jnp.float32))


def _output(model, params, qubit, angle):
    if model == "literal listing":
        return _literal(params["angles"], qubit, angle)
    state = excited(qubit, angle)
    if model == "qcnn":
        return network(state, params["angles"])
    return head(params, jnp.concatenate([filtered(state, own) for own in params["angles"]]))


def head(params, features):
    """Return the output of both dense layers, without activation as in the paper."""
    hidden = params["hidden"]["weight"] @ features + params["hidden"]["bias"]
    return (params["last"]["weight"] @ hidden + params["last"]["bias"])[0]


def _literal(symbols, qubit, angle):
    """Return the output of the printed listing, which puts the trained circuit where the cluster state should be."""
    state = jnp.zeros((2,) * N_QUBITS, dtype=jnp.complex64).at[(0,) * N_QUBITS].set(1.0)
    state = network(state, symbols, is_state=True)
    for k in range(N_QUBITS):
        state = gates.apply(gates.rotation_x(jnp.where(k == qubit, angle, 0.0)), state, (k,))
    return network(state, symbols)


def train(model, plan, seed):
    """Train a model on the first 112 of the paper's 160 points.

    Parameters
    ----------
    model : str
        One of `MODELS`.
    plan : QcnnPlan
        Sizes, steps and rates of the training.
    seed : int
        Seed of points, parameters and order.

    Returns
    -------
    pytree
        Trained parameters.
    """
    points = tuple(jnp.asarray(one[:N_TRAINING]) for one in published_points(seed))
    order = np.random.default_rng([seed, 3])
    n_steps = N_TRAINING // plan.batch
    batches = np.stack([order.permutation(N_TRAINING)[: n_steps * plan.batch] for _ in range(plan.n_epochs)])
    return _trained(model, plan.rate, init(model, seed), points, batches.reshape(-1, plan.batch))


@partial(jax.jit, static_argnums=(0, 1))
def _trained(model, rate, params, points, batches):
    rule = optax.adam(rate)
    qubits, angles, wanted = points

    def loss(params, chosen):
        return ((outputs(model, params, qubits[chosen], angles[chosen]) - wanted[chosen]) ** 2).mean()

    def step(carried, chosen):
        params, state = carried
        change, state = rule.update(jax.grad(loss)(params, chosen), state, params)
        return (optax.apply_updates(params, change), state), None

    return jax.lax.scan(step, (params, rule.init(params)), batches)[0][0]


@partial(jax.jit, static_argnums=0)
def _said(model, params, qubits, angles):
    return outputs(model, params, qubits, angles)


def accuracy(model, params, points):
    """Return the share of points whose sign is their label; ``points`` are qubits, angles and labels."""
    qubits, angles, wanted = points
    return float((np.sign(np.asarray(_said(model, params, qubits, angles))) == wanted).mean())
