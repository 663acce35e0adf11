import re

import numpy as np
import pytest
from scipy import special, stats

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.stats.distance import g_test, histogram_tv, merge_small_cells, state_histogram, tv_noise_floor

LAW = np.array([0.4, 0.25, 0.2, 0.1, 0.03, 0.02])


def exact_mean_tv(law, n):
    """De Moivre's mean absolute deviation of each binomial count, halved and summed."""
    v = np.floor(n * law) + 1
    log_pmf = special.gammaln(n + 1) - special.gammaln(v + 1) - special.gammaln(n - v + 1)
    log_pmf += v * np.log(law) + (n - v + 1) * np.log1p(-law)
    return np.sum(v * np.exp(log_pmf)) / n


@pytest.mark.parametrize("n_draws", [1, 7, 100, 1000, 100_000])
def test_noise_floor_is_the_exact_mean(n_draws):
    assert tv_noise_floor(LAW, n_draws) == pytest.approx(exact_mean_tv(LAW, n_draws), rel=1e-9)


def test_noise_floor_holds_where_most_cells_are_empty():
    rng, n_draws = np.random.default_rng(2), 500
    law = rng.dirichlet(np.full(4096, 0.3))
    found = np.array([histogram_tv(counts, law) for counts in rng.multinomial(n_draws, law, size=2000)])
    error = found.std() / np.sqrt(len(found))
    assert abs(found.mean() - tv_noise_floor(law, n_draws)) < 4 * error
    assert abs(found.mean() - np.sqrt(law * (1 - law) / (2 * np.pi * n_draws)).sum()) > 100 * error  # the usual one


@pytest.mark.promise("gate.total-variation")
def test_noise_floor_is_what_independent_draws_show():
    rng, n_draws = np.random.default_rng(1), 1000
    found = np.array([histogram_tv(counts, LAW) for counts in rng.multinomial(n_draws, LAW, size=20_000)])
    exact, error = exact_mean_tv(LAW, n_draws), found.std() / np.sqrt(len(found))
    assert abs(found.mean() - exact) < 4 * error
    assert (
        abs(found.mean() - tv_noise_floor(LAW, n_draws / 1.1)) > 4 * error
    )  # control: 10 % fewer draws are told apart


def test_histogram_numbers_states_by_their_bits():
    spins = np.array([[[-1, -1, 1], [1, -1, -1]], [[1, -1, -1], [1, 1, 1]]], dtype=np.int8)
    assert state_histogram(spins).tolist() == [0, 2, 0, 0, 1, 0, 0, 1]


@pytest.mark.promise("gate.g-test")
def test_cells_reach_the_expected_count():
    rng = np.random.default_rng(2)
    for _ in range(50):
        law = rng.dirichlet(np.full(40, 0.3))
        cells = merge_small_cells(law, 300, 5.0)
        expected = 300 * np.bincount(cells, weights=law)
        assert expected.min() >= 5.0
        assert np.array_equal(np.unique(cells), np.arange(cells.max() + 1))


@pytest.mark.promise("gate.g-test")
def test_p_values_of_honest_draws_are_uniform():
    rng = np.random.default_rng(3)
    p_values = [g_test(counts, LAW).p_value for counts in rng.multinomial(500, LAW, size=2000)]
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3
    wrong = LAW + np.array([0.02, -0.02, 0, 0, 0, 0])  # control: an error of TV 0.02 bends them
    p_values = [g_test(counts, LAW).p_value for counts in rng.multinomial(500, wrong, size=2000)]
    assert stats.kstest(p_values, "uniform").pvalue < 1e-6


@pytest.mark.promise("gate.g-test")
def test_tail_holds_where_pearsons_does_not():
    expected = np.full(20, 5.0)
    expected[0] = 2000.0
    law, n_draws, level, n_trials = expected / expected.sum(), int(expected.sum()), 1e-4, 200_000
    counts = np.random.default_rng(4).multinomial(n_draws, law, size=n_trials)
    pearson = ((counts - expected) ** 2 / expected).sum(axis=1)
    n_pearson = np.count_nonzero(stats.chi2.sf(pearson, 19) <= level)
    suspects = counts[np.argsort(pearson)[-4000:]]  # where G is large, so is Pearson's statistic
    n_g = sum(g_test(row, law).p_value <= level for row in suspects)
    # Nominal rate: 20 of 200 000. Measured with 2e7 draws: 1.3 times that for G, 4.9 times for Pearson's.
    assert n_g <= stats.poisson.isf(1e-3, 1.5 * level * n_trials)
    assert n_pearson > stats.poisson.isf(1e-3, 2.0 * level * n_trials)


def test_inflation_divides_the_statistic():
    counts = np.array([430, 230, 200, 95, 25, 20])
    plain, inflated = g_test(counts, LAW), g_test(counts, LAW, inflation=2.0)
    assert inflated.statistic == pytest.approx(plain.statistic / 2.0, rel=0.01)
    assert inflated.p_value > plain.p_value


def test_impossible_state_is_a_certain_rejection():
    assert g_test(np.array([5, 1]), np.array([1.0, 0.0])).p_value == 0.0


def test_too_few_draws_make_no_test():
    fit = g_test(np.array([3, 0, 0]), np.array([0.4, 0.3, 0.3]))
    assert (fit.dof, fit.p_value) == (0, 1.0)


@pytest.mark.parametrize(
    ("counts", "law", "text"),
    [
        ([1, 2], [0.5, 0.25, 0.25], "Histogram and distribution must have one entry per state, not (2,) and (3,)"),
        ([0, 0], [0.5, 0.5], "Histogram must hold at least one draw and no negative count"),
        ([1, 2], [0.5, 0.25], "Distribution must be 0 or more everywhere and sum to 1, not to 0.75"),
    ],
)
def test_bad_histogram_or_law_is_refused(counts, law, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        g_test(np.array(counts), np.array(law))


def test_noise_floor_of_no_draws_is_refused():
    with pytest.raises(InputError, match="^Effective sample size must be above 0, not 0$"):
        tv_noise_floor(LAW, 0)
