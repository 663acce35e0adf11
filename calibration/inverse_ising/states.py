"""Recorded states of a machine: checked, and as each p-bit saw them when it was updated."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ...emulator.spec.errors import InputError


def checked_states(spins):
    """Return states as int8 of shape (n_chains, n_draws, n); two dimensions are one chain.

    Raises
    ------
    InputError
        If the shape is another, or a number is neither -1 nor +1; chain, draw and spin are named.
    """
    given = np.asarray(spins)
    if given.ndim == 2:
        given = given[None]
    if given.ndim != 3 or 0 in given.shape:
        raise InputError(f"Spins must have shape (chains, draws, spins) or (draws, spins), not {np.shape(spins)}")
    bad = np.abs(given) != 1
    if bad.any():
        chain, draw, spin = np.argwhere(bad)[0].tolist()
        value = given[chain, draw, spin]
        raise InputError(f"Spin {spin} of draw {draw} in chain {chain} must be -1 or +1, not {value}")
    return np.ascontiguousarray(given, dtype=np.int8)


def seen_spins(spins, i, neighbors, colors=None):
    """Return the spins of some p-bits as p-bit ``i`` saw them.

    Parameters
    ----------
    spins : ndarray, shape (n_chains, n_draws, n), int8
        States; with colours those of consecutive sweeps.
    i : int
        Index of the p-bit.
    neighbors : ndarray, shape (k,), int
        Whom it looks at.
    colors : ndarray, shape (n,), int, optional
        Order of updates in a sweep: lower colours were updated before, and are as they are after the sweep; the others
        are as they were before it. Without colours all are taken from the state itself.

    Returns
    -------
    ndarray, shape (n_chains, n_draws - 1 with colours, k), int8
    """
    if colors is None:
        return spins[:, :, neighbors]
    is_new = colors[neighbors] < colors[i]
    return np.where(is_new, spins[:, 1:, neighbors], spins[:, :-1, neighbors])


def checked_order(colors, n, n_draws):
    """Return colours as an array, or refuse them; None stays None.

    Parameters
    ----------
    colors : array_like, shape (n,), int, or None
        Colour of each p-bit, in the order of updates; None if unknown.
    n, n_draws : int
        Spins, and draws of each chain.
    """
    if colors is None:
        return None
    colors = np.asarray(colors)
    if colors.shape != (n,):
        raise InputError(f"Colours must be one per spin ({n}), not of shape {colors.shape}")
    if n_draws < 2:
        raise InputError(f"Chains must have 2 consecutive sweeps or more to show updates, not {n_draws}")
    return colors


def seen_fields(instance, spins, colors=None):
    """Return the local field J s + h that every p-bit saw when it drew its bit.

    Parameters
    ----------
    instance : IsingInstance
        Couplings, of which row i is what p-bit i feels, and biases.
    spins, colors
        Same meaning as in `seen_spins`.

    Returns
    -------
    ndarray, shape (n_chains, n_draws - 1 with colours, n), float64
        Local field of each p-bit, without beta.
    """
    if colors is None:
        return instance.local_fields(spins)
    pairs = instance.couplings.tocoo()
    row, column = pairs.coords
    is_new = colors[column] < colors[row]
    parts = []
    for chosen, states in ((is_new, spins[:, 1:]), (~is_new, spins[:, :-1])):
        matrix = sparse.csr_array((pairs.data[chosen], (row[chosen], column[chosen])), shape=pairs.shape)
        flat = states.reshape(-1, states.shape[2]).astype(np.float64)
        parts.append((matrix @ flat.T).T.reshape(states.shape))
    return parts[0] + parts[1] + instance.biases
