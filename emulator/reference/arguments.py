"""Arguments of a run: checked, and written down."""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError


def check_count(subject, value, least=1):
    """Return a whole number, or refuse it."""
    try:
        whole = int(value)
        is_whole = whole == value and whole >= least
    except (TypeError, ValueError, OverflowError):
        is_whole = False
    if not is_whole:
        raise InputError(f"{subject} must be a whole number of at least {least}, not {value!r}")
    return whole


def check_number(subject, value):
    """Return a float, or refuse what is no number; its range is the caller's."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{subject} must be a number, not {value!r:.60}") from None


def first_states(instance, n_chains, initial, clamps):
    """Return the first state of every chain and the clamps, checked.

    Parameters
    ----------
    instance : IsingInstance
        Model to sample.
    n_chains : int
        Number of independent chains.
    initial : array_like, shape (n_spins,) or (n_chains, n_spins), or None
        First state, -1/+1; all -1 if None.
    clamps : array_like, shape (n_spins,), or None
        -1 or +1 where a spin is held, 0 where it is free.

    Returns
    -------
    spins : ndarray, shape (n_chains, n_spins), int8
        Held spins have the value at which they are held. Read only if all chains share one state.
    clamps : ndarray, shape (n_spins,), int8
    """
    n = instance.n_spins
    clamps = np.zeros(n, dtype=np.int8) if clamps is None else np.asarray(clamps)
    if clamps.shape != (n,) or not np.isin(clamps, (-1, 0, 1)).all():
        raise InputError(f"Clamps must be {n} values out of -1, 0, +1")
    held = clamps != 0
    initial = np.full(n, -1, dtype=np.int8) if initial is None else np.asarray(initial)
    if initial.shape not in ((n,), (n_chains, n)):
        raise InputError(f"Initial state must have shape ({n},) or ({n_chains}, {n}), not {initial.shape}")
    if not np.isin(initial, (-1, 1)).all():
        raise InputError(f"Initial state must be -1 or +1, not {np.setdiff1d(initial, (-1, 1))[0]}")
    spins = initial.astype(np.int8)
    spins[..., held] = clamps[held]
    return np.broadcast_to(spins, (n_chains, n)), clamps.astype(np.int8)
