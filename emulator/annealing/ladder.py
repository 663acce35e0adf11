"""Betas for parallel tempering, spaced by the fluctuations of the energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError
from .betas import FIRST_FIELD, FLAT, N_BETAS, default_betas
from .engines import BLOCK_COST, cost_in_plain_runs, packed_model_of
from .methods import SimulatedAnnealing, Tempering, check_positive, check_whole
from .packed.searches import PackedAnnealing
from .plain.kernels import anneal_sweeps
from .plain.searches import PlainAnnealing
from .problem import make_problem

ALPHA = 1.25  # Source: arXiv:2503.10302, schedules of the program: beta_schedule_alpha_1.25_...
PLAIN_CHAINS = 16
RECORD_EVERY = 5
SHARE = 0.1  # of the updates of a search that its ladder may cost
FEWEST, MOST = 10, 1000  # sweeps at each beta of such a ladder, twice: the floor of its cost, and what is enough


@dataclass(frozen=True)
class Ladder:
    """Betas, and the standard deviation of the energy at each.

    Parameters
    ----------
    betas, sigmas : tuple of float
        Rising betas; sigma_E, the mean over chains of each chain's own standard deviation.
    """

    betas: tuple
    sigmas: tuple


def adaptive_ladder(instance, alpha=ALPHA, first=None, n_sweeps=1000, max_betas=200, seed=0, n_chains=PLAIN_CHAINS):
    r"""Return betas with even overlap between neighbours.

    .. math:: \beta_{k+1} = \beta_k + \alpha / \sigma_E(\beta_k), \qquad \text{until } \beta_k \sigma_E(\beta_k) < 1

    At the last beta the energy fluctuates by less than kT, and less than at the beta before: the replicas there rest in
    their minima. Chains go from
    beta to beta, as in annealing; below the glass transition sigma_E is that of one valley, which is what swaps meet.

    Parameters
    ----------
    instance : IsingInstance
        Model whose energy is minimised.
    alpha : float
        Step in standard deviations.
    first : float, optional
        First beta. If absent, 1.17 over the root mean square local field of random spins: 0.5 on the published glasses.
    n_sweeps : int
        Sweeps at each beta before energies are recorded, and as many while they are, one in five (fewer than 40
        sweeps: more often, 8 times or more).
    max_betas : int
        Largest number of inverse temperatures.
    seed : int
        Seed of all random numbers.
    n_chains : int
        Chains of the plain kernels; the packed ones, where couplings allow them, have 512.

    Returns
    -------
    Ladder

    Raises
    ------
    InputError
        If an argument is out of range, or nothing couples to the spins.

    References
    ----------
    Chowdhury et al., arXiv:2503.10302; the stopping rule is chosen here, and gives their number of betas to within one.
    """
    check_positive("Step of the ladder", alpha)
    check_whole("Sweeps at each beta", n_sweeps, RECORD_EVERY)
    check_whole("Chains of a ladder", n_chains, 1)
    check_whole("Betas of a ladder", max_betas, 2)
    if first is None:
        square = (instance.couplings.multiply(instance.couplings).sum() + (instance.biases**2).sum()) / instance.n_spins
        if square == 0:
            raise InputError("Instance must have a coupling or a bias for a ladder, not none")
        first = FIRST_FIELD / np.sqrt(square)
    check_positive("First beta", first)
    chains = _chains(make_problem(instance), seed, n_chains)
    betas, sigmas, products = [float(first)], [], [np.inf]
    while True:
        sigmas.append(float(chains(betas[-1], n_sweeps).std(axis=0).mean()))
        if sigmas[0] == 0:
            raise InputError(f"First beta must leave the energy some fluctuation, not {float(first)!r}")
        products.append(betas[-1] * sigmas[-1])
        is_cold = len(betas) > 1 and products[-1] < min(1, products[-2])
        if len(betas) == max_betas or is_cold:
            return Ladder(tuple(betas), tuple(sigmas))
        betas.append(betas[-1] + alpha / sigmas[-1])


def search_betas(instance, method, sweeps, n_runs=1, seed=0):
    """Return the betas of a search where none are given.

    Parameters
    ----------
    instance : IsingInstance
        Model whose energy is minimised.
    method : {"sa", "apt", "pa"}
        Annealing goes along `default_betas`, at most one a sweep; tempering has an `adaptive_ladder` that costs a tenth
        of the search's updates, or ten sweeps at each beta and ten more where that is less, up to the last of the line.
    sweeps, n_runs, seed
        Sweeps, runs and seed of the search, see `anneal`.

    Returns
    -------
    tuple of float
    """
    if method != "apt":
        return tuple(default_betas(instance, min(N_BETAS, sweeps), seed).tolist())
    if instance.max_field == 0:
        return FLAT
    problem = make_problem(instance)
    is_packed = packed_model_of(problem, method) is not None
    asked = Tempering(FLAT).n_replicas * sweeps * cost_in_plain_runs(n_runs, is_packed) * SHARE
    n_chains = BLOCK_COST if is_packed else int(np.clip(asked / (4 * FEWEST), 2, PLAIN_CHAINS))
    n_sweeps = int(np.clip(asked / (2 * n_chains), FEWEST, MOST))
    betas = adaptive_ladder(instance, n_sweeps=n_sweeps, seed=seed, n_chains=n_chains).betas
    # Chains that were cooled fast go on falling, however cold: their fluctuation would never end the ladder.
    last = float(default_betas(instance, 1, seed)[0])
    kept = tuple(beta for beta in betas if beta < last)
    return (*kept, last) if kept and len(kept) < len(betas) else betas


def _chains(problem, seed, n_chains):
    """Return a function of (beta, n_sweeps) that runs chains on and returns energies, shape (n_records, n_chains)."""
    settings = SimulatedAnnealing((1.0,))
    model = packed_model_of(problem, "sa")
    if model is None:
        search = PlainAnnealing(problem, settings, 1, range(n_chains), seed)
    else:
        search = PackedAnnealing(model, settings, 1, range(512), seed)

    def run(beta, count):
        if search.name == "packed":
            search.gibbs(0, search.table(beta), count)
            search.count(0)
        else:
            betas = np.full(count, beta * problem.unit)
            anneal_sweeps(problem.graph, search.replicas, *search.best, betas)

    def energies(beta, n_sweeps):
        run(beta, n_sweeps)
        found = []
        every = max(1, min(RECORD_EVERY, n_sweeps // 8))
        for _ in range(n_sweeps // every):
            run(beta, every)
            found.append(search.current() * problem.unit)
        return np.array(found)

    return energies
