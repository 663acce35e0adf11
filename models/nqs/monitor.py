"""Whether chains have seen enough of a state: frozen ones give a wrong energy with no error bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.spins import state_hashes
from ...emulator.stats.autocorrelation import AutocorrError, integrated_time

LONGEST_TAU = 50.0  # records
LEAST_LENGTH = 10.0  # tau that a chain must last; below it the estimate of tau itself is too small
FEWEST_STATES = 0.05  # different ones over all recorded, on lattices that have many
MANY_SITES = 30  # 1e8 states without magnetisation and more: repeats are then no chance
LARGEST_SPREAD = 5.0  # standard errors between chains
FEWEST_RECORDS = 20  # of a chain, below which states say nothing of its memory
WINDOW, MOST_RECORDS = 200, 1000  # of each chain: consecutive ones for repeats, spread ones for variances; bounds cost
LEAST_WITHIN = 0.05  # variance of spins within chains over all of it: the rest is where chains began


class FrozenChainsWarning(UserWarning):
    """Chains of p-bits hardly move: means of their states are those of their beginnings."""


@dataclass(frozen=True)
class Mixing:
    """What a run of chains showed.

    Parameters
    ----------
    energy, error : float
        Mean local energy and its standard error, memory included [unit of the energies].
    tau : float
        Integrated autocorrelation time [records], 1 + 2 sum rho; infinite where it could not be told.
    share_distinct : float
        Different states over recorded ones.
    spread : float
        Largest deviation of a chain's mean from that of all, in its standard errors.
    faults : tuple of str
        Why the chains are not to be trusted; empty if they are.
    """

    energy: float
    error: float
    tau: float
    share_distinct: float
    spread: float
    faults: tuple[str, ...]

    @property
    def is_frozen(self):
        """Whether the energy means nothing."""
        return bool(self.faults)


def mixing_of(energies, spins):
    """Judge chains by their local energies and states.

    Parameters
    ----------
    energies : ndarray, shape (n_chains, n_records), float64
        Local energies.
    spins : ndarray, shape (n_chains, n_records, n), int8
        States -1/+1 of each chain.

    Returns
    -------
    Mixing
    """
    n_chains, n_records = energies.shape
    distinct = share_distinct(spins)
    faults = []
    try:
        tau = integrated_time(energies, min_length=0.0)
    except AutocorrError as error:
        tau = float(error.tau)
        faults.append("energies do not change" if np.isinf(error.tau) else "energies remember themselves too long")
    if np.isfinite(tau) and (tau > LONGEST_TAU or n_records < LEAST_LENGTH * tau):
        faults.append(f"autocorrelation time of {tau:.3g} records is too long for chains of {n_records}")
    memory = tau if np.isfinite(tau) else float(n_records)
    error = float(energies.std() * np.sqrt(max(memory, 1.0) / energies.size))
    own = energies.std(axis=1) * np.sqrt(max(memory, 1.0) / n_records) + 1e-12 * abs(energies.mean())
    spread = float(np.abs((energies.mean(axis=1) - energies.mean()) / own).max()) if n_chains > 1 else 0.0
    if spread > LARGEST_SPREAD:
        faults.append(f"chains disagree by {spread:.3g} standard errors")
    return Mixing(float(energies.mean()), error, tau, distinct, spread, tuple(faults) + state_faults(spins))


def share_distinct(spins):
    """Return different states over recorded ones; float. ``spins`` of shape (n_chains, n_records, n)."""
    hashes = state_hashes(spins.reshape(-1, spins.shape[2]))
    return len(np.unique(hashes)) / len(hashes)


def state_faults(spins):
    """Return why states alone show frozen chains, empty if they do not; tuple of str.

    On lattices with many states hardly one comes twice; on small ones chains that stay where they are differ from each
    other, but not in time. Chains of less than 20 records are not judged; of long ones a part is.

    Parameters
    ----------
    spins : ndarray, shape (n_chains, n_records, n), int8
        States -1/+1 of each chain.
    """
    n_chains, n_records, n = spins.shape
    faults = []
    if n_records < FEWEST_RECORDS:
        return ()
    if n >= MANY_SITES and (distinct := share_distinct(spins[:, -WINDOW:])) < FEWEST_STATES:
        faults.append(f"only {distinct:.2g} of the recorded states are different")
    spins = spins[:, :: -(-n_records // MOST_RECORDS)]
    means = spins.mean(axis=1, dtype=np.float64)  # of each chain and site
    within, whole = float((1.0 - means**2).sum()), float(n_chains * (1.0 - means.mean(axis=0) ** 2).sum())
    if n_chains > 1 and within < LEAST_WITHIN * whole:
        faults.append(f"only {within / whole:.2g} of the variance of spins lies within chains")
    return tuple(faults)
