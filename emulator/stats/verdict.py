"""The verdict of a gate: named tests, their p-values taken together, and the verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np

from .effective_beta import BetaInterval


@dataclass(frozen=True)
class NamedTest:
    """One test of one hypothesis.

    Parameters
    ----------
    name : str
        What is compared with what.
    statistic : float
        Normal score, or corrected G or chi-square with ``dof`` degrees of freedom.
    p_value : float
        Probability under an honest sampler of a statistic at least as extreme.
    dof : int
        Degrees of freedom; 0 marks a normal score or an exact check.
    n_scores : int
        Scores of which the statistic is the largest.
    """

    name: str
    statistic: float
    p_value: float
    dof: int = 0
    n_scores: int = 1


def holm(p_values):
    """Return Holm's adjusted p-values, in the given order.

    Rejecting those at or below alpha has a probability of at most alpha of rejecting any true hypothesis, however
    the tests depend on each other.

    Parameters
    ----------
    p_values : array_like, shape (m,), float64
        p-values, one for each test.

    References
    ----------
    Holm, Scand. J. Stat. 6, 65 (1979).

    >>> holm([0.01, 0.5, 0.02]).round(6).tolist()
    [0.03, 0.5, 0.04]
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


@dataclass(frozen=True)
class Verdict:
    """Outcome of a gate.

    Parameters
    ----------
    verdict : {"pass", "suspicious", "fail"}
        ``suspicious`` lies between the two thresholds of `Gate`.
    p_value : float
        Smallest Holm-adjusted p-value; what the verdict rests on.
    alpha : float
        Largest probability with which an honest sampler is failed.
    tests : tuple of NamedTest
        All tests of the last stage.
    tv, tv_floor : float or None
        Total variation from the exact distribution, and what as many independent draws would show; None without a
        distribution.
    n_samples : int
        States behind the law test, or all recorded states where there is none.
    z_max : float
        Size of the largest normal score of the bits binned by local field.
    beta_eff : BetaInterval or None
        Effective inverse temperature with its 95 % interval; None if no field but 0 occurs.
    n_stages : int
        2 if a suspicion was followed up with fresh draws.
    """

    verdict: str
    p_value: float
    alpha: float
    tests: tuple[NamedTest, ...] = field(repr=False)
    tv: float | None
    tv_floor: float | None
    n_samples: int
    z_max: float
    beta_eff: BetaInterval | None
    n_stages: int = 1

    @property
    def rejected(self):
        """Whether the sampler was failed."""
        return self.verdict == "fail"

    @property
    def decisive(self):
        """The test with the smallest p-value."""
        return min(self.tests, key=lambda test: test.p_value)

    def as_dict(self):
        """Return the keys that the command line promises, and the tests, for JSON."""
        return {
            "verdict": self.verdict,
            "p_value": self.p_value,
            "alpha": self.alpha,
            "tv": self.tv,
            "tv_floor": self.tv_floor,
            "n_samples": self.n_samples,
            "conditionals": {"z_max": self.z_max},
            "beta_eff": None if self.beta_eff is None else asdict(self.beta_eff),
            "n_stages": self.n_stages,
            "tests": [asdict(test) for test in self.tests],
        }
