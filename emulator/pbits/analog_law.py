"""Exact laws of the analog machine by enumeration, and the beta that is nearest to a law."""

from __future__ import annotations

import numpy as np
from scipy import optimize
from scipy.special import expit

from ..oracle.states import all_spins, check_n_spins, state_indices
from ..spec.errors import InputError
from ..stats.effective_beta import LARGEST_EXPONENT

MAX_ANALOG_LAW = 12
NODES = 60  # of Gauss and Hermite, for the noise of a read


def analog_law(sampler, instance, schedule):
    """Return the exact law of the spins after a schedule from the state of all -1; ndarray, shape (2**n,), float64.

    Programming errors, drift, curved devices, lumped read noise, amplifier noise, spread and read-out of junctions are
    in the law; tiles must have no ADC.

    Parameters
    ----------
    sampler : CrossbarSampler
        Machine.
    instance : IsingInstance
        At most 12 spins.
    schedule : Schedule
        What is run.

    Raises
    ------
    InputError
        If there are too many spins, or there is an ADC.
    """
    n = instance.n_spins
    check_n_spins(n, MAX_ANALOG_LAW)
    if sampler.tile.adc.bits is not None:
        raise InputError(f"ADC of an exact law must be absent, not of {sampler.tile.adc.bits} bits")
    deciders, law = sampler.deciders(instance), np.zeros(1 << n)
    law[state_indices(np.full(n, -1))] = 1.0
    for sums, gains in sampler.blocks(instance, schedule):
        currents, chances = _currents(sums, n), {}
        for gain in gains:
            if gain not in chances:
                chances[gain] = _chances(deciders, gain * currents, gain * sums.sigmas)
            for j in range(n):
                law = _redraw(law, chances[gain][:, j], j)
    return law


def law_beta(instance, law):
    r"""Return the effective beta of an exact law: what `beta_from_states` finds of infinitely many states; float.

    .. math:: \sum_s P(s) \sum_i I_i (s_i - \tanh(\beta I_i)) = 0

    Parameters
    ----------
    instance : IsingInstance
        Couplings and biases that the machine should have.
    law : ndarray, shape (2**n,), float64
        Numbered as in `oracle.states`.

    Raises
    ------
    InputError
        If every spin always follows its field, or there is no field.
    """
    states = all_spins(instance.n_spins)
    fields = instance.local_fields(states)
    largest = np.abs(fields).max()
    wanted = np.sum(law * (fields * states).sum(axis=1))
    if largest == 0.0 or not abs(wanted) < np.sum(law * np.abs(fields).sum(axis=1)) * (1 - 1e-15):
        raise InputError("Law must have spins that do not always follow their fields, and fields")

    def score(beta):
        return wanted - np.sum(law * (fields * np.tanh(beta * fields)).sum(axis=1))

    bound = LARGEST_EXPONENT / largest
    return float(optimize.brentq(score, -bound, bound, xtol=1e-13 * bound))


def _currents(sums, n):
    """Return what every column carries in every state, without noise; ndarray, shape (2**n, n)."""
    found = np.empty((1 << n, n))
    for k, state in enumerate(all_spins(n)):
        sums.set_spins(np.append(state, np.int8(1)))
        found[k] = sums.values()
    return found


def _chances(deciders, inputs, sigmas):
    """Return the chance of every p-bit to be read as up after every state, noise averaged over; shape (2**n, n)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    noisy = inputs[..., None] + np.hypot(sigmas, deciders.noise)[:, None] * nodes
    x = deciders.scale[:, None] * noisy + deciders.shift[:, None]
    up, down = (np.maximum(1.0 + sign * x, 0.0) ** deciders.exponent for sign in (1.0, -1.0))
    share = expit(deciders.barrier[:, None] * (up - down)) @ (weights / weights.sum())
    was_up = (all_spins(inputs.shape[1]) > 0).astype(int)
    read = deciders.chances[was_up]
    return share * read[..., 1] + (1.0 - share) * read[..., 0]


def _redraw(law, chance, j):
    """Draw spin j anew: up with the chance that the state before gives it."""
    half = 1 << j
    split, up = law.reshape(-1, 2, half), chance.reshape(-1, 2, half)
    high = (split * up).sum(axis=1)
    return np.stack([split.sum(axis=1) - high, high], axis=1).reshape(-1)
