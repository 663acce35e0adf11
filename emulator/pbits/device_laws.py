"""Exact distributions of machines made of junctions, by enumeration: what their samples are held against."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import splu

from ..devices.junction.card import SmtjCard
from ..oracle.states import all_spins, check_n_spins, state_indices
from ..spec.coloring import find_coloring
from .junction_bank import comparator_chances

MAX_CLOCKED = 6  # latched spins and junctions together have 4^n states
MAX_CONTINUOUS = 12
NODES = 40  # of Gauss and Hermite: cycle-to-cycle offsets are averaged over


def clocked_law(sampler, instance, schedule, initial=None):
    """Return the exact distribution of the latched spins after a schedule.

    Parameters
    ----------
    sampler : SmtjSampler
        Machine; spread, memory between clocks, cycle-to-cycle offset, noise and hysteresis are all in the distribution.
    instance : IsingInstance
        At most 6 spins.
    schedule : Schedule
        Schedule that is run.
    initial : array_like, shape (n,), int8, optional
        First state; all -1 by default. Junctions start in it too.

    Returns
    -------
    ndarray, shape (2**n,), float64
        Numbered as in `oracle.states`.

    Raises
    ------
    InputError
        If there are too many spins.
    """
    n = instance.n_spins
    check_n_spins(n, MAX_CLOCKED)
    bank, colors = sampler.bank(instance), find_coloring(instance) if sampler.colors is None else sampler.colors
    fields = instance.local_fields(all_spins(n))
    start = np.full(n, -1, dtype=np.int8) if initial is None else np.asarray(initial, dtype=np.int8)
    law = np.zeros((1 << n, 1 << n))
    law[state_indices(start), state_indices(start)] = 1.0
    chances = comparator_chances(sampler.card.circuit)
    for beta, n_sweeps in schedule.segments:
        steps = _transitions(sampler, bank, beta * fields)
        for _ in range(n_sweeps):
            for color in range(int(np.max(colors)) + 1):
                law = _propagate(law, steps)
                for i in np.flatnonzero(np.asarray(colors) == color):
                    law = _latch(law, i, chances)
    return law.sum(axis=1)


def _transitions(sampler, bank, inputs):
    """Return the chance of each junction to be up after a clock, shape (2**n, n, 2): latched state, device, start."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    if sampler.card.sd_cycle == 0:
        nodes, weights = np.zeros(1), np.ones(1)
    # The deviation is one of the drive: in u it is n Delta gain sd, before the device's own gain.
    unit = bank.card.exponent * bank.card.barrier_kT * bank.card.gain * sampler.card.sd_cycle
    found = 0.0
    for node, weight in zip(nodes, weights, strict=True):
        up, down = bank.rates_Hz(inputs + unit * node)
        share = up / (up + down)
        memory = 0.0 if math.isinf(sampler.clock_s) else np.exp(-(up + down) * sampler.clock_s)
        found = found + weight * np.stack([share * (1.0 - memory), share + (1.0 - share) * memory], axis=-1)
    return found


def _propagate(law, steps):
    """Move every junction by one clock, one bit of the second index after the other."""
    n = steps.shape[1]
    for i in range(n):
        split = law.reshape(1 << n, 1 << (n - 1 - i), 2, 1 << i)
        up = steps[:, i, :][:, None, :, None]
        high = (split * up).sum(axis=2)
        law = np.stack([split.sum(axis=2) - high, high], axis=2).reshape(1 << n, 1 << n)
    return law


def _latch(law, i, chances):
    """Latch device i: its bit of the first index follows that of the second through the comparator."""
    size = law.shape[0]
    half = 1 << i
    split = law.reshape(size // (2 * half), 2, half, size // (2 * half), 2, half)
    up = chances[None, :, None, None, :, None]
    high = (split * up).sum(axis=1)
    return np.stack([split.sum(axis=1) - high, high], axis=1).reshape(size, size)


def continuous_law(up, down):
    """Return the stationary distribution of spins that flip one by one in continuous time.

    Parameters
    ----------
    up, down : ndarray, shape (2**n, n), float64
        Rates of each spin in each state, up where it is -1 and down where it is +1; the others are not read [1/s].

    Returns
    -------
    ndarray, shape (2**n,), float64

    Raises
    ------
    InputError
        If there are more than 12 spins.
    """
    n_states, n = up.shape
    check_n_spins(n, MAX_CONTINUOUS)
    states = np.arange(n_states)
    is_up = (states[:, None] >> np.arange(n)) & 1
    rates = np.where(is_up == 1, down, up)
    target = states[:, None] ^ (1 << np.arange(n))
    flow = coo_array((rates.ravel(), (target.ravel(), np.repeat(states, n))), shape=(n_states, n_states)).tocsc()
    generator = flow - diags_array(rates.sum(axis=1), format="csc")
    # One state's balance follows from the others', so its probability is set to 1 and all are scaled afterwards.
    solved = splu(generator[1:, 1:].tocsc()).solve(-generator[1:, [0]].toarray().ravel())
    law = np.maximum(np.concatenate([[1.0], solved]), 0.0)
    return law / law.sum()


def autonomous_law(bank, instance, beta):
    """Return the stationary distribution of free-running junctions whose synapses are fast.

    For nominal junctions with n = 2 and inputs up to 2 Delta this is Boltzmann's: the rates of a flip and of its
    opposite have the ratio exp(2 beta I).

    Parameters
    ----------
    bank : JunctionBank
        Junctions.
    instance : IsingInstance
        At most 12 spins.
    beta : float
        Inverse temperature.

    Returns
    -------
    ndarray, shape (2**n,), float64
    """
    check_n_spins(instance.n_spins, MAX_CONTINUOUS)
    return continuous_law(*bank.rates_Hz(beta * instance.local_fields(all_spins(instance.n_spins))))


def is_boltzmann(card: SmtjCard, instance, beta):
    """Tell whether nominal junctions of a card have exactly the mean tanh(beta I) for every input of an instance."""
    return card.exponent == 2.0 and beta * instance.max_field <= 2.0 * card.barrier_kT
