"""Excitations of the cluster state: one qubit turned by an angle, labelled by whether the turn is small."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError
from .circuit import N_QUBITS

N_TRAINING = 112


def published_points(seed, n_rounds=20):
    """Return qubits, angles and labels as in the paper: every qubit in turn, angles uniform; 112 train, 48 are left."""
    rng = np.random.default_rng(seed)
    qubits = np.tile(np.arange(N_QUBITS), n_rounds)
    angles = rng.uniform(-np.pi, np.pi, qubits.size)
    return qubits, angles, labels(angles)


def held_out(n_points, seed):
    """Return as many more points, qubits drawn at random."""
    if n_points < 1:
        raise InputError(f"Points must be 1 or more, not {n_points}")
    rng = np.random.default_rng([seed, 2])
    angles = rng.uniform(-np.pi, np.pi, n_points)
    return rng.integers(0, N_QUBITS, n_points), angles, labels(angles)


def labels(angles):
    """Return +1 where a turn is at most a quarter, -1 elsewhere; ndarray, float32."""
    return np.where(np.abs(angles) <= 0.5 * np.pi, 1.0, -1.0).astype(np.float32)
