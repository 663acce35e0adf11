"""States that follow |psi|^2: drawn by p-bits in two colours, or by Metropolis moves."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...emulator.spec.errors import InputError, SpinchipError
from .mapping import ising_of, machine_of
from .monitor import FrozenChainsWarning, state_faults
from .ratio_kernels import exponentials
from .sampling_kernels import block_gibbs, metropolis

LARGEST_FLOAT32 = 256.0  # local field above which sums are float64: 256 times 2^-24 is 1.5e-5 of a log-odds
ON_FROZEN = ("warn", "raise", "ignore")
MOST_SWEEPS = 10_000  # between two states without magnetisation; the published networks need 2 to 9


@dataclass(frozen=True, eq=False)
class Drawn:
    """States of several chains.

    Parameters
    ----------
    spins : ndarray, shape (n_chains, n_records, n), int8
        States -1/+1.
    sweeps_per_record : float
        Sweeps that one record took on average, the rejected ones included.
    """

    spins: np.ndarray
    sweeps_per_record: float

    @cached_property
    def faults(self):
        """Why the states show frozen chains, by the rules of `monitor.state_faults`; tuple of str, empty if not."""
        return state_faults(self.spins)

    @property
    def is_frozen(self):
        """Whether means of the states say where the chains began, and nothing of the state that was meant."""
        return bool(self.faults)

    @property
    def flat(self):
        """All states together; ndarray, shape (n_chains n_records, n), int8."""
        return self.spins.reshape(-1, self.spins.shape[-1])


@dataclass(frozen=True)
class Plan:
    """How much is drawn.

    Parameters
    ----------
    n_chains, n_records : int
        Chains, and records of each.
    burn_in : int
        States passed over before the first record; where only neutral ones count, so many of those.
    is_neutral : bool
        Record states without magnetisation only.
    most_sweeps : int
        Between two records, after which a chain is given up.
    on_frozen : {"warn", "raise", "ignore"}
        What is done where the states show frozen chains; the flag stands in `Drawn` always.
    """

    n_chains: int = 16
    n_records: int = 100
    burn_in: int = 100
    is_neutral: bool = False
    most_sweeps: int = MOST_SWEEPS
    on_frozen: str = "warn"

    def __post_init__(self):
        if self.on_frozen not in ON_FROZEN:
            raise InputError(f"On frozen must be one of {', '.join(ON_FROZEN)}, not {self.on_frozen!r}")


def draw_gibbs(rbm, plan, seed, initial=None):
    """Draw states by block Gibbs sampling of the network's Boltzmann machine.

    A sweep updates all hidden spins, then all visible ones: two colours. States with magnetisation are passed over
    where only neutral ones are wanted, which leaves the distribution of the others as it is.

    Parameters
    ----------
    rbm : SymmetricRbm
        Network that represents the state.
    plan : Plan
        Length of the run.
    seed : int
        Reproduces the chains.
    initial : ndarray, shape (n_chains, n), int8, optional
        First states; drawn at random if absent.

    Returns
    -------
    Drawn

    Raises
    ------
    SpinchipError
        If a chain finds no neutral state within the limit: it is frozen, and would never end. Also if the states show
        frozen chains and the plan says "raise"; by default that is a `FrozenChainsWarning`.
    """
    return draw_blocks(machine_of(rbm), plan, seed, initial)


def draw_blocks(machine, plan, seed, initial=None):
    """Draw visible states of a Boltzmann machine, one layer after the other.

    Parameters
    ----------
    machine : BoltzmannMachine
        Boltzmann machine of any restricted network.
    plan, seed, initial
        Plan, seed and first states, as for `draw_gibbs`, which this serves.

    Returns
    -------
    Drawn
    """
    n, network = machine.n_visible, _kernel_network(machine)
    visible = first_states(n, plan, seed, initial).astype(network[0].dtype)
    out = np.empty((plan.n_chains, plan.n_records, n), dtype=np.int8)
    counts = np.zeros((plan.n_chains, 3), dtype=np.int64)
    steps = (plan.burn_in, plan.n_records, plan.is_neutral, plan.most_sweeps)
    rng = np.random.default_rng([seed, 7])
    sizes = (machine.hidden_biases.size, n)
    streams = tuple(rng.integers(1, 1 << 32, (plan.n_chains, size), dtype=np.uint32) for size in sizes)
    streams += (_streams(seed, plan.n_chains),)
    stuck = block_gibbs(network, visible, streams, steps, out, counts)
    if stuck >= 0:
        rule = f"a state without magnetisation within {plan.most_sweeps} sweeps"
        raise SpinchipError(f"Chain {stuck} must find {rule}, not none: the network is frozen")
    return _said(Drawn(out, float(counts[:, 1].sum() / counts[:, 0].sum())), plan)


def _said(drawn, plan):
    """Return states after saying, as the plan asks, that their chains are frozen."""
    if plan.on_frozen != "ignore" and drawn.is_frozen:
        text = f"Chains must move, not be frozen: {'; '.join(drawn.faults)}. Take smaller weights, or ladders of beta"
        if plan.on_frozen == "raise":
            raise SpinchipError(text)
        warnings.warn(text, FrozenChainsWarning, stacklevel=4)
    return drawn


def _kernel_network(machine):
    """Return couplings, their transpose and biases for the kernel: float32 where its rounding does not matter."""
    rows = np.abs(machine.weights)
    with np.errstate(over="ignore", invalid="ignore"):
        hidden, visible = (
            rows.sum(axis=0) + np.abs(machine.hidden_biases),
            rows.sum(axis=1) + np.abs(machine.visible_biases),
        )
    largest = float(max(hidden.max(initial=0.0), visible.max(initial=0.0)))
    if not np.isfinite(largest):
        raise InputError(
            "Local fields must be finite, not sums of weights and biases beyond 1.8e308: scale the network"
        )
    dtype = np.float32 if largest <= LARGEST_FLOAT32 else np.float64
    arrays = (machine.weights, machine.weights.T, machine.hidden_biases, machine.visible_biases)
    return tuple(np.ascontiguousarray(array, dtype=dtype) for array in arrays)


def draw_metropolis(rbm, plan, seed, per_sweep=1.0, initial=None):
    """Draw states by Metropolis moves: exchanges of two sites if only neutral states are wanted, flips otherwise.

    Parameters
    ----------
    rbm, plan, seed, initial
        Network, plan, seed and first states, as for `draw_gibbs`; a sweep is as many attempts as there are sites.
    per_sweep : float
        Records in a sweep.

    Returns
    -------
    Drawn
    """
    n = rbm.lattice.n_sites
    spins = first_states(n, plan, seed, initial)
    out = np.empty((plan.n_chains, plan.n_records, n), dtype=np.int8)
    between = max(1, round(n / per_sweep))
    steps = (plan.burn_in * n, between, plan.n_records, plan.is_neutral)
    weights = np.ascontiguousarray(rbm.weights())
    network = (weights, *exponentials(weights), rbm.hidden_biases())
    metropolis(network, rbm.gamma, spins, _streams(seed, plan.n_chains), steps, out)
    return _said(Drawn(out, between / n), plan)


def draw_on(sampler, rbm, plan, schedule, seed, recording):
    """Draw states on a backend: the instance of `ising_of` at beta = 1, the visible part of its states.

    Parameters
    ----------
    sampler : Sampler
        Any backend.
    rbm, plan, seed
        Network, plan and seed, as for `draw_gibbs`; ``plan`` gives chains and whether only neutral states are kept.
    schedule, recording : Schedule, Recording
        Schedule and recording of the sampler; beta must be 1.

    Returns
    -------
    ndarray, shape (n_states, n), int8
        All recorded states together.

    Raises
    ------
    InputError
        If beta is not 1, or no state without magnetisation was drawn.
    """
    if tuple(schedule.betas) != (1.0,):
        raise InputError(f"Beta of a wave function must be 1, not {schedule.betas}")
    samples = sampler.sample(ising_of(rbm), schedule, plan.n_chains, seed, recording)
    visible = samples.spins[..., : rbm.lattice.n_sites].reshape(-1, rbm.lattice.n_sites)
    if not plan.is_neutral:
        return visible
    neutral = visible[visible.sum(axis=1, dtype=np.int64) == 0]
    if not len(neutral):
        raise InputError(f"States without magnetisation must be among the {len(visible)} drawn, not none: draw more")
    return neutral


def first_states(n, plan, seed, initial=None):
    """Return first states, (n_chains, n), int8: given, or at random, half up where only neutral ones are wanted."""
    if initial is not None:
        initial = np.array(initial, dtype=np.int8)
        if initial.shape != (plan.n_chains, n):
            raise InputError(f"First states must be of shape ({plan.n_chains}, {n}), not {initial.shape}")
        return initial
    rng = np.random.default_rng([seed, 5])
    if not plan.is_neutral:
        return rng.choice(np.array([-1, 1], dtype=np.int8), (plan.n_chains, n))
    half = np.repeat(np.array([-1, 1], dtype=np.int8), n // 2)
    return np.stack([rng.permutation(half) for _ in range(plan.n_chains)])


def _streams(seed, n_chains):
    return np.random.SeedSequence([seed, 6]).generate_state(n_chains, np.uint64) | np.uint64(1)
