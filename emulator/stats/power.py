"""How surely the gate rejects a mutant, and how many chains that takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from ..spec.errors import InputError
from .gate import STAGE_TWO_SCALE, Gate
from .judging import SHIPPED, golden_evidence

STANDARD_ERRORS = 4.0  # by which a fitted noncentrality is lowered; with 8 lots a chance of 0.003 (Student, 7 dof)


@dataclass(frozen=True)
class Drive:
    """What one test sees of a fault.

    Parameters
    ----------
    test : str
        Name of the test.
    dof : int
        Degrees of freedom of its chi-square; 1 for the square of a normal score.
    n_scores : int
        Scores of which the test takes the largest.
    per_chain : float
        Noncentrality of that chi-square per chain of the first stage, cautiously low.
    n_tests : int
        Tests that share the budget.
    """

    test: str
    dof: int
    n_scores: int
    per_chain: float
    n_tests: int

    def power(self, n_chains, gate):
        """Return the probability that both stages reject on this test alone; others can only add to it.

        A stage rejects if the p-value lies below its threshold over the number of tests, Holm's first step, and over
        the number of scores. The stages have other seeds and are independent.
        """
        power = 1.0
        for level, scale in ((gate.suspicion, 1), (gate.alpha, STAGE_TWO_SCALE)):
            critical = stats.chi2.isf(level / (self.n_tests * self.n_scores), self.dof)
            power *= stats.ncx2.sf(critical, self.dof, scale * n_chains * self.per_chain)
        return float(power)


def drives(mutant, n_chains=SHIPPED.n_chains, seeds=range(8), gate=None):
    """Fit what each test sees of a mutant, from first stages with several seeds.

    The noncentrality is the mean of chi-square less its degrees of freedom (mean square less one for a score, less
    2 ln 2m for the largest of m, what honest ones reach), lowered by four standard errors of that mean. It grows in
    proportion to the number of chains.

    Parameters
    ----------
    mutant : Mutant
        A mutant that applies to the instance.
    n_chains : int
        Chains of each lot.
    seeds : sequence of int
        Seeds of the lots, at least two.
    gate : Gate, optional
        Gate whose tests are made.

    Returns
    -------
    list of Drive
        One for each test that every lot allowed with the same degrees of freedom.
    """
    gate = gate or Gate()
    if len(seeds) < 2:
        raise InputError(f"Seeds of a power estimate must be 2 or more, not {len(seeds)}")
    lots = [golden_evidence(mutant.honest, n_chains, seed, mutant.broken, mutant.arrays) for seed in seeds]
    verdicts = [gate.judge(lot) for lot in lots]
    squares = {}
    for verdict in verdicts:
        for test in verdict.tests:
            found = squares.setdefault((test.name, test.dof, test.n_scores), [])
            found.append(test.statistic if test.dof else test.statistic**2)
    n_tests = max(len(verdict.tests) for verdict in verdicts)
    return [
        Drive(name, max(dof, 1), n_scores, _noncentrality(values, max(dof, 1), n_scores) / n_chains, n_tests)
        for (name, dof, n_scores), values in squares.items()
        if len(values) == len(lots)
    ]


def _noncentrality(squares, dof, n_scores):
    """Return the cautious noncentrality of chi-squares; infinite ones stand for certain rejection."""
    if np.isinf(squares).any():
        return 1e9 if np.isinf(squares).all() else 0.0
    honest = dof if n_scores == 1 else 2.0 * np.log(2.0 * n_scores)
    error = np.std(squares, ddof=1) / np.sqrt(len(squares))
    return max(0.0, float(np.mean(squares) - honest - STANDARD_ERRORS * error))


def rejection_power(mutant, n_chains=SHIPPED.n_chains, seeds=range(8), gate=None):
    """Return the test that sees a mutant best, and its power in the two-stage rule.

    Parameters
    ----------
    mutant, n_chains, seeds, gate
        Same meaning as in `drives`.

    Returns
    -------
    test : str
    power : float
    """
    gate = gate or Gate()
    found = [(drive.power(n_chains, gate), drive) for drive in drives(mutant, n_chains, seeds, gate)]
    power, drive = max(found, key=lambda pair: (pair[0], pair[1].per_chain))
    return drive.test, power


def chains_needed(mutant, power=0.999, pilot_chains=400, seeds=range(8), gate=None):
    """Return the chains of a first stage with which the two-stage rule rejects a mutant.

    Parameters
    ----------
    mutant : Mutant
        A mutant that applies to the instance.
    power : float
        Wanted probability of rejection.
    pilot_chains : int
        Chains of each lot that the noncentralities are fitted to; the smaller the fault, the more.
    seeds, gate
        Same meaning as in `drives`.

    Returns
    -------
    float
        Infinite if no test sees the mutant in the pilot lots.
    """
    gate = gate or Gate()
    needs = [_chains_for(drive, power, gate) for drive in drives(mutant, pilot_chains, seeds, gate)]
    return float(np.ceil(min(needs)))


def _chains_for(drive, power, gate):
    if drive.per_chain <= 0.0:
        return np.inf
    largest = 1e6 / drive.per_chain  # noncentrality 1e6 rejects at any level in use
    if drive.power(largest, gate) < power:
        return np.inf
    return optimize.brentq(lambda n: drive.power(n, gate) - power, 1e-9 * largest, largest, rtol=1e-6)
