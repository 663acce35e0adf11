"""Relaxation meets the published robust sigma and standard deviation at every band and time, and has its tails.

Errors for n cells: of the standard deviation, sqrt((kurtosis - 1) / (4 n)) of itself; of 1.4826 MAD of a symmetric
law, 1.4826 / (2 h sqrt(n)) with h the density of the absolute value at its median. With this n, 5 % of the standard
deviation are 8 errors at the largest kurtosis of all rows.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.heavy_tail_relaxation import two_components
from spinchip.emulator.spec.errors import InputError

# Technology, target [uS], then rows of time [s], robust sigma [uS], standard deviation [uS] as published.
ROWS = {
    ("rram_relaxation_c", 24.0): [
        (0.01, 0.38, 0.96), (0.1, 0.71, 1.62), (1.0, 1.16, 2.15), (4.0, 1.28, 2.39), (1e5, 2.88, 3.79)
    ],
    ("rram_relaxation_c", 8.0): [
        (0.01, 0.28, 1.03), (0.1, 0.77, 1.71), (1.0, 1.33, 2.26), (4.0, 1.58, 2.46), (1e5, 2.86, 3.45)
    ],
    ("rram_relaxation_b", 51.0): [
        (0.01, 0.74, 3.56), (0.1, 1.5, 5.8), (1.0, 2.68, 7.6), (100.0, 3.94, 8.6), (1e4, 6.09, 11.0)
    ],
    ("rram_relaxation_b", 106.0): [
        (0.01, 0.45, 0.52), (0.1, 0.53, 0.64), (1.0, 0.64, 0.77), (100.0, 0.74, 0.96), (1e4, 0.96, 1.26)
    ],
}  # fmt: skip
LAST_SHIFT_uS = {24.0: -1.56, 8.0: -0.73, 51.0: -1.06, 106.0: 0.04}
SHARE = 0.1
KURTOSIS_MAX = 30.0  # held by test_kurtosis_is_that_of_the_mixture
N = int((8 / 0.05) ** 2 * (KURTOSIS_MAX - 1) / 4)


def kurtosis_of(core, tail):
    second = (1 - SHARE) * core**2 + SHARE * tail**2
    return 3 * ((1 - SHARE) * core**4 + SHARE * tail**4) / second**2


def displacements(card, target_uS, t_s, seed=5):
    """Return what each of N cells has moved since its first read [uS], before any clip."""
    target_S = np.full(N, target_uS * 1e-6)
    cells = card.program(target_S, np.random.default_rng(seed))
    return card.drift.displacement_S(target_S, cells.drawn, t_s) * 1e6


def z_of_std(moved, std, core, tail):
    return (np.std(moved) / std - 1) / np.sqrt((kurtosis_of(core, tail) - 1) / (4 * moved.size))


def z_of_robust(moved, robust, core, tail):
    median = robust / 1.4826
    density = 2 * ((1 - SHARE) * norm.pdf(median, scale=core) + SHARE * norm.pdf(median, scale=tail))
    found = 1.4826 * np.median(np.abs(moved - np.median(moved)))
    return (found - robust) / (1.4826 / (2 * density * np.sqrt(moved.size)))


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize(("name", "target_uS"), ROWS)
def test_robust_and_standard_deviation_at_every_time(name, target_uS):
    card = device(name)
    for t_s, robust, std in ROWS[name, target_uS]:
        core, tail = two_components(robust, std, SHARE)
        moved = displacements(card, target_uS, t_s)
        assert abs(z_of_std(moved, std, core, tail)) < 5
        assert abs(z_of_robust(moved, robust, core, tail)) < 5
        assert abs(z_of_std(1.05 * moved, std, core, tail)) > 5
        assert abs(z_of_robust(1.05 * moved, robust, core, tail)) > 5
        normal = std * np.random.default_rng(6).standard_normal(N)  # what a Gaussian model would give
        assert z_of_robust(normal, robust, core, tail) > 5


@pytest.mark.parametrize(("name", "target_uS"), ROWS)
def test_kurtosis_is_that_of_the_mixture(name, target_uS):
    card = device(name)
    for t_s, robust, std in ROWS[name, target_uS]:
        core, tail = two_components(robust, std, SHARE)
        expected = kurtosis_of(core, tail)
        assert 3.1 < expected < KURTOSIS_MAX
        moved = displacements(card, target_uS, t_s)
        found = np.mean((moved - moved.mean()) ** 4) / np.var(moved) ** 2
        # the fourth moment's own error, by the eighth moment of the mixture (105 sigma^8)
        eighth = 105 * ((1 - SHARE) * core**8 + SHARE * tail**8) / std**8
        assert abs(found - expected) < 5 * np.sqrt(eighth / N)
    assert kurtosis_of(1.0, 1.0) == pytest.approx(3.0)  # one component has no tails


@pytest.mark.parametrize(("name", "target_uS"), ROWS)
def test_median_shift_at_the_last_time(name, target_uS):
    t_s, robust, std = ROWS[name, target_uS][-1]
    core, tail = two_components(robust, std, SHARE)
    density = (1 - SHARE) * norm.pdf(0, scale=core) + SHARE * norm.pdf(0, scale=tail)
    error = 1 / (2 * density * np.sqrt(N))
    median = np.median(displacements(device(name), target_uS, t_s))
    assert abs(median - LAST_SHIFT_uS[target_uS]) < 5 * error
    if abs(LAST_SHIFT_uS[target_uS]) > 10 * error:
        assert abs(median) > 5 * error  # forgetting the shift would be seen


def test_median_shift_grows_with_the_logarithm():
    """Cells of zero xi show the shift alone: none at 10 ms, half of it half way to 1e5 s in ln t."""
    law = device("rram_relaxation_c").drift
    still = {"xi": np.zeros(1), "in_tail": np.zeros(1, dtype=bool)}
    for t_s, share in ((0.01, 0.0), (np.sqrt(0.01 * 1e5), 0.5), (1e5, 1.0)):
        moved_S = law.displacement_S(np.array([8e-6]), still, t_s)
        assert moved_S[0] == pytest.approx(-0.73e-6 * share, abs=1e-18)


def test_between_bands_and_times_the_spreads_are_linear():
    law = device("rram_relaxation_c").drift
    tail_cell = {"xi": np.ones(1), "in_tail": np.ones(1, dtype=bool)}
    unshifted = replace(law, last_shift_S=(0.0, 0.0))
    low, high = (two_components(robust, std, SHARE)[1] for robust, std in ((1.33, 2.26), (1.16, 2.15)))
    moved_S = unshifted.displacement_S(np.array([16e-6]), tail_cell, 1.0)
    assert moved_S[0] * 1e6 == pytest.approx((low + high) / 2, rel=1e-9)
    later = two_components(1.58, 2.46, SHARE)[1]
    moved_S = unshifted.displacement_S(np.array([8e-6]), tail_cell, 2.0)  # half way from 1 s to 4 s
    assert moved_S[0] * 1e6 == pytest.approx((low + later) / 2, rel=1e-9)


def test_card_moves_cells_on_one_path_and_clips_at_zero():
    card = device("rram_relaxation_b")
    target_S = np.full(N, 51e-6)
    cells = card.program(target_S, np.random.default_rng(5))
    for t_s in (0.01, 3.0, 1e4):
        raw_S = target_S + card.drift.displacement_S(target_S, cells.drawn, t_s)
        found_S = card.conductance_S(cells, t_s)
        untouched = cells.programmed_S > 0
        assert np.allclose(found_S[untouched], np.maximum(raw_S, 0)[untouched], rtol=1e-12, atol=1e-18)
        assert found_S.min() >= 0
    assert (card.conductance_S(cells, 1e4) == 0).any()  # the clip is at work, so the test means something


@pytest.mark.parametrize("t0_s", [0.1, 1.0, 300.0])
def test_later_reference_read_finds_the_same_cells_older(t0_s):
    """Far from the clip at zero, 106 uS with tails of 3 uS, the path of a cell does not depend on its first read."""
    early, late = device("rram_relaxation_b"), replace(device("rram_relaxation_b"), t0_s=t0_s)
    target_S = np.full(200, 106e-6)
    first, second = (card.program(target_S, np.random.default_rng(5)) for card in (early, late))
    assert second.programmed_S == pytest.approx(early.conductance_S(first, t0_s), rel=1e-12)
    assert late.conductance_S(second, 1e4) == pytest.approx(early.conductance_S(first, 1e4), rel=1e-12)
    assert second.programmed_S != pytest.approx(first.programmed_S, rel=1e-6)


def test_tail_and_core_answer_the_two_equations():
    for rows in ROWS.values():
        for _, robust, std in rows:
            core, tail = two_components(robust, std, SHARE)
            assert 0 < core < std < tail
            assert (1 - SHARE) * core**2 + SHARE * tail**2 == pytest.approx(std**2, rel=1e-9)
            median = robust / 1.4826
            inside = (1 - SHARE) * (2 * norm.cdf(median / core) - 1) + SHARE * (2 * norm.cdf(median / tail) - 1)
            assert inside == pytest.approx(0.5, rel=1e-9)


def test_std_below_robust_sigma_is_refused():
    with pytest.raises(InputError, match=r"^std must be above the robust sigma 2\.0, for tails, not 1\.0$"):
        two_components(2.0, 1.0, SHARE)


def test_share_0_of_tails_is_refused():
    with pytest.raises(InputError, match=r"^tail_share must be above 0 and below 0\.5, not 0\.0$"):
        replace(device("rram_relaxation_b").drift, tail_share=0.0)
