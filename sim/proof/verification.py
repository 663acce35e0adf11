"""Statistics of any backend against the oracle: what `spinchip verify` does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import t as student

from ...emulator.oracle.chain_law import MAX_DENSE_PBITS
from ...emulator.oracle.enumeration import boltzmann_law
from ...emulator.oracle.quantisation import quantisation_report
from ...emulator.oracle.schedule_law import law_after
from ...emulator.oracle.states import MAX_ENUMERATED_SPINS
from ...emulator.reference.arguments import check_count
from ...emulator.spec.errors import InputError
from ...emulator.spec.schedule import Recording, Schedule
from ...emulator.stats.distance import g_test, histogram_tv, state_histogram, tv_noise_floor
from ...emulator.stats.effective_beta import beta_from_states
from ...emulator.stats.evidence import Evidence
from ...emulator.stats.gate import STAGE_TWO_SCALE, Gate, stage_two_seed
from ...emulator.stats.martingale import MartingaleSums, largest_of, merge_by_variance
from ...emulator.stats.scale import near_one
from ...emulator.stats.verdict import NamedTest, Verdict, holm
from ..runs.run_size import check_draws
from ..samplers.by_name import FLOAT, JUNCTIONS

FLOAT_BURN_IN = 1000  # sweeps before the one state per chain that a float sampler is judged by


@dataclass(frozen=True)
class Size:
    """Chains of the first stage, and sweeps of each."""

    n_chains: int
    n_sweeps: int

    def __post_init__(self):
        check_count("Chains", self.n_chains)


@dataclass(frozen=True, eq=False)
class LastStates:
    """What a float sampler is judged by.

    Parameters
    ----------
    states : ndarray, shape (n_chains, n_spins), int8
        Last state of each chain.
    law : ndarray, shape (2**n_spins,), float64, or None
        Boltzmann distribution, where the spins are few enough to enumerate.
    """

    states: np.ndarray
    law: np.ndarray | None


def default_size(name, n_spins):
    """Return how much is drawn of a backend.

    Golden gets the size for which the power against every mutant is stated. Under Icarus many short chains are
    cheap while seeding takes few writes; a large machine runs four longer ones instead.
    """
    if name in FLOAT:
        # One state a chain: a test needs a variance of 100 in some bin, so some hundreds of chains at the very least.
        return Size(max(2000, min(4000, 8_000_000 // n_spins)), FLOAT_BURN_IN)
    if name == "golden":
        return Size(max(64, min(4000, 400_000 // n_spins)), 50)
    return Size(400, 50) if n_spins <= MAX_DENSE_PBITS else Size(4, 200)


def chosen_size(sampler, n_spins, n_chains=None, n_sweeps=None):
    """Return the size of a first stage, by default that of the backend; refused if the second would not fit the memory.

    Parameters
    ----------
    sampler : Sampler
        Backend.
    n_spins : int
        Spins of the instance.
    n_chains, n_sweeps : int, optional
        As a user asks for them.

    Returns
    -------
    Size
    """
    usual = default_size(sampler.name, n_spins)
    size = Size(usual.n_chains if n_chains is None else n_chains, usual.n_sweeps if n_sweeps is None else n_sweeps)
    # Hardware is judged by every state of the second stage, four times the first; others by the last of each chain.
    kept = Recording(after=size.n_sweeps - 1) if sampler.name in FLOAT else Recording()
    check_draws(n_spins, STAGE_TWO_SCALE * size.n_chains, size.n_sweeps, kept, sampler.name in JUNCTIONS)
    return size


def verify(sampler, instance, beta, size=None, seed=0, seen=None):
    """Return the two-stage verdict on a backend.

    Parameters
    ----------
    sampler : Sampler
        Backend; one that has a ``program`` is judged update by update, others by one state of each chain.
    instance : IsingInstance
        Model that it samples.
    beta : float
        Inverse temperature.
    size : Size, optional
        Size of the first stage.
    seed : int
        Seed of the first stage.
    seen : list, optional
        Gets what each stage drew: `Evidence`, or `LastStates` of a float sampler.

    Returns
    -------
    Verdict
    """
    seen = [] if seen is None else seen
    size = size or default_size(sampler.name, instance.n_spins)
    if sampler.name in FLOAT:
        return _verify_float(sampler, instance, beta, size, seed, seen)

    def draw(stage_seed, scale):
        larger = Size(scale * size.n_chains, size.n_sweeps)
        seen.append(hardware_evidence(sampler, instance, beta, larger, stage_seed))
        return seen[-1]

    return Gate().two_stage(draw, seed)


def tested_law(sampler, instance, beta, evidence):
    """Return which distribution a verdict is about, and its distance from the Boltzmann distribution; dict.

    Parameters
    ----------
    sampler, instance, beta
        Same meaning as in `verify`.
    evidence : Evidence or LastStates
        What a stage drew, an element of ``seen`` of `verify`.

    Returns
    -------
    dict
        ``law`` in words; for hardware also ``quantisation`` with ``tv``, ``kind`` and ``saturated``.
    """
    if sampler.name in FLOAT:
        is_small = instance.n_spins <= MAX_ENUMERATED_SPINS
        of_updates = "conditionals of the Boltzmann distribution (too many spins to enumerate)"
        return {"law": "Boltzmann distribution" if is_small else of_updates}
    report = quantisation_report(instance, evidence.program.spec, beta)
    of_states = "exact distribution of the quantised chain, states and every update"
    of_updates = "quantised chain, every update (too many spins for the distribution of states)"
    return {
        "law": of_states if instance.n_spins <= MAX_DENSE_PBITS else of_updates,
        "quantisation": {"tv": report.tv, "kind": report.kind, "saturated": report.n_saturated},
    }


def hardware_evidence(sampler, instance, beta, size, seed):
    """Draw every sweep of several chains of a hardware backend.

    Parameters
    ----------
    sampler : GoldenSampler or IcarusSampler
        Backend to judge.
    instance, beta, size, seed
        Same meaning as in `verify`.

    Returns
    -------
    Evidence
        All states from the first on; up to 12 spins also the exact distribution of each chain's last state.
    """
    schedule = Schedule.constant(beta, size.n_sweeps)
    program = sampler.program(instance, schedule)
    samples = sampler.sample(instance, schedule, size.n_chains, seed)
    first = np.full((size.n_chains, 1, instance.n_spins), -1, dtype=np.int8)
    end_law = law_after(program) if instance.n_spins <= MAX_DENSE_PBITS else None
    return Evidence(program, np.concatenate([first, samples.spins], axis=1), end_law=end_law)


def _verify_float(sampler, instance, beta, size, seed, seen):
    first = _judge_float(sampler, instance, beta, size, seed, seen)
    if first.verdict == "pass":
        return first
    larger = Size(STAGE_TWO_SCALE * size.n_chains, size.n_sweeps)
    return _judge_float(sampler, instance, beta, larger, stage_two_seed(seed), seen)


def _judge_float(sampler, instance, beta, size, seed, seen):
    """Judge the last states of independent chains against the Boltzmann distribution and its conditionals."""
    gate = Gate()
    recording = Recording(after=size.n_sweeps - 1)
    schedule = Schedule.constant(beta, size.n_sweeps)
    states = sampler.sample(instance, schedule, size.n_chains, seed, recording).spins[:, -1]
    scores = _conditional_scores(instance, beta, states, gate.min_variance)
    z_max, tests = float(np.abs(scores).max(initial=0.0)), []
    if len(scores):
        tests.append(NamedTest("bits by p-bit and local field, largest", z_max, largest_of(scores)))
    tests += _pooled_tests(instance, beta, states, gate.min_variance)
    tv = floor = law = None
    if instance.n_spins <= MAX_ENUMERATED_SPINS:
        law = boltzmann_law(instance, beta)
        counts = state_histogram(states)
        fit = g_test(counts, law, gate.min_expected)
        if fit.dof > 0:
            tests.append(NamedTest("states against the Boltzmann law", fit.statistic, fit.p_value, fit.dof))
        tv, floor = histogram_tv(counts, law), tv_noise_floor(law, size.n_chains)
    if not tests:
        variance = float(_variances(instance, beta, states)[1].sum())
        rule, cure = (
            f"a variance of {gate.min_variance:g}, the sum of p (1 - p),",
            "take a lower beta if they are frozen",
        )
        drawn = f"{variance:.3g} in {len(states)} states of {instance.n_spins} spins"
        raise InputError(f"Spins must have {rule} for a test, not {drawn}: {cure}, more chains if not")
    seen.append(LastStates(states, law))
    p_value = float(holm([test.p_value for test in tests]).min())
    word = "fail" if p_value < gate.alpha else "suspicious" if p_value < gate.suspicion else "pass"
    return Verdict(
        verdict=word,
        p_value=p_value,
        alpha=gate.alpha,
        tests=tuple(tests),
        tv=tv,
        tv_floor=floor,
        n_samples=len(states),
        z_max=z_max,
        beta_eff=beta_from_states(instance, states[:, None, :], min_length=0.0),
    )


def _pooled_tests(instance, beta, states, min_variance):
    """Return tests of sums over all spins of bit minus sigma(2 beta I), plain and along the field.

    Given the others, each bit has the mean sigma, so either sum has the mean 0 in every chain, whatever spins of one
    state have to do with each other. Chains are independent: their spread is the error. The sum along the field is the
    score of the pseudo-likelihood, which sees a wrong beta; Source: Besag, The Statistician 24, 179 (1975).
    """
    ups, variances = _variances(instance, beta, states)
    if variances.sum() < min_variance:
        return []
    fields, residuals, tests = near_one(instance.local_fields(states))[0], (states > 0) - ups, []
    for name, sums in (("all bits", residuals.sum(axis=1)), ("bits along the field", (residuals * fields).sum(axis=1))):
        error = sums.std(ddof=1) / np.sqrt(len(sums)) if len(sums) > 1 else 0.0
        if error > 0:
            z = float(sums.mean() / error)
            tests.append(NamedTest(name, z, float(2 * student.sf(abs(z), len(sums) - 1))))
    return tests


def _variances(instance, beta, states):
    """Return the chance of each spin to be up, given the others, and its variance; ndarray, shape (n_states, n)."""
    with np.errstate(over="ignore"):  # a product beyond float64 is infinite, and its chance 0 or 1
        ups = expit(2.0 * beta * instance.local_fields(states))
    return ups, ups * (1.0 - ups)


def _conditional_scores(instance, beta, states, min_variance):
    """Return scores of bit minus sigma(2 beta I), for each spin and bin of its field; the states are independent."""
    fields, (ups, _) = instance.local_fields(states), _variances(instance, beta, states)
    scores = []
    for i in range(instance.n_spins):
        order = np.argsort(fields[:, i])
        p = ups[order, i]
        labels = merge_by_variance(p * (1 - p), min_variance)
        residuals = (states[order, i] > 0) - p
        sums = MartingaleSums(residuals, p * (1 - p), p * (1 - p) * (1 - 2 * p)).merged(labels)
        scores.append(sums.resolved(min_variance).scores())
    return np.concatenate(scores)
