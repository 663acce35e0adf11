"""Result of a search: lowest states and energies of all runs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class AnnealResult:
    """Lowest states, and how far each run had come when.

    Parameters
    ----------
    method, engine : str
        Names of the method and of the kernels that ran.
    settings : SimulatedAnnealing, QuantumAnnealing, Tempering or PopulationAnnealing
        Settings as they ran, the schedule included.
    energy : float
        Lowest energy of all runs, computed from the original instance.
    spins : ndarray, shape (n,), int8
        A state that has it.
    run_energies : ndarray, shape (n_runs,), float64
        Lowest energy of each run, from the original instance.
    run_spins : ndarray, shape (n_runs, n), int8
        A state that has it.
    at : ndarray, shape (n_records,), int64
        Sweeps after which energies were recorded.
    current, best : ndarray, shape (n_runs, n_records), float64
        Lowest energy of a run's replicas at that moment, and since the start.
    updates : int
        Attempted changes of a spin, all replicas of all runs.
    seconds : float
        Wall time of the sweeps [s], of this process: what ran before a resumption is not in it.
    facts : dict
        Further findings of the method: swap rates, ln Z, families.
    provenance : dict
        Instance, seed, sweeps and the identity of the run.
    """

    method: str
    engine: str
    settings: object
    energy: float
    spins: np.ndarray
    run_energies: np.ndarray
    run_spins: np.ndarray
    at: np.ndarray
    current: np.ndarray
    best: np.ndarray
    updates: int
    seconds: float
    facts: dict = field(default_factory=dict)
    provenance: dict = field(default_factory=dict)

    def residual_energies(self, ground_energy, of="best"):
        r"""Return the residual energy per spin of each run at each record.

        .. math:: \rho(t) = (E(t) - E_0) / n

        Parameters
        ----------
        ground_energy : float
            Ground-state energy E_0.
        of : {"best", "current"}
            The lowest energy since the start, or that of the moment, which published curves show.

        Returns
        -------
        ndarray, shape (n_runs, n_records), float64
        """
        return (getattr(self, of) - ground_energy) / len(self.spins)

    def reached(self, energy):
        """Return the share of runs that have reached an energy by each record; shape (n_records,), float64."""
        tolerance = 1e-9 * max(1.0, abs(energy))
        return (self.best <= energy + tolerance).mean(axis=0)
