"""Independent states of a glass by parallel tempering: the other sampler, which a network's states are held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from ...emulator.annealing.plain.kernels import Replicas, gibbs_sweep, new_replicas
from ...emulator.annealing.plain.tempering import swap_neighbors
from ...emulator.annealing.problem import make_problem
from ...emulator.kernels.random_lanes import STATE_WORDS, stream_words
from ...emulator.spec.instance import IsingInstance
from ...emulator.stats.autocorrelation import AutocorrError, integrated_time

HOTTEST = 0.1  # beta of the first rung, or half the last one
N_RUNS, N_RECORDS, BETWEEN, BURN_IN = 32, 64, 20, 300
LONGEST_TAU = 6.0  # records of a run of 64: above it runs have not mixed, and what they did not reach is not known


@dataclass(frozen=True, eq=False)
class Tempered:
    """States at one beta.

    Parameters
    ----------
    spins : ndarray, shape (n_states, n), int8
        States of all runs.
    n_independent : float
        What they are worth, by the autocorrelation of their energies.
    is_mixed : bool
        Whether runs from different beginnings agree.
    """

    spins: np.ndarray
    n_independent: float
    is_mixed: bool


def tempered_states(couplings, beta, seed):
    """Draw states of E = -sum J s s at one beta from 32 independent runs of parallel tempering.

    Parameters
    ----------
    couplings : ndarray, shape (n, n), float64
        Coupling matrix J, symmetric with an empty diagonal.
    beta : float
        Inverse temperature.
    seed : int
        Seed of the runs.

    Returns
    -------
    Tempered
    """
    n = len(couplings)
    problem = make_problem(IsingInstance(couplings, np.zeros(n), name="glass"))
    n_betas = 8 + 2 * int(np.ceil(np.sqrt(n)))
    betas = np.linspace(min(HOTTEST, 0.5 * beta), beta, n_betas) * problem.unit
    replicas = new_replicas(problem, seed, np.arange(N_RUNS * n_betas))
    slots = np.arange(N_RUNS * n_betas).reshape(N_RUNS, n_betas, 1)
    random = stream_words(seed, np.arange(N_RUNS) + N_RUNS * n_betas, STATE_WORDS)
    spins, energies = np.empty((N_RUNS, N_RECORDS, n), dtype=np.int8), np.empty((N_RUNS, N_RECORDS))
    _run(problem.graph, Replicas(*replicas), slots, betas, random, (BURN_IN, BETWEEN), (spins, energies))
    tau = _memory(energies)
    return Tempered(spins.reshape(-1, n), energies.size / tau, tau <= LONGEST_TAU)


def _memory(energies):
    """Return the autocorrelation time of energies in records, at least 1; 1 too where they are all alike."""
    if np.ptp(energies) == 0.0:
        return 1.0
    try:
        return max(1.0, integrated_time(energies, min_length=0.0))
    except AutocorrError as error:
        return max(1.0, float(error.tau))


@njit(cache=True)
def _run(graph, replicas, slots, betas, random, plan, out):
    """Temper all runs, and record states and energies of the last beta."""
    burn_in, between = plan
    spins, energies = out
    for run in range(len(slots)):
        for sweep in range(burn_in + between * spins.shape[1]):
            for rung in range(len(betas)):
                gibbs_sweep(graph, replicas, slots[run, rung, 0], betas[rung])
            swap_neighbors(replicas, slots[run], betas, sweep % 2, random, run)
            if sweep >= burn_in and (sweep - burn_in) % between == between - 1:
                cold = slots[run, len(betas) - 1, 0]
                spins[run, (sweep - burn_in) // between] = replicas.spins[cold]
                energies[run, (sweep - burn_in) // between] = replicas.energies[cold]
