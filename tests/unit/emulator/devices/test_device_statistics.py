"""Arrays drawn from a card have the mean, the spread and the drift that its publication states.

Sizes: a standard deviation is known to 1 / sqrt(2 n) of itself, so n = 20000 tells 5 % apart by 10 of its own errors.
A test accepts within 5 and its control, 5 % off, must lie outside.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import foldnorm

from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.state_functions import Polynomial

N = int((10 / 0.05) ** 2 / 2)
DAY_S = 86400.0
US = 1e-6


def z_of_sd(sample, sigma):
    """Return how many of its own errors the sample's standard deviation is from ``sigma``."""
    return (np.std(sample) / sigma - 1) * np.sqrt(2 * sample.size)


def z_of_mean(sample, mean, sigma):
    return (np.mean(sample) - mean) / (sigma / np.sqrt(sample.size))


def programmed(card, target_S, seed=1):
    return card.program(np.full(N, target_S), np.random.default_rng(seed))


def scaled_error(card, factor):
    """Return the card with a programming error that is ``factor`` times as large."""
    law = card.programming
    return replace(card, programming=replace(law, unit_S=law.unit_S * factor))


# Spreads in uS, worked out by hand from the printed coefficients, g = G / Gmax.
WRITTEN = [
    ("pcm_ibm", 12.5, 0.26348 + 1.9650 * 0.5 - 1.1731 * 0.25),
    ("pcm_ibm", 25.0, 0.26348 + 1.9650 - 1.1731),
    ("pcm_hermes_1", 5.175, 0.15781817 + 2.32443916 / 2 - 2.16310839 / 4 + 0.68841818 / 8),
    ("pcm_hermes_2", 20.7, 0.16603222 + 4.71806468 - 8.48101252 + 4.68961419),
    ("rram_wan", 20.0, 0.348 + 16.030 / 2 - 43.853 / 4 + 45.393 / 8 - 16.815 / 16),
    ("rram_milo", 100.0, 4.782321 - 0.009107 * 100),
    ("rram_cmo", 50.0, np.hypot(0.0112185391 + 0.01129027418 * 50, 0.41183342)),
    ("rram_cmo_fine", 50.0, np.hypot(0.00081107 + 0.00106879 * 50, 0.41183342)),
]


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize(("name", "target_uS", "sigma_uS"), WRITTEN)
def test_programmed_mean_and_spread(name, target_uS, sigma_uS):
    cells = programmed(device(name), target_uS * US)
    assert abs(z_of_mean(cells.programmed_S, target_uS * US, sigma_uS * US)) < 5
    assert abs(z_of_sd(cells.programmed_S, sigma_uS * US)) < 5


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize(("name", "target_uS", "sigma_uS"), [row for row in WRITTEN if "cmo" not in row[0]])
def test_programmed_spread_5_percent_off_is_seen(name, target_uS, sigma_uS):
    cells = programmed(scaled_error(device(name), 1.05), target_uS * US)
    assert z_of_sd(cells.programmed_S, sigma_uS * US) > 5


def test_off_device_is_half_a_normal_law():
    """A target of 0 is written with 0.26348 uS and clipped: half of the cells at 0, mean sigma / sqrt(2 pi)."""
    cells = programmed(device("pcm_ibm"), 0.0)
    zeros = np.count_nonzero(cells.programmed_S == 0)
    assert abs(zeros - N / 2) < 5 * np.sqrt(N / 4)
    sigma = 0.26348 * US
    mean, sd = sigma / np.sqrt(2 * np.pi), sigma * np.sqrt(0.5 - 1 / (2 * np.pi))
    assert abs(z_of_mean(cells.programmed_S, mean, sd)) < 5
    wrong = programmed(scaled_error(device("pcm_ibm"), 1.07), 0.0)  # 5 errors of the mean are 5.8 % here
    assert abs(z_of_mean(wrong.programmed_S, mean, sd)) > 5


def exponents(card, target_S, seed=2):
    """Return each cell's exponent from two reads, an hour and a month after programming."""
    cells = programmed(card.without("programming"), target_S, seed)
    early, late = (card.conductance_S(cells, t_s) for t_s in (3600.0, 30 * DAY_S))
    return -np.log(late / early) / np.log(30 * DAY_S / 3600.0)


