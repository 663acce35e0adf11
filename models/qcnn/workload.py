"""Quantum convolutional networks as a workload (extra ``models``): golden values, the oracle, shots, and trainings."""

from __future__ import annotations

import importlib.util

import numpy as np

from ...emulator.spec.errors import InputError
from ..workload_row import near, row, share_error

SEED = 1
GOLDEN = {(0, 0.0): 0.08455433, (3, 1.0): 0.01554092, (7, -2.5): 0.05036108}
SHOTS = {1: 0.82, 10: 0.93, 100: 0.975}  # a stabiliser; accuracy of their sum against 6, to 2 %


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        Medians over 20 trainings of every model, and the printed listing: minutes. Otherwise three of one filter.
    seed : int
        Seed of points and parameters.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se``, ``reference``, ``source``, ``ok``.
    """
    if importlib.util.find_spec("jax") is None or importlib.util.find_spec("optax") is None:
        raise InputError(
            "This workload must have JAX and optax, which are not installed: pip install 'spinchip[models]'"
        )
    from . import workload_training as trained

    rows = circuit_rows() + shot_rows(seed) + trained.pixel_rows(seed)
    return rows + (trained.median_rows(seed) if full else trained.short_rows(seed))


def circuit_rows():
    """Return the circuit beside golden values, and the sum of stabilisers beside 6 + 2 cos angle."""
    from . import circuit

    symbols, rows = 0.1 * np.arange(63, dtype=np.float32), []
    for (qubit, angle), wanted in GOLDEN.items():
        found = float(circuit.network(circuit.excited(qubit, angle), symbols))
        name = f"golden <Z>, excitation {angle:g} of qubit {qubit}"
        rows.append(near(name, found, wanted, 1e-5, "another simulator"))
    found = float(circuit.stabilisers(circuit.excited(5, 1.1)).sum())
    rows.append(near("sum of stabilisers, excitation 1.1", found, 6.0 + 2.0 * np.cos(1.1), 2e-5, "closed form"))
    return rows


def shot_rows(seed, n_points=4000):
    """Return the accuracy of the stabiliser classifier when every mean is of a few p-bit draws.

    A shot is +1 with probability (1 + <K>) / 2, which is what one p-bit gives. Without shots it makes no mistake.
    """
    rng = np.random.default_rng([seed, 4])
    angles = rng.uniform(-np.pi, np.pi, n_points)
    means = np.ones((n_points, 8))
    means[:, :2] = np.cos(angles)[:, None]  # two stabilisers feel a turn, six do not
    rows = []
    is_small = np.abs(angles) <= 0.5 * np.pi
    for n_shots, wanted in SHOTS.items():
        drawn = 2.0 * rng.binomial(n_shots, 0.5 * (1.0 + means)) / n_shots - 1.0
        share = float(((drawn.sum(axis=1) > 6.0) == is_small).mean())
        error = share_error(share, n_points)
        name = f"stabilisers with {n_shots} shot{'s' * (n_shots > 1)}: accuracy"
        rows.append(row(name, share, wanted, "noted, to 2 %", abs(share - wanted) < 0.02, error))
    whole = float(((means.sum(axis=1) > 6.0) == is_small).mean())
    return [*rows, near("stabilisers without shots: accuracy", whole, 1.0, 0.0, "closed form")]
