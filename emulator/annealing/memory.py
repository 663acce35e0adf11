"""Memory that a search takes, computed before it is allocated."""

from __future__ import annotations

import numpy as np

from ..reference.bit_fields import GROUP_CHAINS, GROUP_WORDS
from ..reference.bit_groups import CHUNK
from ..spec.memory import check_memory
from .engines import PACKED, n_first_plain
from .methods import PopulationAnnealing, QuantumAnnealing, Tempering
from .problem import make_problem

REPLICA_BYTES = 60  # of a plain replica besides its spins and fields: energy and generator, and what refers to them
SPINS_AT_ONCE = 1 << 22  # spins of answers that are verified at once
ANSWER_BYTES = 24  # of a spin that is verified: its field, and two float64 of its energy
RUN_BYTES = 1000  # of a run: energies at its thirty records, best and current
LANES = {"sa": 1, "pa": PopulationAnnealing((1.0,)).population, "sqa": QuantumAnnealing().n_replicas}


def bytes_needed(instance, method, sweeps, n_runs, settings=None, engine="auto"):
    """Return about how much memory a search takes at its peak, besides the instance [byte].

    Parameters
    ----------
    instance : IsingInstance
        Model that is searched.
    method : {"sa", "sqa", "apt", "pa"}
        Method of the search.
    sweeps : int
        Sweeps of each replica; they take no memory, since betas are stretched piece by piece.
    n_runs : int
        Number of independent runs.
    settings : SimulatedAnnealing, QuantumAnnealing, Tempering or PopulationAnnealing, optional
        Defaults of the method if absent; betas of a tempering are then guessed from the size.
    engine : {"auto", "plain", "packed"}
        Kernels of the search; see `AnnealOptions`.

    Returns
    -------
    int
    """
    del sweeps
    n = instance.n_spins
    if method == "apt":
        n_betas = min(200, 10 + int(0.6 * np.sqrt(n))) if settings is None else len(settings.betas)
        replicas = n_betas * (Tempering((0.0, 1.0)) if settings is None else settings).n_replicas
    elif settings is None:
        replicas = LANES[method]
    else:
        replicas = getattr(settings, "population", getattr(settings, "n_replicas", 1))
    first = _n_plain(instance, method, n_runs, settings or QuantumAnnealing(), engine)
    told = min(n_runs * n, SPINS_AT_ONCE) * ANSWER_BYTES + n_runs * (3 * n + RUN_BYTES)
    plain = first * (replicas * (9 * n + REPLICA_BYTES) + n)
    if method == "pa":
        plain += replicas * 9 * n  # resampled out of a copy
    if n_runs <= first:
        return plain + told
    per_block = PACKED[method].capacity(settings or QuantumAnnealing())
    slots = -(-replicas * per_block // GROUP_CHAINS)
    n_blocks = -(-n_runs // per_block)
    block = (slots + 3) * (n + 1) * 8 * GROUP_WORDS
    return plain + told + n_blocks * block + 3 * GROUP_CHAINS * min(n, CHUNK)


def _n_plain(instance, method, n_runs, settings, engine):
    """Return how many runs the plain kernels take."""
    if engine == "plain" or method not in PACKED or (engine == "auto" and not make_problem(instance).exact):
        return n_runs
    return 0 if engine == "packed" else min(n_runs, n_first_plain(method, settings))


def check_search_memory(instance, method, size, settings, engine):
    """Refuse a search that would not fit into this machine's memory.

    Parameters
    ----------
    instance, method, settings, engine
        Same meaning as in `bytes_needed`.
    size : tuple of int
        Numbers of sweeps and of runs.

    Raises
    ------
    InputError
        With the memory that it would take, and the limit.
    """
    sweeps, n_runs = size
    needed = bytes_needed(instance, method, sweeps, n_runs, settings, engine)
    check_memory(needed, f"{n_runs} runs of {method} on {instance.n_spins} spins", "ask for fewer runs or replicas")
