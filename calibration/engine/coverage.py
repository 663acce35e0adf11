"""How often intervals hold the truth, on synthetic experiments whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ...emulator.spec.errors import InputError
from .bootstrap import LEVEL, N_TRIALS, bootstrap, intervals

FALSE_ALARM = 1e-3


@dataclass(frozen=True, eq=False)
class Coverage:
    """Which parameters of which synthetic experiment lay inside their intervals.

    Parameters
    ----------
    names : tuple of str
        Names of the parameters.
    hits : ndarray, shape (n_experiments, n_parameters), bool
        True where the interval held the truth.
    chi2_p : ndarray, shape (n_experiments,), float64
        Probability of a larger chi2, uniform for honest covariances.
    level : float
        Probability with which the intervals claim to hold the truth.
    """

    names: tuple[str, ...]
    hits: np.ndarray
    chi2_p: np.ndarray
    level: float = LEVEL

    @property
    def n_experiments(self):
        """Number of synthetic experiments."""
        return len(self.hits)

    @property
    def fractions(self):
        """Share of intervals that held the truth, by parameter; dict of str to float."""
        return dict(zip(self.names, self.hits.mean(axis=0).tolist(), strict=True))

    @property
    def standard_error(self):
        """Standard error of one parameter's share if the intervals keep their promise."""
        return float(np.sqrt(self.level * (1.0 - self.level) / self.n_experiments))

    @property
    def pooled(self):
        """Share over all parameters, and its standard error from the spread between experiments; (float, float)."""
        shares = self.hits.mean(axis=1)
        return float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(self.n_experiments))

    def p_value(self, name):
        """Return the two-sided binomial probability of a share at least as unlikely, under the claimed level."""
        hits = int(self.hits[:, self.names.index(name)].sum())
        return float(stats.binomtest(hits, self.n_experiments, self.level).pvalue)

    def check(self, false_alarm=FALSE_ALARM):
        """Return this coverage, or refuse intervals that do not hold what they claim.

        Parameters
        ----------
        false_alarm : float
            Probability of refusing honest intervals, shared out evenly over the parameters.

        Raises
        ------
        InputError
            One line that names the parameter.
        """
        for name in self.names:
            if self.p_value(name) < false_alarm / len(self.names):
                share = f"{self.fractions[name]:.3f} of {self.n_experiments} experiments"
                raise InputError(f"Coverage of parameter {name!r} must be {self.level:g}, not {share}")
        return self

    def as_dict(self):
        """Return a plain dictionary for JSON."""
        pooled, error = self.pooled
        head = {"level": self.level, "n_experiments": self.n_experiments, "pooled": pooled, "pooled_se": error}
        return {**head, "fractions": self.fractions}


def measure_coverage(problem, truth, seed, n_experiments=200, n_trials=N_TRIALS, noise=None):
    """Plant parameters, make experiments, calibrate each of them, and see whether the intervals hold the truth.

    Parameters
    ----------
    problem : Problem
        Model, axes and the covariances that the analysis assumes; its values are not used.
    truth : ndarray, shape (n_parameters,), float64
        Planted parameters.
    seed : int
        Seed of noise and synthetic data.
    n_experiments, n_trials : int
        Experiments, and bootstrap trials of each.
    noise : Problem, optional
        Gives the model and the covariances that the experiments really have; ``problem`` if absent. Another one
        shows what a wrong analysis claims.

    Returns
    -------
    Coverage
    """
    source = problem if noise is None else noise
    centres = source.predict(np.asarray(truth, dtype=np.float64))

    def experiment(rng):
        one = problem.with_values(source.draw(centres, rng))
        fit = one.fit()
        return bootstrap(one, fit, rng, n_trials), fit.chi2_p

    return coverage_of_experiments(experiment, problem.model.names, truth, seed, n_experiments)


def coverage_of_experiments(experiment, names, truth, seed, n_experiments):
    """See how often intervals of whole synthetic experiments hold the truth, whatever fits them.

    Parameters
    ----------
    experiment : function of (numpy.random.Generator,)
        Makes data with the true parameters, fits them and returns the trials, shape (n_trials, n_parameters), and the
        probability of a larger chi2.
    names : sequence of str
        Names of the parameters.
    truth : ndarray, shape (n_parameters,), float64
        Planted parameters.
    seed : int
        Every experiment has its own stream.
    n_experiments : int
        Number of experiments.

    Returns
    -------
    Coverage
    """
    truth = np.asarray(truth, dtype=np.float64)
    hits, chi2_p = np.empty((n_experiments, truth.size), dtype=bool), np.empty(n_experiments)
    for number, child in enumerate(np.random.SeedSequence(seed).spawn(n_experiments)):
        trials, chi2_p[number] = experiment(np.random.default_rng(child))
        low, _, high = intervals(trials)
        hits[number] = (low <= truth) & (truth <= high)
    return Coverage(tuple(names), hits, chi2_p)