# Mean and spread of nu by hand: (card, g, mu, sd); g on both sides of every clip and of every change of branch.
DRIFTING = [
    ("pcm_ibm", 0.001, 0.1, 0.045),
    ("pcm_ibm", 0.05, -0.0155 * np.log(0.05) + 0.0244, -0.0125 * np.log(0.05) - 0.0059),
    ("pcm_ibm", 0.15, -0.0155 * np.log(0.15) + 0.0244, -0.0125 * np.log(0.15) - 0.0059),
    ("pcm_ibm", 1.0, 0.049, 0.008),
    ("pcm_hermes_1", 0.05, -0.0387 * np.log(0.05) - 0.0182, -0.0120 * np.log(0.05) - 0.0023),
    ("pcm_hermes_1", 0.5, 0.0736 - 0.0126 / 2 - 0.0436 / 4, 0.0104 + 0.0116 / 2 - 0.0165 / 4),
    ("pcm_hermes_2", 0.2, 0.0736 - 0.0126 * 0.2 - 0.0436 * 0.04, -0.0117 * np.log(0.2) - 0.0057),
    ("pcm_hermes_2", 1.0, 0.0736 - 0.0126 - 0.0436, 0.0073 + 0.0093 - 0.0118),
]


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize(("name", "g", "mu", "sd"), DRIFTING)
def test_drift_exponent_by_conductance(name, g, mu, sd):
    card = device(name)
    nu = exponents(card, g * card.g_max_S)
    assert (nu >= 0).all()  # nothing grows: a negative exponent is folded
    mean, folded_sd = foldnorm.mean(mu / sd, scale=sd), foldnorm.std(mu / sd, scale=sd)
    assert abs(z_of_mean(nu, mean, folded_sd)) < 5
    assert abs(z_of_sd(nu, folded_sd)) < 5
    wider = replace(card.drift, spread=Polynomial((1.05 * sd,)))
    assert z_of_sd(exponents(replace(card, drift=wider), g * card.g_max_S), folded_sd) > 5
    steeper = replace(card.drift, mean=Polynomial((1.05 * mu,)), spread=Polynomial((sd,)))
    assert z_of_mean(exponents(replace(card, drift=steeper), g * card.g_max_S), mean, folded_sd) > 5


def test_drift_is_none_at_the_reference_read():
    card = device("pcm_ibm")
    cells = programmed(card, 10e-6)
    assert np.array_equal(card.conductance_S(cells, 20.0), cells.programmed_S)


def test_pcm_read_noise_by_hand():
    """An hour after programming, at half of Gmax: Q = 0.0088 / 0.5^0.65, ln band of (3600 s + 250 ns) / 500 ns."""
    card = device("pcm_ibm").without("programming")
    cells = programmed(card, 12.5e-6)
    expected = card.conductance_S(cells, 3600.0) * 0.0088 / 0.5**0.65 * np.sqrt(np.log(3600.00000025 / 5e-7))
    assert np.allclose(card.read_sigma_S(cells, 3600.0), expected, rtol=1e-12)
    faint = programmed(card, 25e-6 * 1e-3)  # 0.0088 / 0.001^0.65 = 0.78 is capped at 0.2
    capped = card.conductance_S(faint, 3600.0) * 0.2 * np.sqrt(np.log(3600.00000025 / 5e-7))
    assert np.allclose(card.read_sigma_S(faint, 3600.0), capped, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "g", "strength"),
    [
        ("pcm_hermes_1", 0.1, -0.0078 * np.log(0.1) + 0.0038),
        ("pcm_hermes_1", 0.5, 0.0088 + 0.0768 / 2 - 0.1352 / 4 + 0.0664 / 8),
        ("pcm_hermes_2", 0.1, -0.0117 * np.log(0.1) - 0.0069),
        ("pcm_hermes_2", 0.5, 0.0123 + 0.0211 / 2 - 0.0280 / 4 + 0.0069 / 8),
    ],
)
def test_hermes_read_noise_by_hand(name, g, strength):
    card = device(name).without("programming", "drift")
    cells = programmed(card, g * card.g_max_S)
    expected = g * card.g_max_S * strength * np.sqrt(np.log((DAY_S + 512e-9) / 1024e-9))
    assert np.allclose(card.read_sigma_S(cells, DAY_S), expected, rtol=1e-12)


