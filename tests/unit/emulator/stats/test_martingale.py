import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.stats.martingale import (
    MIN_VARIANCE,
    MartingaleSums,
    largest_of,
    merge_by_variance,
    sum_of_squares,
    two_sided,
)

PROBABILITIES = [0.5, 0.3, 0.1, 0.02, 0.0005, 0.9995]


def binomial(p, variance):
    """Return probabilities and sums of every outcome of a binomial with about the given variance."""
    n = int(np.ceil(variance / (p * (1 - p))))
    x = np.arange(*(int(edge) for edge in stats.binom.ppf([1e-15, 1 - 1e-15], n, p)))
    v = np.full(len(x), n * p * (1 - p))
    return stats.binom.pmf(x, n, p), MartingaleSums(x - n * p, v, v * (1 - 2 * p))


@pytest.mark.parametrize("p", PROBABILITIES)
@pytest.mark.parametrize("level", [1e-2, 1e-4, 1e-6, 1e-8])
def test_binomial_rate_is_near_nominal_far_out(p, level):
    pmf, sums = binomial(p, MIN_VARIANCE)
    rate = pmf[two_sided(sums.scores()) <= level].sum()
    # Exact. Half a lattice step, 0.05 at this variance, times the slope of the log of the tail, 4.9 at 1e-6: 1.28.
    assert level / 1.5 < rate < 1.28 * level


def test_plain_z_is_not_safe():
    pmf, sums = binomial(0.0005, MIN_VARIANCE)  # control of the test above: uncorrected, the rate is above nominal
    assert pmf[two_sided(sums.z) <= 1e-6].sum() > 2e-6


def test_gross_faults_do_not_fold_back():
    total = np.linspace(-2000.0, 2000.0, 4001)
    for third in (-99.0, 0.0, 99.0):
        sums = MartingaleSums(total, np.full(4001, 100.0), np.full(4001, third))
        assert (np.diff(sums.scores()) > 0).all()


def test_skewness_changes_scores_smoothly():
    for skewness in (0.99e-5, 1.01e-5):  # both sides of the switch to the plain score
        sums = MartingaleSums(np.array([50.0]), np.array([100.0]), np.array([skewness * 1000.0]))
        assert sums.scores()[0] == pytest.approx(5.0, abs=1e-4)


def test_resolved_leaves_out_what_is_not_normal():
    sums = MartingaleSums(np.zeros(3), np.array([99.0, 100.0, 100.0]), np.array([0.0, 0.0, 101.0]))
    assert sums.resolved().variance.tolist() == [100.0]


def test_pooled_and_merged_add_up():
    sums = MartingaleSums(np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, 40.0]), np.array([0.1, 0.2, 0.4]))
    merged = sums.merged(np.array([1, -1, 0]))
    assert (merged.total.tolist(), merged.variance.tolist()) == ([4.0, 1.0], [40.0, 10.0])
    assert sums.pooled().total.tolist() == [7.0]


def test_bins_reach_the_variance_and_nothing_is_lost():
    rng = np.random.default_rng(5)
    for _ in range(50):
        variance = rng.exponential(60.0, size=30)
        labels = merge_by_variance(variance, 100.0)
        assert np.bincount(labels, weights=variance).min() >= 100.0
        assert np.array_equal(np.diff(labels).clip(0, 1), np.diff(labels))  # neighbours only
    assert merge_by_variance(np.array([40.0, 50.0]), 100.0).tolist() == [-1, -1]


def test_joined_p_values_are_uniform():
    scores = np.random.default_rng(6).normal(size=(2000, 7))
    for join in (largest_of, sum_of_squares):
        p_values = [join(row) for row in scores]
        assert stats.kstest(p_values, "uniform").pvalue > 1e-3
        assert stats.kstest([join(1.1 * row) for row in scores], "uniform").pvalue < 1e-4  # control


def test_extreme_scores_keep_their_p_value():
    assert largest_of(np.array([0.0, 40.0])) == pytest.approx(0.0, abs=1e-300)
    assert largest_of(np.array([6.0, 0.1])) == pytest.approx(2 * two_sided(6.0), rel=1e-6)
    assert largest_of(np.array([])) == 1.0
    assert sum_of_squares(np.array([])) == 1.0
