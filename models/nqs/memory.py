"""How long samplers of a network remember, in their own steps, and how their mean energies settle."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...emulator.stats.autocorrelation import integrated_time
from .local_energy import local_energies
from .monitor import mixing_of
from .sampling import Plan, draw_gibbs, draw_metropolis

METROPOLIS = Plan(16, 400, 20, True)
PER_SWEEP = 4.0  # records of Metropolis: its memory is a third of a sweep


@dataclass(frozen=True)
class Memory:
    r"""Memory of both samplers of |psi|^2, for the local energy; tau = 1/2 + sum rho, as the published table counts it.

    Parameters
    ----------
    n_sites : int
        Number of sites of the lattice.
    tau_kept, tau_error : float
        Autocorrelation time of block Gibbs sampling in kept sweeps, and its standard error (Sokal's).
    sweeps_per_kept : float
        All sweeps over kept ones: those of states with magnetisation count too.
    tau_attempts : float
        Autocorrelation time of Metropolis exchanges, in attempts.
    spread : float
        Standard deviation of the local energy over its mean.
    faults : tuple of str
        Faults of the Gibbs chains, see `Mixing`; tau is a lower bound where there are some.
    """

    n_sites: int
    tau_kept: float
    tau_error: float
    sweeps_per_kept: float
    tau_attempts: float
    spread: float
    faults: tuple[str, ...]

    @property
    def tau_sweeps(self):
        """Of block Gibbs sampling in all sweeps, those of rejected states included."""
        return self.tau_kept * self.sweeps_per_kept

    def steps(self, error, counting):
        """Return the steps to a relative error of the energy, 2 tau var / error^2.

        Parameters
        ----------
        error : float
            Relative standard error of the mean energy.
        counting : {"kept", "sweeps", "attempts"}
            Steps of block Gibbs sampling without and with rejected sweeps, or of Metropolis.
        """
        tau = {"kept": self.tau_kept, "sweeps": self.tau_sweeps, "attempts": self.tau_attempts}[counting]
        return 2.0 * tau * (self.spread / error) ** 2


def memory_of(model, rbm, plan, seed, flips=METROPOLIS):
    """Measure the memory of both samplers.

    Parameters
    ----------
    model : Heisenberg
        The Hamiltonian.
    rbm : SymmetricRbm
        Network that represents the state.
    plan : Plan
        Plan of the Gibbs chains.
    seed : int
        Seed of all chains.
    flips : Plan
        Plan of the Metropolis chains, `PER_SWEEP` records a sweep.

    Returns
    -------
    Memory
    """
    plan, flips = (replace(one, on_frozen="ignore") for one in (plan, flips))  # the faults returned say it
    drawn = draw_gibbs(rbm, plan, seed)
    local = local_energies(model, rbm, drawn.flat).reshape(drawn.spins.shape[:2])
    found = mixing_of(local, drawn.spins)
    serial = draw_metropolis(rbm, flips, seed, per_sweep=PER_SWEEP)
    alone = mixing_of(local_energies(model, rbm, serial.flat).reshape(serial.spins.shape[:2]), serial.spins)
    n = rbm.lattice.n_sites
    return Memory(
        n_sites=n,
        tau_kept=0.5 * found.tau,
        tau_error=0.5 * found.tau * float(np.sqrt(20.0 * found.tau / local.size)),
        sweeps_per_kept=drawn.sweeps_per_record,
        tau_attempts=0.5 * alone.tau * serial.sweeps_per_record * n,
        spread=float(local.std() / abs(local.mean())),
        faults=found.faults,
    )


def order_memory(rbm, plan, seed):
    """Return the memory of the squared staggered magnetisation: of p-bits in sweeps, of Metropolis in attempts.

    The local energy hardly depends on the state near an eigenstate, so it forgets long before the order does.

    Parameters
    ----------
    rbm : SymmetricRbm
        The state, on a lattice of two sublattices.
    plan : Plan
        Plan of both samplers' chains; Metropolis records once a sweep.
    seed : int
        Reproduces the chains.

    Returns
    -------
    (float, float)
        All sweeps, those of rejected states included, and attempts; infinite where chains never changed.
    """
    found, n = [], rbm.lattice.n_sites
    for drawn, scale in ((draw_gibbs(rbm, plan, seed), 1.0), (draw_metropolis(rbm, plan, seed), float(n))):
        order = (drawn.spins @ rbm.lattice.sublattice.astype(np.float32) / n) ** 2
        found.append(0.5 * integrated_time(order.astype(np.float64), min_length=0.0) * drawn.sweeps_per_record * scale)
    return tuple(found)


def errors_by_length(energies, lengths):
    """Return the relative error of the mean energy of one chain against its length, by many chains.

    Parameters
    ----------
    energies : ndarray, shape (n_chains, n_records), float64
        Local energies.
    lengths : sequence of int
        Numbers of records.

    Returns
    -------
    ndarray, shape (n_lengths,), float64
        Root mean square over chains of the distance from the mean of all, over that mean.
    """
    whole = energies.mean()
    sums = np.cumsum(energies, axis=1)
    means = np.stack([sums[:, length - 1] / length for length in lengths])
    return np.sqrt(((means - whole) ** 2).mean(axis=1)) / abs(whole)