WAN_SIGMA_uS = {  # at 10 uS, g = 1/4
    1.0: 0.348 + 16.030 / 4 - 43.853 / 16 + 45.393 / 64 - 16.815 / 256,
    DAY_S: 0.701 + 22.086 / 4 - 50.773 / 16 + 47.095 / 64 - 16.458 / 256,
    2 * DAY_S: 0.782 + 20.274 / 4 - 43.507 / 16 + 37.062 / 64 - 11.934 / 256,
}
WAN_SIGMA_uS[np.sqrt(DAY_S)] = (WAN_SIGMA_uS[1.0] + WAN_SIGMA_uS[DAY_S]) / 2  # linear in ln t


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize("t_s", sorted(WAN_SIGMA_uS))
def test_wan_spread_at_published_times_and_between(t_s):
    card = device("rram_wan")
    sigma_S = WAN_SIGMA_uS[t_s] * US
    # 4.0 uS around 20 uS is 5 sigma from the clip, 3.6 uS around 10 uS is not: the law is asked, not the card
    cells = programmed(card, 10e-6)
    far = replace(cells, programmed_S=10e-6 + card.programming.sigma_S(cells.target_S) * standard(3))
    found = card.drift.at(far, t_s, card.t0_s)
    assert abs(z_of_mean(found, 10e-6, sigma_S)) < 5
    assert abs(z_of_sd(found, sigma_S)) < 5
    assert abs(z_of_sd(found, 1.05 * sigma_S)) > 5


def standard(seed):
    return np.random.default_rng(seed).standard_normal(N)


def test_wan_growth_never_needs_to_shrink():
    """The spread at a day and at two days is above that at a second for every conductance."""
    card = device("rram_wan")
    target_S = np.linspace(0, 40e-6, 4001)
    for t_s in np.geomspace(1.0, 2 * DAY_S, 60):
        assert (card.drift.sigma_S(target_S, t_s) >= card.drift.sigma_S(target_S, 1.0) * (1 - 1e-12)).all()


def test_wan_scale_stays_when_the_window_is_narrowed():
    sigma_uS = 0.348 + 16.030 / 2 - 43.853 / 4 + 45.393 / 8 - 16.815 / 16  # g = 20 / 40, not 20 / 20
    narrow = replace(device("rram_wan"), g_max_S=20e-6)
    assert abs(z_of_sd(programmed(narrow, 20e-6).programmed_S, sigma_uS * US)) < 5


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize("t_s", [1.0, 3600.0, DAY_S])
def test_cmo_shift_and_spread(t_s):
    card = device("rram_cmo")
    mean = (50 - 0.08900206 * np.log(t_s)) * US
    sigma = np.hypot(0.0112185391 + 0.01129027418 * 50, 0.04201137 * np.log(t_s) + 0.41183342) * US
    found = card.conductance_S(programmed(card, 50e-6), t_s)
    assert abs(z_of_mean(found, mean, sigma)) < 5
    assert abs(z_of_sd(found, sigma)) < 5
    if t_s > 1:
        other_base = (50 - 0.08900206 * np.log10(t_s)) * US  # the reading of "log" that is not taken
        assert abs(z_of_mean(found, other_base, sigma)) > 5
        wider = replace(card, drift=replace(card.drift, spread_S=1.2 * card.drift.spread_S))
        assert z_of_sd(wider.conductance_S(programmed(wider, 50e-6), t_s), sigma) > 5


def test_cmo_read_for_the_first_time_after_an_hour_has_relaxed():
    """A card whose reference read is later programs the same cells and finds them an hour older."""
    card = replace(device("rram_cmo"), t0_s=3600.0)
    sigma = np.hypot(0.0112185391 + 0.01129027418 * 50, 0.04201137 * np.log(3600) + 0.41183342) * US
    cells = programmed(card, 50e-6)
    assert abs(z_of_mean(cells.programmed_S, (50 - 0.08900206 * np.log(3600)) * US, sigma)) < 5
    assert abs(z_of_sd(cells.programmed_S, sigma)) < 5
    early = programmed(device("rram_cmo"), 50e-6)  # what is found after a second is not that
    assert abs(z_of_sd(early.programmed_S, sigma)) > 5
    assert card.conductance_S(cells, DAY_S) == pytest.approx(device("rram_cmo").conductance_S(early, DAY_S), rel=1e-12)


def test_cmo_read_noise_takes_the_decimal_logarithm():
    card = device("rram_cmo").without("programming", "drift")
    cells = programmed(card, 10e-6)
    expected = 0.0277316483e-6 * np.sqrt(np.log((60.0 + 1e-6) / 2e-6))
    assert np.allclose(card.read_sigma_S(cells, 60.0), expected, rtol=1e-12)


def test_cmo_errors_are_those_of_a_uniform_law_in_the_window():
    """Half widths of 2 % and 0.2 % have spreads of 1.155 % and 0.1155 %; both fits are within 10 % of that at 50 uS."""
    for name, half_width in (("rram_cmo", 0.02), ("rram_cmo_fine", 0.002)):
        fitted = device(name).programming.sigma_S(np.array(50e-6)) / 50e-6
        assert abs(fitted / (half_width / np.sqrt(3)) - 1) < 0.1
