"""What a backend hands to the gate: recorded states, the design they claim to follow, and its exact distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError
from ..spec.fabric.program import Program
from .autocorrelation import integrated_time
from .conditionals import pages_of_states
from .distance import GoodnessOfFit, g_test, histogram_tv, state_histogram, tv_noise_floor

THINNING = 5.0  # sweeps kept apart, in integrated autocorrelation times; Source: notes, section 5
BURN_IN = 20.0  # sweeps dropped at the start, in the same unit: e^-20 of the first state is left


@dataclass(frozen=True, eq=False)
class Evidence:
    """Recorded states of several chains.

    Parameters
    ----------
    program : Program
        The honest design; every test compares with it.
    spins : ndarray, shape (n_chains, n_states, n), int8
        States -1/+1. With ``every`` 1 and ``after`` 0 the first one is the state before the first sweep.
    every : int
        Sweeps from one state to the next.
    after : int
        Sweeps before the first of these states.
    end_law : ndarray, shape (2**n,), float64, optional
        Exact distribution of the *last* state of each chain (`oracle.schedule_law.law_after`). Chains that differ in
        their seed only are independent, so these states are independent draws from it: neither burn-in nor thinning nor
        an autocorrelation time enters, whatever the chain's memory. Many short chains are the sharpest evidence.
    stationary_law : ndarray, shape (2**n,), float64, optional
        Exact stationary distribution, for few long chains at constant beta (a board). Used where ``end_law`` is absent.
    """

    program: Program
    spins: np.ndarray
    every: int = 1
    after: int = 0
    end_law: np.ndarray | None = None
    stationary_law: np.ndarray | None = None

    def __post_init__(self):
        n_pbits = self.program.spec.n_pbits
        if self.spins.ndim != 3 or self.spins.shape[2] != n_pbits:
            raise InputError(f"Spins must have shape (chains, states, {n_pbits}), not {self.spins.shape}")
        if self.every < 1 or self.after < 0:
            raise InputError(f"Evidence must have every >= 1 and after >= 0, not {self.every} and {self.after}")

    @property
    def pages(self):
        """Table page of the sweep that led to each state; ndarray, shape (n_states,), int64."""
        return pages_of_states(self.program, self.spins.shape[1], self.every, self.after)

    def law_test(self, min_expected):
        """Compare states with the exact distribution.

        Parameters
        ----------
        min_expected : float
            Least expected count of a cell.

        Returns
        -------
        LawTest or None
            None without a distribution.
        """
        if self.end_law is not None:
            return _law_test(self.spins[:, -1], self.end_law, 1.0, min_expected)
        if self.stationary_law is not None:
            states, inflation = thinned(self.program, self.spins)
            return _law_test(states, self.stationary_law, inflation, min_expected)
        return None


@dataclass(frozen=True)
class LawTest:
    """A histogram of states against the exact distribution.

    Parameters
    ----------
    fit : GoodnessOfFit
        Result of the G-test.
    tv, tv_floor : float
        Total variation, and its average over as many independent draws.
    n_states : int
        States in the histogram.
    """

    fit: GoodnessOfFit
    tv: float
    tv_floor: float
    n_states: int


def _law_test(states, law, inflation, min_expected):
    counts = state_histogram(states)
    n_states = int(counts.sum())
    floor = tv_noise_floor(law, n_states / inflation)
    return LawTest(g_test(counts, law, min_expected, inflation), histogram_tv(counts, law), floor, n_states)


def thinned(program, spins):
    """Return nearly independent states of long chains, and by how much their counts vary more than independent ones.

    The slowest of all spins and coupled pairs sets the distance of kept states, 5 autocorrelation times, after 20 at
    the start: for an exponential memory e^-10 of the correlation is left. What is left nevertheless is measured in
    the kept states: the mean of a chi-square statistic grows by the mean autocorrelation time of the observables
    (Rao and Scott's first-order correction), here of spins and pairs, never taken below 1.

    Parameters
    ----------
    program : Program
        Gives the coupled pairs.
    spins : ndarray, shape (n_chains, n_states, n), int8
        Recorded states in order.

    Returns
    -------
    states : ndarray, shape (n_kept, n), int8
    inflation : float
        1 or more.

    Raises
    ------
    AutocorrError
        If the chains are shorter than 50 autocorrelation times.

    References
    ----------
    Rao and Scott, J. Am. Stat. Assoc. 76, 221 (1981).
    """
    tau = max((integrated_time(series) for series in _moving_observables(program, spins)), default=1.0)
    kept = spins[:, int(np.ceil(BURN_IN * tau)) :: int(np.ceil(THINNING * tau))]
    again = [integrated_time(series, min_length=0.0) for series in _moving_observables(program, kept)]
    return kept.reshape(-1, spins.shape[2]), max(1.0, float(np.mean(again or [1.0])))


def _moving_observables(program, spins):
    """Yield every spin and every product of coupled spins that is not constant, shape (n_chains, n_states)."""
    for i in range(spins.shape[2]):
        if np.ptp(spins[:, :, i]):
            yield spins[:, :, i]
    for i, j in program.spec.edges:
        product = spins[:, :, i] * spins[:, :, j]
        if np.ptp(product):
            yield product
