"""The 4 x 4 pixel classifier of paper 001: a readout qubit coupled to 16 pixels by XX and ZZ, exactly and at once.

The readout begins in the state of X = -1, which XX leaves alone: each pixel's qubit is turned on its own. ZZ then adds
phases. With b = +1 for a dark pixel and -1 for a bright one,

    <X> = -Re prod_i (cos(pi t_i) - i b_i cos(pi s_i) sin(pi t_i)),

so that 16 pixels need no state of 17 qubits. The circuit is that of the public tutorial which the paper follows.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from scipy.optimize import minimize

from . import gates


def readout(params, bits):
    """Return <X> of the readout; shape (n,).

    Parameters
    ----------
    params : array, shape (2, n_pixels)
        Exponents s of XX and t of ZZ.
    bits : array, shape (n, n_pixels)
        Pixels, 0 or 1.
    """
    z = (1.0 - 2.0 * bits) * jnp.cos(jnp.pi * params[0])
    factors = jnp.cos(jnp.pi * params[1]) - 1j * z * jnp.sin(jnp.pi * params[1])
    return -jnp.prod(factors, axis=-1).real


def readout_of_state(params, bits):
    """Return <X> of the readout for one picture of a few pixels, by the whole state."""
    n = len(bits)
    state = jnp.zeros((2,) * (n + 1), dtype=jnp.complex64).at[(1, *bits)].set(1.0)
    state = gates.apply(gates.H, state, (0,))
    for pauli, exponents in ((gates.X, params[0]), (gates.Z, params[1])):
        for k in range(n):
            state = gates.apply(gates.power(np.kron(pauli, pauli), exponents[k]), state, (k + 1, 0))
    return gates.mean_z(gates.apply(gates.H, state, (0,)), 0)


def train_readout(bits, labels, seed, n_steps=400, rate=0.02):
    """Return exponents after training by the hinge loss on whole batches; ndarray, shape (2, n_pixels), float32."""
    start = np.random.default_rng([seed, 6]).uniform(0.0, 2.0, (2, bits.shape[1])).astype(np.float32)
    return np.asarray(_trained(n_steps, rate, start, jnp.asarray(bits, jnp.float32), jnp.asarray(labels)))


@partial(jax.jit, static_argnums=(0, 1))
def _trained(n_steps, rate, params, bits, labels):
    rule = optax.adam(rate)

    def loss(params):
        return jnp.maximum(0.0, 1.0 - labels * readout(params, bits)).mean()

    def step(carried, _):
        params, state = carried
        change, state = rule.update(jax.grad(loss)(params), state, params)
        return (optax.apply_updates(params, change), state), None

    return jax.lax.scan(step, (params, rule.init(params)), None, n_steps)[0][0]


def readout_accuracy(params, bits, labels):
    """Return the share of pictures whose sign of <X> is their label."""
    return float((np.sign(np.asarray(readout(params, jnp.asarray(bits, jnp.float32)))) == labels).mean())


def logistic_accuracy(train, test, is_paired=False, penalty=1e-2):
    """Return the accuracy of logistic regression on the same pixels, or on the products of every two: no qubit."""

    def design(bits):
        signs = 2.0 * bits - 1.0
        first, second = np.triu_indices(bits.shape[1], 1)
        return np.column_stack([signs[:, first] * signs[:, second] if is_paired else signs, np.ones(len(bits))])

    x, labels = design(train[0]), train[1]

    def cost(w):
        margin = labels * (x @ w)
        slope = -(labels / (1.0 + np.exp(margin))) @ x / len(labels)
        return np.logaddexp(0.0, -margin).mean() + 0.5 * penalty * (w @ w), slope + penalty * w

    found = minimize(cost, np.zeros(x.shape[1]), jac=True).x
    return float((np.sign(design(test[0]) @ found) == test[1]).mean())
