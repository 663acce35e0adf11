"""End to end: draw from golden, honest or broken, and let the gate judge it; how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from ..golden.sampler import run_chains
from ..oracle.chain_law import MAX_DENSE_PBITS
from ..oracle.schedule_law import law_after
from ..spec.spins import bits_from_spins, spins_from_bits
from .evidence import Evidence
from .gate import STAGE_TWO_SCALE, Gate


@dataclass(frozen=True)
class SampleSize:
    """Independent chains, and sweeps of each, of a first stage."""

    n_chains: int
    n_sweeps: int


SHIPPED = SampleSize(n_chains=4000, n_sweeps=50)


def golden_evidence(program, n_chains, seed, broken=None, arrays=None):
    """Run golden and return what a host would see of it.

    Parameters
    ----------
    program : Program
        Honest design with a schedule that is recorded from the first sweep on; the exact law of its last state joins
        the evidence if it has at most 12 p-bits.
    n_chains, seed : int
        See `run_chains`.
    broken : Program, optional
        Runs instead. Its first p-bits are those of the honest design; sweeps beyond the honest schedule are not seen.
    arrays : GoldenArrays, optional
        Kernel arrays of what runs.

    Returns
    -------
    Evidence
    """
    runs = program if broken is None else broken
    n_pbits, n_sweeps = program.spec.n_pbits, program.n_sweeps
    recorded = run_chains(runs, seed, n_chains, arrays).spins[:, :n_sweeps, :n_pbits]
    first = spins_from_bits(_first_bits(runs)[:n_pbits])
    spins = np.concatenate([np.broadcast_to(first, (n_chains, 1, n_pbits)), recorded], axis=1)
    return Evidence(program, spins, end_law=_end_law(program) if n_pbits <= MAX_DENSE_PBITS else None)


def _first_bits(program):
    """Return the state before the first sweep, clamps applied."""
    return np.where(program.clamps != 0, bits_from_spins(program.clamps), program.initial_bits)


@lru_cache(maxsize=32)
def _end_law(program):
    """Return the law after the whole schedule; programs are compared by identity."""
    return law_after(program)


def judge(program, size=SHIPPED, seed=0, gate=None):
    """Return the two-stage verdict on the golden model of an honest program.

    Parameters
    ----------
    program : Program
        See `golden_evidence`.
    size : SampleSize
        Of the first stage; its sweeps are those of the program.
    seed : int
        Seed of the first stage.
    gate : Gate, optional
        Thresholds.

    Returns
    -------
    Verdict
    """
    return _two_stage(program, {}, size.n_chains, seed, gate)


def judge_mutant(mutant, n_chains=SHIPPED.n_chains, seed=0, gate=None):
    """Return the two-stage verdict on a mutant that applies, against its own honest design."""
    return _two_stage(mutant.honest, {"broken": mutant.broken, "arrays": mutant.arrays}, n_chains, seed, gate)


def _two_stage(program, changes, n_chains, seed, gate):
    def draw(stage_seed, scale):
        return golden_evidence(program, scale * n_chains, stage_seed, **changes)

    return (gate or Gate()).two_stage(draw, seed)


@dataclass(frozen=True)
class Power:
    """How surely the gate rejects a mutant.

    Parameters
    ----------
    test : str
        Test that drives the rejection.
    noncentrality : float
        Of that test's chi-square at the size of the first stage; the square of the mean score for a normal score.
    power : float
        Probability that both stages reject.
    """

    test: str
    noncentrality: float
    power: float


def rejection_power(mutant, n_chains=SHIPPED.n_chains, seeds=range(8), gate=None):
    """Estimate the power of the two-stage gate against a mutant.

    First stages are run with several seeds. For each test the noncentrality is fitted, mean of chi-square less its
    degrees of freedom (mean square less one for scores), lowered by three standard errors of that mean. It grows in
    proportion to the samples. A stage rejects if one test's p-value is below the threshold over the number of tests,
    Holm's first step; the power of the best single test in both stages, taken as independent, is returned. Other
    tests can only add to it.

    Parameters
    ----------
    mutant : Mutant
        One that applies.
    n_chains : int
        Chains of the first stage.
    seeds : sequence of int
        At least two.
    gate : Gate, optional
        Thresholds.

    Returns
    -------
    Power
    """
    gate = gate or Gate()
    changes = {"broken": mutant.broken, "arrays": mutant.arrays}
    verdicts = [gate.judge(golden_evidence(mutant.honest, n_chains, seed, **changes)) for seed in seeds]
    found = {}
    for verdict in verdicts:
        for test in verdict.tests:
            found.setdefault((test.name, test.dof), []).append(test.statistic)
    n_tests = len(verdicts[0].tests)
    powers = [
        _power_of(name, dof, np.array(values), n_tests, gate)
        for (name, dof), values in found.items()
        if len(values) == len(verdicts)
    ]
    return max(powers, key=lambda power: (power.power, power.noncentrality))


def _power_of(name, dof, values, n_tests, gate):
    """Return the power of one test whose statistics over several seeds are given."""
    squares = values if dof else values**2
    dof = max(dof, 1)
    error = np.std(squares, ddof=1) / np.sqrt(len(squares))
    noncentrality = max(0.0, float(np.mean(squares) - dof - 3.0 * error))
    first, second = (
        stats.ncx2.sf(stats.chi2.isf(level / n_tests, dof), dof, scale * noncentrality)
        for level, scale in ((gate.suspicion, 1), (gate.alpha, STAGE_TWO_SCALE))
    )
    return Power(name, noncentrality, float(first * second))
