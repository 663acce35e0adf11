from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.oracle.schedule_law import law_after
from spinchip.emulator.oracle.stationary import stationary_law
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import fabric_for
from spinchip.emulator.spec.schedule import Schedule
from spinchip.emulator.stats.evidence import Evidence, thinned
from spinchip.emulator.stats.gate import STAGE_TWO_SCALE, Gate, stage_two_seed
from spinchip.emulator.stats.verdict import Verdict, holm

N_SEEDS = 500


@pytest.fixture(scope="module")
def null_verdicts(ring, program_of, naive):
    """Verdicts on honest chains, drawn by numpy's own generator."""
    program, rng = program_of(ring(), n_sweeps=20), np.random.default_rng(1)
    law = law_after(program)
    return [Gate().judge(Evidence(program, naive(program, 400, rng), end_law=law)) for _ in range(N_SEEDS)]


def p_values(verdicts):
    """Return the p-values of each test by name."""
    found = {}
    for verdict in verdicts:
        for test in verdict.tests:
            found.setdefault(test.name, []).append(test.p_value)
    return found


@pytest.mark.promise("gate.false-alarms")
def test_every_p_value_is_uniform_under_the_null(null_verdicts):
    found = p_values(null_verdicts)
    assert len(found) == 18
    for name, values in found.items():
        assert len(values) == N_SEEDS, name
        # 18 tests at 1e-4 each.
        assert stats.kstest(values, "uniform").pvalue > 1e-4, name


def test_p_values_of_a_slightly_wrong_chain_are_not(ring, program_of, naive):
    program, wrong, rng = program_of(ring()), program_of(ring(bias=0.31)), np.random.default_rng(2)
    verdicts = [Gate().judge(Evidence(program, naive(wrong, 400, rng))) for _ in range(100)]
    assert stats.kstest(p_values(verdicts)["all bits"], "uniform").pvalue < 1e-4


@pytest.mark.promise("golden.law")
def test_honest_chains_pass(null_verdicts):
    words = [verdict.verdict for verdict in null_verdicts]
    assert "fail" not in words
    assert words.count("suspicious") <= stats.binom.isf(1e-4, N_SEEDS, 1e-3)


@pytest.mark.promise("gate.total-variation")
def test_noise_floor_is_the_mean_tv_of_honest_chains(null_verdicts):
    found = np.array([verdict.tv for verdict in null_verdicts])
    error = found.std(ddof=1) / np.sqrt(len(found))
    assert abs(found.mean() - null_verdicts[0].tv_floor) < 4 * error


def test_wrong_law_without_wrong_conditionals_is_seen(ring, program_of, naive):
    # Every sweep is honest, but the chains start all up instead of all down and run two sweeps only.
    program = program_of(ring(), n_sweeps=2)
    broken = replace(program, initial_bits=1 - program.initial_bits)
    law = law_after(program)
    honest, wrong = (naive(p, 4000, np.random.default_rng(3)) for p in (program, broken))
    assert Gate().judge(Evidence(program, honest, end_law=law)).verdict == "pass"
    verdict = Gate().judge(Evidence(program, wrong, end_law=law))
    assert verdict.rejected
    assert verdict.decisive.name == "states against the exact law"


@pytest.mark.promise("golden.schedule")
def test_schedule_with_two_betas_passes(ring, naive):
    instance = ring()
    program = compile_program(instance, fabric_for(instance), Schedule(((0.2, 10), (0.8, 10))))
    spins = naive(program, 2000, np.random.default_rng(4))
    assert Gate().judge(Evidence(program, spins, end_law=law_after(program))).verdict == "pass"
    swapped = replace(program, segments=((1, 10), (0, 10)))  # control: the pages in the wrong order
    assert Gate().judge(Evidence(swapped, spins, end_law=law_after(swapped))).rejected


def test_few_long_chains_are_thinned_and_pass(ring, program_of, naive):
    program, hot = program_of(ring(), n_sweeps=2000), program_of(ring(), beta=0.35, n_sweeps=2000)
    law, n_lots = stationary_law(program), 100
    lots = naive(program, 8 * n_lots, np.random.default_rng(5)).reshape(n_lots, 8, 2001, 6)
    found = [Evidence(program, spins, stationary_law=law).law_test(20.0).fit.p_value for spins in lots]
    assert stats.kstest(found, "uniform", alternative="greater").pvalue > 1e-3  # not too often small
    assert np.mean(found) < 0.7  # nor so conservative that a fault would drown
    wrong = Evidence(program, naive(hot, 8, np.random.default_rng(6)), stationary_law=law)
    # Control: total variation 0.16, so a noncentrality of 4 TV^2 n = 140 or more with the 1400 states that are kept.
    assert wrong.law_test(20.0).fit.p_value < 1e-6


