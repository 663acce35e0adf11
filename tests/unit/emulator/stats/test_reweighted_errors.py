"""Error bars of reweighted means on planted mixtures, whose truth is known: they cover it, or they are refused."""

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.stats.reweighting import LostShare, log_mean, lost_share, pareto_k

N_SEEDS, N_DRAWN, N_TARGET = 600, 4000, 500


def planted(lost, seed):
    """Draw weights of a sampler q that hardly reaches a part of p, and of p itself; ln of the true mean is 0.

    The part that q reaches has lognormal weights of spread 0.1, as an imperfect network; the share ``lost`` of p lies
    where q is 1e-9.
    """
    rng = np.random.default_rng([seed, int(1e6 * lost)])
    spread = 0.1
    drawn = np.log1p(-lost) + spread * rng.standard_normal(N_DRAWN) - 0.5 * spread**2
    target = np.log1p(-lost) + spread * rng.standard_normal(N_TARGET) + 0.5 * spread**2  # p = w q shifts the mean
    target[rng.random(N_TARGET) < lost] = np.log(lost / 1e-9) if lost else 0.0
    return drawn, target


@pytest.mark.promise("van.lost-modes")
@pytest.mark.parametrize("lost", [0.0, 0.001, 0.004, 0.02, 0.3])
def test_intervals_cover_the_truth_and_naive_ones_do_not(lost):
    """Of 600 intervals of two errors 95 % or more hold the truth: a rate of 0.95 is rejected below 0.92, p = 1e-3."""
    covered, naive = 0, 0
    for seed in range(N_SEEDS):
        drawn, target = planted(lost, seed)
        found = log_mean(drawn, lost_share(drawn, target, N_TARGET))
        covered += abs(found.value) <= 2.0 * found.error
        naive += abs(found.value) <= 2.0 * found.naive
        assert found.error >= found.naive
    assert stats.binomtest(covered, N_SEEDS, 0.95, alternative="less").pvalue > 1e-3, f"{covered=}"
    if lost >= 0.004:
        assert naive < 0.6 * N_SEEDS, "the naive rule must be seen to fail"


def test_a_lost_part_is_named():
    drawn, target = planted(0.3, 1)
    found = log_mean(drawn, lost_share(drawn, target, N_TARGET))
    assert len(found.faults) == 1
    assert found.faults[0].endswith("of the target's states lie where none was drawn")
    assert log_mean(drawn, lost_share(drawn, drawn[:N_TARGET], N_TARGET)).faults == ()


def test_without_another_sampler_there_is_no_error():
    found = log_mean(planted(0.0, 1)[0])
    assert found.error == np.inf
    assert found.faults == ("no other sampler has looked for states that were never drawn",)
    assert found.naive < 0.01


def test_error_is_close_to_the_naive_one_where_nothing_is_lost():
    """With as many states of the target as it takes: the check costs less than half an error."""
    rng = np.random.default_rng(1)
    drawn = rng.standard_normal(4000)
    found = log_mean(drawn, LostShare(0, 1e5))
    assert found.error == pytest.approx(found.naive, rel=0.01)


@pytest.mark.promise("van.lost-modes")
@pytest.mark.parametrize(("shape", "is_refused"), [(0.2, False), (0.4, False), (1.2, True), (2.0, True)])
def test_heavy_tails_are_refused(shape, is_refused):
    """Weights of Pareto's law of known shape: above 1 their mean does not exist."""
    for seed in range(20):
        weights = stats.genpareto.rvs(shape, size=20_000, random_state=seed)
        found = log_mean(np.log(weights + 1.0), LostShare(0, 1000))
        assert np.isinf(found.error) == is_refused, found.pareto_k


def test_tails_that_are_no_tails():
    assert pareto_k(np.zeros(1000)) == 0.0
    assert pareto_k(np.zeros(10)) == np.inf
    assert pareto_k(np.where(np.arange(1000) < 500, -np.inf, 0.0)) == 0.0
    assert log_mean(np.zeros(1000), LostShare(0, 1000)).naive == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("k", [0.0, 1.0, 7.5, 499.0])
def test_bounds_are_clopper_and_pearsons(k):
    found = LostShare(k, 500.0)
    if k == int(k):
        exact = stats.binomtest(int(k), 500).proportion_ci(0.95, "exact")
        assert found.highest == pytest.approx(exact.high, abs=1e-12)
        assert found.lowest == pytest.approx(exact.low, abs=1e-12)
    assert found.lowest <= found.share < found.highest


def test_everything_lost_is_refused():
    assert log_mean(np.zeros(100), LostShare(10, 10)).error == np.inf
    with pytest.raises(InputError, match="^Unseen states must be 0 to 5, not 6$"):
        LostShare(6, 5)
    with pytest.raises(
        InputError, match="^Logarithms of weights must be numbers, one of them finite, in one dimension$"
    ):
        log_mean(np.full(10, -np.inf))
