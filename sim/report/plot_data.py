"""What the figures show: plain arrays and numbers, so that they do not depend on how these were made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError


@dataclass(frozen=True, eq=False)
class EnergyRun:
    """Energies that one backend drew.

    Parameters
    ----------
    name : str
        Name of the backend.
    energies : ndarray, shape (n_chains, n_draws) or (n_draws,), float64
        Energy of each kept state, in the units of the couplings.
    mean, error : float or None
        Mean and its standard error, autocorrelation taken into account; the plain mean if absent.
    tau_int : float or None
        Integrated autocorrelation time [sweep].
    first_sweep, sweeps_per_draw : int
        Sweep of the first draw, and sweeps from one draw to the next.
    """

    name: str
    energies: np.ndarray
    mean: float | None = None
    error: float | None = None
    tau_int: float | None = None
    first_sweep: int = 0
    sweeps_per_draw: int = 1

    @property
    def chains(self):
        """Energies by chain; ndarray, shape (n_chains, n_draws), float64."""
        return np.atleast_2d(np.asarray(self.energies, dtype=np.float64))

    @property
    def shown_mean(self):
        """Mean energy."""
        return float(self.chains.mean()) if self.mean is None else float(self.mean)


@dataclass(frozen=True, eq=False)
class EnergySection:
    """Energies of several backends on one instance.

    Parameters
    ----------
    runs : tuple of EnergyRun
        Runs to show, at least one.
    lowest : float or None
        Ground-state energy, exact or putative.
    lowest_name : str
        Name of the energy ``lowest``.
    agreement_z : float or None
        Difference of the first two means in units of its standard error.
    """

    runs: tuple[EnergyRun, ...]
    lowest: float | None = None
    lowest_name: str = "ground state"
    agreement_z: float | None = None

    def __post_init__(self):
        if not self.runs or any(run.chains.size == 0 for run in self.runs):
            raise InputError("Energies must come from at least one run with one draw, not none")


@dataclass(frozen=True, eq=False)
class LawSection:
    """Sampled states of a small system against their exact distribution.

    Parameters
    ----------
    name : str
        Which system, sampled by what.
    exact : ndarray, shape (2**n,), float64
        Probability of each state; bit i of the index is spin i, a set bit means +1.
    counts : ndarray, shape (2**n,), int64
        Histogram of the draws.
    n_eff : float or None
        Effective number of independent draws; all draws if absent.
    tv, tv_floor : float or None
        Total variation, and what ``n_eff`` independent draws show by chance.
    p_value, alpha : float or None
        p-value of the test of these counts alone, and the false-alarm budget of the whole verdict.
    """

    name: str
    exact: np.ndarray
    counts: np.ndarray
    n_eff: float | None = None
    tv: float | None = None
    tv_floor: float | None = None
    p_value: float | None = None
    alpha: float | None = None

    def __post_init__(self):
        if np.shape(self.exact) != np.shape(self.counts) or np.ndim(self.exact) != 1 or self.n_draws <= 0:
            shapes = f"{np.shape(self.exact)} and {np.shape(self.counts)} with {self.n_draws} draws"
            raise InputError(
                f"Distribution and histogram must have an entry per state and one draw or more, not {shapes}"
            )

    @property
    def n_draws(self):
        """Draws in the histogram."""
        return int(np.sum(self.counts))

    @property
    def n_independent(self):
        """Effective number of independent draws."""
        return self.n_draws if self.n_eff is None else float(self.n_eff)


@dataclass(frozen=True, eq=False)
class ConditionalsSection:
    """Share of ups at each local field against the activation table.

    Parameters
    ----------
    name : str
        Which system, sampled by what.
    fields : ndarray, shape (k,), float64
        Local fields that occurred, rising, in the units of the couplings.
    n_updates, n_ups : ndarray, shape (k,), int64
        Updates seen at each field, and those that came up.
    probabilities : ndarray, shape (k,), float64
        What the table gives there.
    table_fields, table_probabilities : ndarray, shape (m,), float64, or None
        The whole table, rising, for the curve.
    z_max, p_value : float or None
        Largest z and p-value of the gate that judged them.
    """

    name: str
    fields: np.ndarray
    n_updates: np.ndarray
    n_ups: np.ndarray
    probabilities: np.ndarray
    table_fields: np.ndarray | None = None
    table_probabilities: np.ndarray | None = None
    z_max: float | None = None
    p_value: float | None = None

    def __post_init__(self):
        sizes = [np.shape(part) for part in (self.fields, self.n_updates, self.n_ups, self.probabilities)]
        if len(set(sizes)) != 1 or len(sizes[0]) != 1 or not np.size(self.fields) or np.min(self.n_updates) < 1:
            raise InputError(f"Conditionals must have updates at every field that is listed, not sizes {sizes}")


@dataclass(frozen=True, eq=False)
class AutocorrelationRun:
    """Memory of the energy of one backend.

    Parameters
    ----------
    name : str
        Name of the backend.
    rho : ndarray, shape (n_lags,), float64
        Normalised autocorrelation, 1 at lag 0.
    tau_int : float
        Integrated autocorrelation time 1 + 2 sum of rho [draw].
    sweeps_per_draw : int
        Sweeps from one draw to the next.
    """

    name: str
    rho: np.ndarray
    tau_int: float
    sweeps_per_draw: int = 1


@dataclass(frozen=True, eq=False)
class MomentGroup:
    """Moments of one kind, estimated twice.

    Parameters
    ----------
    name : str
        What they are: ``spin means ⟨s_i⟩``, say.
    x, y : ndarray, shape (k,), float64
        Estimates of the two backends.
    x_error, y_error : ndarray, shape (k,), float64, or None
        Standard errors of both.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    x_error: np.ndarray | None = None
    y_error: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class MomentsSection:
    """Moments of one backend against those of another."""

    x_name: str
    y_name: str
    groups: tuple[MomentGroup, ...]