def test_unthinned_states_would_raise_false_alarms(ring, program_of, naive):
    program = program_of(ring(), n_sweeps=400)
    law = stationary_law(program)
    # A sampler that shows every state five times.
    lots = np.repeat(naive(program, 80, np.random.default_rng(7)), 5, axis=1).reshape(10, 8, 2005, 6)
    kept = [thinned(program, spins) for spins in lots]
    assert all(len(states) < 0.04 * 8 * 2005 for states, _ in kept)
    assert max(inflation for _, inflation in kept) < 1.5
    pretended = [Evidence(program, each[:, 200:].reshape(-1, 1, 6), end_law=law).law_test(20.0) for each in lots]
    assert max(test.fit.p_value for test in pretended) < 1e-3  # what thinning prevents


def test_snapshots_far_apart_are_judged_by_their_last_colour(ring, program_of, naive):
    program, biased = (program_of(ring(bias=h), n_sweeps=200) for h in (0.3, 0.4))
    first, second = (naive(p, 2000, np.random.default_rng(7))[:, ::10] for p in (program, biased))
    assert Gate().judge(Evidence(program, first, every=10)).verdict == "pass"
    assert Gate().judge(Evidence(program, second, every=10)).rejected


class Script:
    """Plays p-values by stage."""

    def __init__(self, *p_values):
        self.p_values, self.asked = list(p_values), []

    def draw(self, seed, scale):
        self.asked.append((seed, scale))
        return self.p_values.pop(0)


class ScriptedGate(Gate):
    """Takes the p-value itself for evidence."""

    def judge(self, evidence):
        return Verdict(self._word(evidence), evidence, self.alpha, (), None, None, 0, 0.0, None)


@pytest.mark.promise("gate.false-alarms")
@pytest.mark.parametrize(
    ("p_values", "word", "n_stages"),
    [
        ((0.5,), "pass", 1),
        ((1e-3,), "pass", 1),
        ((9e-4, 0.3), "pass", 2),
        ((1e-30, 0.3), "pass", 2),
        ((1e-30, 1e-5), "suspicious", 2),
        ((9e-4, 9e-7), "fail", 2),
    ],
)
def test_two_stages_follow_the_rule(p_values, word, n_stages):
    script = Script(*p_values)
    verdict = ScriptedGate().two_stage(script.draw, seed=7)
    assert (verdict.verdict, verdict.n_stages) == (word, n_stages)
    assert script.asked == [(7, 1), (stage_two_seed(7), STAGE_TWO_SCALE)][:n_stages]


@pytest.mark.promise("gate.false-alarms")
def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]


def test_verdict_as_json_has_the_promised_keys(null_verdicts):
    found = null_verdicts[0].as_dict()
    assert {"verdict", "tv", "tv_floor", "p_value", "alpha", "conditionals", "beta_eff", "n_samples"} <= set(found)
    assert set(found["beta_eff"]) == {"low", "best", "high"}
    assert found["n_samples"] == 400
    assert found["conditionals"]["z_max"] < 5


def test_too_little_evidence_is_refused(ring, program_of, naive):
    program = program_of(ring(), n_sweeps=2)
    rule = r"a variance of 100, the sum of p \(1 - p\), for a test, not [0-9.]+ in 12 updates"
    with pytest.raises(
        InputError, match=f"^Updates must have {rule}: take a lower beta if spins are frozen, more sweeps"
    ):
        Gate().judge(Evidence(program, naive(program, 1, np.random.default_rng(8))))


def test_thresholds_in_the_wrong_order_are_refused():
    with pytest.raises(InputError, match=r"^Thresholds must be 0 < alpha <= suspicion < 1, not 0\.01 and 0\.001$"):
        Gate(alpha=0.01)


def test_spins_of_another_fabric_are_refused(ring, program_of):
    with pytest.raises(InputError, match=r"^Spins must have shape \(chains, states, 6\), not \(2, 3, 5\)$"):
        Evidence(program_of(ring()), np.ones((2, 3, 5), dtype=np.int8))
