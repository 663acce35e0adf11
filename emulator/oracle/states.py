"""The numbering of states: bit i of a state's index is the bit of spin i, and a set bit means spin +1."""

import numpy as np

from ..spec.errors import InputError

MAX_ENUMERATED_SPINS = 20  # 2^20 float64 values are 8 MiB


def check_n_spins(n_spins, limit=MAX_ENUMERATED_SPINS):
    """Refuse systems whose states are too many to list."""
    if not 1 <= n_spins <= limit:
        raise InputError(f"Spins must be 1..{limit} to enumerate their states, not {n_spins}")


def all_spins(n_spins):
    """Return every state in the order of its index; ndarray, shape (2**n, n), int8, -1/+1.

    >>> all_spins(2).tolist()
    [[-1, -1], [1, -1], [-1, 1], [1, 1]]
    """
    check_n_spins(n_spins)
    indices = np.arange(1 << n_spins)[:, None]
    return (2 * ((indices >> np.arange(n_spins)) & 1) - 1).astype(np.int8)


def state_indices(spins):
    """Return the index of each state; shape (...), int64, for spins -1/+1 of shape (..., n).

    >>> state_indices([[-1, -1], [1, -1], [-1, 1], [1, 1]])
    array([0, 1, 2, 3])
    """
    spins = np.asarray(spins)
    if spins.shape[-1] > 62:
        raise InputError(f"Spins must be at most 62 for a state to have an index, not {spins.shape[-1]}")
    return (spins > 0).astype(np.int64) @ (np.int64(1) << np.arange(spins.shape[-1], dtype=np.int64))


def linear_form(coefficients):
    """Return sum_i c_i s_i of every state; shape (2**n,), float64, in about 2**(n + 1) additions.

    >>> linear_form([1.0, 10.0])
    array([-11.,  -9.,   9.,  11.])
    """
    values = np.zeros(1)
    for coefficient in coefficients:
        values = np.concatenate([values - coefficient, values + coefficient])
    return values


def energies_of_states(couplings, biases):
    r"""Return the energy of every state.

    Spins are added one by one: with the energies of the states of spins 0..k-1 known, spin k contributes
    :math:`\mp (h_k + \sum_{j<k} J_{jk} s_j)`, itself a linear form, so that the whole costs O(2^n).

    Parameters
    ----------
    couplings : ndarray, shape (n, n), float64
        Symmetric J; only j < k is read.
    biases : ndarray, shape (n,), float64
        Biases h.

    Returns
    -------
    ndarray, shape (2**n,), float64
    """
    energies = np.zeros(1)
    for k, bias in enumerate(biases):
        field = bias + linear_form(couplings[:k, k])
        energies = np.concatenate([energies + field, energies - field])
    return energies


def clamped_states(n_spins, clamps):
    """Tell which states agree with the clamps.

    Parameters
    ----------
    n_spins : int
        Number of spins.
    clamps : array_like, shape (n,), int8, or None
        -1 or +1 where a spin is held, 0 where it is free; None holds nothing.

    Returns
    -------
    ndarray, shape (2**n,), bool
    """
    check_n_spins(n_spins)
    agrees = np.ones(1 << n_spins, dtype=bool)
    if clamps is None:
        return agrees
    clamps = np.asarray(clamps)
    if clamps.shape != (n_spins,) or not np.isin(clamps, (-1, 0, 1)).all():
        raise InputError(f"Clamps must be {n_spins} values out of -1, 0, +1")
    indices = np.arange(1 << n_spins)
    for i in np.flatnonzero(clamps):
        agrees &= ((indices >> i) & 1) == (clamps[i] > 0)
    return agrees
