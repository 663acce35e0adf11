"""Exact time evolution: a field quench by free fermions, and any small system by its matrix."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import expm_multiply

from ...emulator.spec.errors import InputError


def quench_curve(n_sites, field_before, field_after, times):
    r"""Return the mean of sigma^x per site after a sudden change of the transverse field.

    Every momentum k = (2 n + 1) pi / N is a spin that lies along d_k = (sin k, h - cos k) at first, and then turns
    about the new d_k with angular frequency 4 abs(d_k).

    Parameters
    ----------
    n_sites : int
        Even, of a periodic chain.
    field_before, field_after : float
        h of the ground state, and of the evolution.
    times : array_like, shape (n_times,), float64
        In units of 1 / J.

    Returns
    -------
    ndarray, shape (n_times,), float64

    References
    ----------
    Barouch, McCoy, Dresden, Phys. Rev. A 2, 1075 (1970).
    """
    if n_sites % 2 or n_sites < 2:
        raise InputError(f"Sites must be an even number of 2 or more, not {n_sites}")
    k = (2 * np.arange(n_sites) + 1) * np.pi / n_sites
    first, later = (np.stack([np.sin(k), h - np.cos(k)]) for h in (field_before, field_after))
    start = first / np.linalg.norm(first, axis=0)
    size = np.linalg.norm(later, axis=0)
    axis = later / size
    along = (axis * start).sum(axis=0)
    turning = np.cos(4.0 * size * np.asarray(times, dtype=np.float64)[:, None])
    return (axis[1] * along + turning * (start[1] - axis[1] * along)).mean(axis=1)


def evolved(matrix, state, times):
    """Return a state under exp(-i H t); ndarray, shape (n_times, n_states), complex128.

    Parameters
    ----------
    matrix : csr_array
        Hamiltonian H.
    state : ndarray, shape (n_states,)
        State at t = 0.
    times : array_like
        Times, ascending and equally spaced.
    """
    times = np.asarray(times, dtype=np.float64)
    generator = -1j * matrix.astype(np.complex128)
    return expm_multiply(generator, state.astype(np.complex128), times[0], times[-1], times.size, endpoint=True)


def expectation(matrix, states):
    """Return the mean of an observable in normalised states; ndarray, shape (n_states,), float64."""
    return np.array([np.vdot(one, matrix @ one).real / np.vdot(one, one).real for one in states])
