"""Boltzmann distributions by enumeration of all states, for at most 20 spins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from ..spec.errors import InputError
from .law_moments import LARGE, LawMoments, law_moments, variance
from .states import check_n_spins, clamped_states, energies_of_states

LARGE_EXPONENT = 1e6  # float64 holds it to 1e-10, as much as a probability should be off


@dataclass(frozen=True, eq=False)
class BoltzmannAnswer:
    r"""Exact thermodynamics of one instance at one inverse temperature.

    Parameters
    ----------
    beta : float
        Inverse temperature.
    log_z : float
        :math:`\ln \sum_s e^{-\beta E(s)}`, over the states that agree with the clamps.
    heat_capacity : float
        :math:`\beta^2 (\langle E^2 \rangle - \langle E \rangle^2)` of the whole system.
    law : ndarray, shape (2**n,), float64
        Probability of each state, numbered as in `states`.
    moments : LawMoments
        Energy, spin and edge means.
    """

    beta: float
    log_z: float
    heat_capacity: float
    law: np.ndarray
    moments: LawMoments


def state_energies(instance):
    """Return E(s) of every state, the offset included; ndarray, shape (2**n,), float64."""
    return instance.with_offset(_energies(instance))


def _energies(instance):
    """Return E(s) of every state without the offset, which no distribution depends on."""
    check_n_spins(instance.n_spins)
    return energies_of_states(instance.couplings.toarray(), instance.biases)


def boltzmann_answer(instance, beta, clamps=None):
    """Return the exact distribution and its thermodynamics.

    Parameters
    ----------
    instance : IsingInstance
        At most 20 spins.
    beta : float
        Inverse temperature, 0 or more.
    clamps : array_like, shape (n,), int8, optional
        -1 or +1 where a spin is held: the distribution is conditional on them, and energies contain their part.

    Returns
    -------
    BoltzmannAnswer

    Raises
    ------
    InputError
        If there are more than 20 spins, or beta or the clamps are out of range.
    """
    if not (np.isfinite(beta) and beta >= 0):
        raise InputError(f"Inverse temperature must be finite and 0 or more, not {beta!r}")
    agrees = clamped_states(instance.n_spins, clamps)
    log_weights, log_scale = _log_weights(np.where(agrees, _energies(instance), np.inf), beta)
    log_z = float(logsumexp(log_weights))
    law = np.exp(log_weights - log_z)
    moments = law_moments(law, instance)
    with np.errstate(over="ignore"):  # infinite where it is beyond float64
        log_z += log_scale - (beta * instance.offset if instance.offset else 0.0)
        if max(beta, moments.energy_variance) < LARGE:
            heat_capacity = beta**2 * moments.energy_variance
        else:  # squares beyond float64, of numbers whose products may be ordinary
            heat_capacity = variance(law, beta * _energies(instance)) if moments.energy_variance else 0.0
    return BoltzmannAnswer(float(beta), log_z, heat_capacity, law, moments)


def _log_weights(energies, beta):
    """Return -beta E up to a constant, and the constant: that of the ground state where products are large."""
    with np.errstate(over="ignore", invalid="ignore"):
        log_weights = np.where(np.isfinite(energies), -beta * energies, -np.inf)
        if beta * np.abs(energies[np.isfinite(energies)]).max() < LARGE_EXPONENT:
            return log_weights, 0.0
        lowest = energies.min()
        above = 0.5 * energies - 0.5 * lowest  # a difference of two finite energies may be infinite
        return np.where(np.isfinite(above), -2.0 * beta * above, -np.inf), float(-beta * lowest)


def boltzmann_law(instance, beta, clamps=None):
    """Return the probability of each state; ndarray, shape (2**n,), float64. See `boltzmann_answer`."""
    return boltzmann_answer(instance, beta, clamps).law


def ground_states(instance, clamps=None):
    """Return the lowest energy and the indices of all states that have it.

    States count as tied if their energies differ by less than the rounding error of the summation.

    Parameters
    ----------
    instance : IsingInstance
        At most 20 spins.
    clamps : array_like, shape (n,), int8, optional
        Value -1 or +1 of each held spin, 0 where a spin is free.

    Returns
    -------
    energy : float
    indices : ndarray, shape (n_ground_states,), int64
    """
    energies = np.where(clamped_states(instance.n_spins, clamps), _energies(instance), np.inf)
    lowest = energies.min()
    # A state's energy takes at most 2 n additions of numbers no larger than the sum of all |J| and |h|.
    largest = np.abs(instance.edge_values).sum() + np.abs(instance.biases).sum()
    rounding = 4 * instance.n_spins * np.finfo(np.float64).eps * largest
    return float(instance.with_offset(lowest)), np.flatnonzero(energies <= lowest + rounding)
