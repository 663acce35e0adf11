"""Gates and states of a few qubits in JAX: powers of Pauli matrices, products of two, and how they act."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

X, Y, Z = (np.array(one, dtype=np.complex64) for one in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]))
H = np.array([[1, 1], [1, -1]], dtype=np.complex64) / np.sqrt(np.float32(2.0))
CZ = np.diag([1, 1, 1, -1]).astype(np.complex64)
CNOT = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], dtype=np.complex64)


def power(pauli, exponent):
    """Return P^s = (1 + P) / 2 + e^(i pi s) (1 - P) / 2 of a Pauli matrix or a product of two; square matrix."""
    one = jnp.eye(len(pauli), dtype=jnp.complex64)
    return 0.5 * (one + pauli) + jnp.exp(1j * jnp.pi * exponent) * 0.5 * (one - pauli)


def rotation_x(angle):
    """Return exp(-i angle X / 2)."""
    return jnp.cos(0.5 * angle) * jnp.eye(2, dtype=jnp.complex64) - 1j * jnp.sin(0.5 * angle) * X


def apply(gate, state, qubits):
    """Return a state after a gate on some of its qubits; shape (2,) * n, first qubit first."""
    k = len(qubits)
    moved = jnp.tensordot(gate.reshape((2,) * (2 * k)), state, axes=(tuple(range(k, 2 * k)), tuple(qubits)))
    return jnp.moveaxis(moved, tuple(range(k)), tuple(qubits))


def mean_z(state, qubit):
    """Return <Z> of a qubit."""
    weight = jnp.abs(state) ** 2
    other = tuple(k for k in range(state.ndim) if k != qubit)
    up, down = weight.sum(axis=other)
    return up - down
