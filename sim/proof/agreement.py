"""Whether two backends agree: energy and edge moments, with errors from independent chains."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy import stats

ALPHA = 1e-6  # of both tests together
ROUNDING = 1e-12  # of means, relative to the largest: thousands of summands, float64


@dataclass(frozen=True)
class Agreement:
    """Two backends side by side.

    Parameters
    ----------
    verdict : {"pass", "fail"}
        Fails if either p-value is below half of `ALPHA`.
    energy_z, energy_p : float
        Difference of the mean energies over its standard error, and its p-value (Welch).
    moment_z, moment_p : float
        Largest such score among the edge means, and its p-value among all edges (Bonferroni).
    n_moments : int
        Edges whose mean varies from chain to chain.
    """

    verdict: str
    energy_z: float
    energy_p: float
    moment_z: float
    moment_p: float
    n_moments: int

    def as_dict(self):
        """Return the figures as a dictionary for JSON."""
        return asdict(self)


def compare_chains(instance, first, second):
    """Compare two runs of the same schedule from the same first state.

    Chains are independent, so means over each chain are independent draws; how slowly a chain mixes does not
    enter, and neither run needs to have reached equilibrium.

    Parameters
    ----------
    instance : IsingInstance
        Model that both samplers sampled.
    first, second : Samples
        With states; at least 100 chains each, so that means over chains are normal.

    Returns
    -------
    Agreement
    """
    energy_z, energy_p = _welch(*(samples.energies.mean(axis=1) for samples in (first, second)))
    means = [_edge_means(instance, samples.spins) for samples in (first, second)]
    varies = (np.ptp(means[0], axis=0) > 0) & (np.ptp(means[1], axis=0) > 0)
    moment_z, moment_p = 0.0, 1.0
    if varies.any():
        edges = stats.ttest_ind(means[0][:, varies], means[1][:, varies], axis=0, equal_var=False)
        moment_z = float(np.abs(edges.statistic).max())
        moment_p = min(1.0, float(edges.pvalue.min()) * int(varies.sum()))
    good = min(energy_p, moment_p) >= ALPHA / 2
    return Agreement(
        verdict="pass" if good else "fail",
        energy_z=energy_z,
        energy_p=energy_p,
        moment_z=moment_z,
        moment_p=moment_p,
        n_moments=int(varies.sum()),
    )


def _welch(first, second):
    """Return Welch's t and its p-value; of two constants, whose spread is rounding, whether they are the same."""
    rounding = ROUNDING * max(np.abs(first).max(), np.abs(second).max())
    if max(np.ptp(first), np.ptp(second)) <= rounding:
        return (0.0, 1.0) if abs(first[0] - second[0]) <= rounding else (np.inf, 0.0)
    sizes = [(one.mean(), one.std(ddof=1), one.size) for one in (first, second)]
    found = stats.ttest_ind_from_stats(*sizes[0], *sizes[1], equal_var=False)  # on states it warns of one constant
    return float(found.statistic), float(found.pvalue)


def _edge_means(instance, spins):
    """Return the mean of s_i s_j of each chain; shape (n_chains, n_couplings)."""
    first, second = instance.edges.T
    return np.stack([np.mean(chain[:, first] * chain[:, second], axis=0) for chain in spins])
