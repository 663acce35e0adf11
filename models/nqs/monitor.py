"""Whether chains have seen enough of a state: frozen ones give a wrong energy with no error bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.stats.autocorrelation import AutocorrError, integrated_time

LONGEST_TAU = 50.0  # records
LEAST_LENGTH = 10.0  # tau that a chain must last; below it the estimate of tau itself is too small
FEWEST_STATES = 0.05  # different ones over all recorded, on lattices that have many
MANY_SITES = 30  # 1e8 states without magnetisation and more: repeats are then no chance
LARGEST_SPREAD = 5.0  # standard errors between chains


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
        States.

    Returns
    -------
    Mixing
    """
    n_chains, n_records = energies.shape
    distinct = len(np.unique(np.packbits(spins.reshape(-1, spins.shape[2]) > 0, axis=1), axis=0)) / energies.size
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
    if spins.shape[2] >= MANY_SITES and distinct < FEWEST_STATES:
        faults.append(f"only {distinct:.2g} of the recorded states are different")
    return Mixing(float(energies.mean()), error, tau, distinct, spread, tuple(faults))
