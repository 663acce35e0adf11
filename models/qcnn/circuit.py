"""The circuits of paper 001: a ring cluster state, an excitation, quantum convolutions and pooling of eight qubits."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from . import gates

N_QUBITS = 8
N_CONVOLUTION, N_POOL = 15, 6
N_PARAMETERS = 3 * (N_CONVOLUTION + N_POOL)
N_FILTER = N_CONVOLUTION + N_POOL


def cluster_state(n_qubits=N_QUBITS):
    """Return the ring cluster state, stabilised by Z X Z of every three neighbours; shape (2,) * n."""
    state = jnp.full((2,) * n_qubits, 2.0 ** (-0.5 * n_qubits), dtype=jnp.complex64)
    for k in range(n_qubits):
        state = gates.apply(gates.CZ, state, (k, (k + 1) % n_qubits))
    return state


def excited(qubit, angle):
    """Return the cluster state with one qubit turned about x; ``qubit`` may be traced."""
    state = cluster_state()
    for k in range(N_QUBITS):
        state = gates.apply(gates.rotation_x(jnp.where(k == qubit, angle, 0.0)), state, (k,))
    return state


def one_qubit(symbols):
    """Return Z^s2 Y^s1 X^s0."""
    x, y, z = (gates.power(p, s) for p, s in zip((gates.X, gates.Y, gates.Z), symbols, strict=True))
    return z @ y @ x


def convolution(state, qubits, symbols):
    """Return the state after the 15-parameter unitary on pairs of neighbours, even pairs first, then odd ones."""
    n = len(qubits)
    pairs = list(zip(qubits[0::2], qubits[1::2], strict=True))
    pairs += [(qubits[k], qubits[(k + 1) % n]) for k in range(1, n, 2)]
    for a, b in pairs:
        state = gates.apply(one_qubit(symbols[0:3]), state, (a,))
        state = gates.apply(one_qubit(symbols[3:6]), state, (b,))
        for k, p in enumerate((gates.Z, gates.Y, gates.X)):
            state = gates.apply(gates.power(np.kron(p, p), symbols[6 + k]), state, (a, b))
        state = gates.apply(one_qubit(symbols[9:12]), state, (a,))
        state = gates.apply(one_qubit(symbols[12:15]), state, (b,))
    return state


def pool(state, sources, sinks, symbols):
    """Return the state after each source has told its sink: bases chosen, CNOT, the sink's basis undone."""
    for source, sink in zip(sources, sinks, strict=True):
        basis = one_qubit(symbols[0:3])
        state = gates.apply(basis, state, (sink,))
        state = gates.apply(one_qubit(symbols[3:6]), state, (source,))
        state = gates.apply(gates.CNOT, state, (source, sink))
        state = gates.apply(jnp.conj(basis).T, state, (sink,))
    return state


def network(state, symbols, is_state=False):
    """Return <Z> of the last qubit after three convolutions and poolings, 8 -> 4 -> 2 -> 1; 63 parameters.

    With ``is_state`` the state itself.
    """
    qubits = tuple(range(N_QUBITS))
    for level in range(3):
        own = symbols[N_FILTER * level : N_FILTER * (level + 1)]
        half = len(qubits) // 2
        state = convolution(state, qubits, own[:N_CONVOLUTION])
        state = pool(state, qubits[:half], qubits[half:], own[N_CONVOLUTION:])
        qubits = qubits[half:]
    return state if is_state else gates.mean_z(state, qubits[-1])


def filtered(state, symbols):
    """Return <Z> of the four sinks after one convolution and pooling; 21 parameters; shape (4,)."""
    qubits = tuple(range(N_QUBITS))
    state = convolution(state, qubits, symbols[:N_CONVOLUTION])
    state = pool(state, qubits[:4], qubits[4:], symbols[N_CONVOLUTION:])
    return jnp.stack([gates.mean_z(state, k) for k in qubits[4:]])


def stabilisers(state):
    """Return <Z_(i-1) X_i Z_(i+1)> around the ring; shape (8,)."""
    found = []
    for k in range(N_QUBITS):
        moved = state
        for p, q in ((gates.Z, k - 1), (gates.X, k), (gates.Z, k + 1)):
            moved = gates.apply(p, moved, (q % N_QUBITS,))
        found.append(jnp.vdot(state, moved).real)
    return jnp.stack(found)
