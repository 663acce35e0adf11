"""The gate: all tests of one sampler under one false-alarm budget."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..spec.errors import InputError
from ..spec.seeds import folded_seed, splitmix64
from .conditionals import measure_conditionals
from .effective_beta import beta_from_conditionals
from .martingale import MIN_VARIANCE
from .verdict import NamedTest, Verdict, holm

STAGE_TWO_SCALE = 4  # samples of the second stage over those of the first; Source: notes, section 5
STAGE_TWO_KEY = 0x5EC0_0D57_A6E0_0002  # sets the second stage's seeds apart from those of other runs


@dataclass(frozen=True)
class Gate:
    """Thresholds, and how they make a verdict.

    One stage: every test gives a p-value, Holm makes one of them all, and the sampler fails at ``alpha``. In two
    stages an adjusted p-value below ``suspicion`` asks for fresh draws, four times as many, and these alone decide.
    An honest sampler is then failed with a probability of at most ``alpha`` whatever the first stage did, and of
    ``alpha * suspicion`` if the seeds are independent: the budget covers both stages.

    Parameters
    ----------
    alpha : float
        False-alarm budget of one verdict.
    suspicion : float
        Adjusted p-value below which a sampler is not passed at once.
    min_variance : float
        Least conditional variance of a bin, see `MartingaleSums.scores`.
    min_expected : float
        Least expected count of a cell of the law test, see `g_test`.
    """

    alpha: float = 1e-6
    suspicion: float = 1e-3
    min_variance: float = MIN_VARIANCE
    min_expected: float = 20.0

    def __post_init__(self):
        if not 0.0 < self.alpha <= self.suspicion < 1.0:
            rule = "0 < alpha <= suspicion < 1"
            raise InputError(f"Thresholds must be {rule}, not {self.alpha!r} and {self.suspicion!r}")

    def judge(self, evidence):
        """Return the verdict on one lot of evidence; ``suspicious`` lies between the two thresholds.

        Parameters
        ----------
        evidence : Evidence
            States that the sampler drew, with their design.

        Raises
        ------
        InputError
            If the evidence is too little for any test.
        """
        conditionals = measure_conditionals(evidence.program, evidence.spins, evidence.pages, evidence.every)
        tests = conditionals.tests(self.min_variance)
        law = evidence.law_test(self.min_expected)
        if law is not None and law.fit.dof > 0:
            tests.append(NamedTest("states against the exact law", law.fit.statistic, law.fit.p_value, law.fit.dof))
        if not tests:
            variance, n_updates = float(conditionals.cells[2].sum()), conditionals.n_updates
            rule = f"a variance of {self.min_variance:g}, the sum of p (1 - p)"
            raise InputError(
                f"Updates must have {rule}, for a test, not {variance:.3g} in {n_updates} updates: take a lower beta if"
                " spins are frozen, more sweeps or chains if not"
            )
        p_value = float(holm([test.p_value for test in tests]).min())
        return Verdict(
            verdict=self._word(p_value),
            p_value=p_value,
            alpha=self.alpha,
            tests=tuple(tests),
            tv=None if law is None else law.tv,
            tv_floor=None if law is None else law.tv_floor,
            n_samples=evidence.spins.shape[0] * evidence.spins.shape[1] if law is None else law.n_states,
            z_max=conditionals.z_max,
            beta_eff=beta_from_conditionals(conditionals),
        )

    def two_stage(self, draw, seed=0):
        """Return the verdict on a sampler that can be asked for more.

        Parameters
        ----------
        draw : callable
            ``draw(seed, scale)`` returns the Evidence of ``scale`` times the usual number of samples.
        seed : int
            Seed of the first stage; that of the second is derived from it.

        Returns
        -------
        Verdict
            Verdict of the stage that decided. ``suspicious`` after two stages means that both were: odds of
            ``suspicion**2`` for an honest sampler.
        """
        first = self.judge(draw(seed, 1))
        if first.verdict == "pass":
            return first
        return replace(self.judge(draw(stage_two_seed(seed), STAGE_TWO_SCALE)), n_stages=2)

    def _word(self, p_value):
        if p_value < self.alpha:
            return "fail"
        return "suspicious" if p_value < self.suspicion else "pass"


def stage_two_seed(seed):
    """Return the seed of the second stage, 63 bits, far from every small seed.

    >>> stage_two_seed(0) == stage_two_seed(1)
    False
    """
    return splitmix64(STAGE_TWO_KEY, folded_seed(seed) + 1) >> 1
