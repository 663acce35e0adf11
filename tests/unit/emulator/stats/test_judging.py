import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.stats.gate import Gate
from spinchip.emulator.stats.judging import SHIPPED, golden_evidence, judge, judge_mutant, judge_seeds
from spinchip.emulator.stats.mutants import catalogue
from spinchip.emulator.stats.power import Drive, chains_needed, rejection_power

LAW_MUTANTS = (
    "one-shift lfsr",
    "sliced lfsr",
    "shared word",
    "neighbours together",
    "table off by one",
    "sign of h",
    "truncation",
    "wrap",
    "stuck p-bit",
    "dropped edge",
    "stale neighbour",
)


@pytest.fixture(scope="module")
def mutants(ring):
    return {mutant.name: mutant for mutant in catalogue(ring(), 0.5, n_sweeps=SHIPPED.n_sweeps)}


@pytest.mark.promise("mutants.law")
@pytest.mark.parametrize("name", LAW_MUTANTS)
def test_law_mutant_is_rejected_at_the_shipped_size(mutants, name):
    verdict = judge_mutant(mutants[name], seed=11)
    assert (verdict.verdict, verdict.n_stages) == ("fail", 2)
    assert verdict.p_value < 1e-6


@pytest.mark.promise("golden.law", "mutants.law")
@pytest.mark.parametrize("name", LAW_MUTANTS)
def test_honest_design_of_the_arena_passes(mutants, name):
    assert judge(mutants[name].honest, seed=12).verdict == "pass"


@pytest.mark.promise("mutants.power")
@pytest.mark.parametrize("name", LAW_MUTANTS)
def test_power_is_enough_at_a_tenth_of_the_shipped_size(mutants, name):
    # Power grows with the size, so that 400 chains with 0.999 settle the 4000 that are shipped.
    test, power = rejection_power(mutants[name], SHIPPED.n_chains // 10, range(20, 28))
    assert power >= 0.999, test


def test_law_alone_sees_every_law_mutant(mutants):
    # States at the end of the chains, without a look at single updates: what a board with no consecutive sweeps has.
    for name in LAW_MUTANTS:
        mutant = mutants[name]
        evidence = golden_evidence(mutant.honest, SHIPPED.n_chains, 13, mutant.broken, mutant.arrays)
        assert evidence.law_test(20.0).fit.p_value < 1e-6, name


def test_tie_rule_is_within_reach_of_the_law_and_sweep_count_is_not(mutants):
    assert 400 < chains_needed(mutants["tie rule"], pilot_chains=4000) < SHIPPED.n_chains
    assert rejection_power(mutants["sweep count"], seeds=range(30, 34))[1] < 1e-3
    assert judge_mutant(mutants["sweep count"], seed=14).verdict == "pass"


@pytest.mark.promise("mutants.power")
def test_predicted_power_is_not_optimistic(mutants):
    mutant, n_chains, n_seeds = mutants["tie rule"], 1200, 24
    _, power = rejection_power(mutant, n_chains, range(40, 56))
    assert 0.2 < power < 0.999  # where the prediction can be wrong
    rejected = sum(judge_mutant(mutant, n_chains, seed).rejected for seed in range(100, 100 + n_seeds))
    assert rejected >= stats.binom.ppf(1e-3, n_seeds, power)


def test_noncentrality_of_a_known_fault_gives_the_power_of_a_z_test():
    # A score with mean 7: stage one rejects above z(1e-3 / 2), stage two, with mean 14, above z(1e-6 / 2).
    drive = Drive("score", 1, 1, 0.49, n_tests=1)
    expected = (
        stats.norm.sf(stats.norm.isf(5e-4) - 7.0) * stats.norm.sf(stats.norm.isf(5e-7) - 14.0)  # other tail: < 1e-20
    )
    assert drive.power(100, Gate()) == pytest.approx(expected, rel=1e-9)


def test_largest_of_many_scores_needs_more():
    single, largest = Drive("score", 1, 1, 0.49, n_tests=1), Drive("worst", 1, 1000, 0.49, n_tests=1)
    assert largest.power(100, Gate()) == pytest.approx(Drive("score", 1, 1, 0.49, n_tests=1000).power(100, Gate()))
    assert largest.power(100, Gate()) < single.power(100, Gate())


def test_no_fault_drives_no_test(mutants):
    assert chains_needed(mutants["sweep count"], pilot_chains=1000, seeds=range(60, 76)) > 50 * SHIPPED.n_chains


def test_power_of_one_seed_is_refused(mutants):
    with pytest.raises(InputError, match=r"^Seeds of a power estimate must be 2 or more, not 1$"):
        rejection_power(mutants["wrap"], seeds=[1])


@pytest.mark.slow
def test_hundred_honest_seeds_pass(mutants):
    honest = mutants["sign of h"].honest
    verdicts = list(judge_seeds(honest, range(1000, 1100)))
    assert [verdict.verdict for verdict in verdicts] == ["pass"] * 100
    # At 1e-3 each, more than 3 second stages in 100 seeds have a probability of 4e-6.
    assert sum(verdict.n_stages == 2 for verdict in verdicts) <= 3


@pytest.mark.parametrize("source", [RandomSpec(RandomKind.XOSHIRO128PLUS), RandomSpec(RandomKind.LFSR32, slices=1)])
def test_other_sound_sources_pass(ring, program_of, source):
    program = program_of(ring(), n_sweeps=SHIPPED.n_sweeps, random=source)
    assert judge(program, seed=15).verdict == "pass"


def test_evidence_starts_with_the_first_state(ring, program_of):
    program = program_of(ring(), n_sweeps=5, clamps=[1, 0, 0, 0, 0, 0])
    spins = golden_evidence(program, 3, 1).spins
    assert spins.shape == (3, 6, 6)
    assert np.array_equal(spins[:, 0], [[1, -1, -1, -1, -1, -1]] * 3)
    assert (spins[..., 0] == 1).all()
