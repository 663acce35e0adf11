"""The telegraph card with its algebra, and populations with their declared spreads."""

import numpy as np
import pytest

from spinchip.emulator.devices.junction.card import SmtjCard, cycle_drive, draw_population
from spinchip.emulator.spec.errors import InputError

CARD = SmtjCard(tau0_s=1e-9, barrier_kT=5.0, gain=4.0, offset=0.1, cv_barrier=0.077, cv_gain=0.1, cv_tau0=0.3)
X = np.linspace(-1, 1, 41)


@pytest.mark.promise("smtj.telegraph")
def test_mean_is_tanh_for_exponent_two():
    assert np.allclose(CARD.mean(X), np.tanh(10 * X), rtol=1e-13)
    saddle = SmtjCard(tau0_s=1e-9, barrier_kT=5.0, exponent=1.5)
    assert np.abs(saddle.mean(X) - np.tanh(10 * X)).max() > 0.05  # another exponent is another curve


def test_rates_balance_the_mean_and_set_the_correlation_time():
    up, down = CARD.rates_Hz(X)
    assert np.allclose((up - down) / (up + down), CARD.mean(X), rtol=1e-12)
    assert np.allclose(CARD.correlation_time_s(X) * (up + down), 1.0)
    stay_up, stay_down = CARD.dwell_s(X)
    assert np.allclose(stay_up * down, 1.0)
    assert np.allclose(stay_down * up, 1.0)
    assert stay_up[-1] > stay_up[0]  # a positive drive holds +1


def test_dwell_times_are_the_declared_law():
    up, down = CARD.dwell_s(0.25)
    assert up == pytest.approx(1e-9 * np.exp(5 * 1.25**2), rel=1e-14)
    assert down == pytest.approx(1e-9 * np.exp(5 * 0.75**2), rel=1e-14)


def test_beyond_the_switching_drive_the_lost_well_is_left_at_the_attempt_rate():
    up, down = CARD.rates_Hz(np.array([1.5, 50.0]))
    assert np.allclose(up, 1e9)
    assert np.all(down < 1e-3)
    assert np.isfinite(down).all()


def test_drive_and_reduced_drive_are_inverse():
    assert np.allclose(CARD.reduced_drive(CARD.drive_for(X)), X)
    assert CARD.reduced_drive(0.1) == 0.0


@pytest.mark.promise("smtj.telegraph")
def test_population_has_the_declared_spreads():
    n = 40_000  # the sample CV errs by cv / sqrt(2 n), 0.35 %, so that 5 % is 14 standard errors
    population = draw_population(CARD, n, np.random.default_rng(5))
    for name, cv in (("barrier_kT", 0.077), ("gain", 0.1), ("tau0_s", 0.3)):
        values = getattr(population, name)
        assert values.std() / values.mean() == pytest.approx(cv, rel=0.05)
        assert values.mean() / getattr(CARD, name) == pytest.approx(1.0, abs=5 * cv / n**0.5)
    assert np.all(population.offset == 0.1)
    offsets = draw_population(SmtjCard(1e-9, 5.0, sd_offset=0.02), n, np.random.default_rng(5)).offset
    assert offsets.std() == pytest.approx(0.02, rel=0.05)


def test_population_without_spread_equals_its_card():
    card = SmtjCard(tau0_s=2e-9, barrier_kT=4.0, gain=3.0, exponent=1.5)
    population = draw_population(card, 3, np.random.default_rng(0))
    assert population.n_devices == 3
    for left, right in zip(population.rates_Hz(0.2), card.rates_Hz(0.2), strict=True):
        assert np.allclose(left, right, rtol=1e-14)


def test_cycle_to_cycle_offset_is_drawn_for_each_entry():
    drive = cycle_drive(SmtjCard(1e-9, 5.0, sd_cycle=0.05), np.zeros((1000, 40)), np.random.default_rng(3))
    assert drive.std() == pytest.approx(0.05, rel=0.02)  # 40 000 draws: 0.35 % standard error
    assert abs(np.corrcoef(drive[:-1].ravel(), drive[1:].ravel())[0, 1]) < 0.025


@pytest.mark.promise("smtj.bad-cards")
@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"tau0_s": -1e-9}, "Attempt time must be above 0 s, not -1e-09"),
        ({"tau0_s": float("nan")}, "Attempt time must be above 0 s, not nan"),
        ({"barrier_kT": 81.0}, "Barrier must be 0 to 80 kT, not 81.0"),
        ({"barrier_kT": -0.1}, "Barrier must be 0 to 80 kT, not -0.1"),
        ({"exponent": 0.9}, "Exponent must be 1 to 4, not 0.9"),
        ({"gain": 0.0}, "Gain must be above 0, not 0.0"),
        ({"offset": float("inf")}, "Offset must be finite, not inf"),
        ({"drive_unit": "Oe"}, "Drive unit must be V, A or T, not 'Oe'"),
        ({"drive_min": 1.0, "drive_max": 0.0}, "Drive range must be an interval, not (1.0, 0.0)"),
        ({"cv_barrier": -0.1}, "Spread cv_barrier must be 0 to 1, not -0.1"),
        ({"sd_offset": float("nan")}, "Spread sd_offset must be 0 or above, not nan"),
    ],
)
def test_nonsense_is_refused_with_the_rule(change, text):
    with pytest.raises(InputError) as refusal:
        SmtjCard(**{"tau0_s": 1e-9, "barrier_kT": 5.0} | change)
    assert str(refusal.value) == text


def test_drive_outside_the_range_is_refused():
    card = SmtjCard(1e-9, 5.0, drive_min=-0.5, drive_max=0.5, name="stack A")
    assert card.checked_drive([0.5]).tolist() == [0.5]
    with pytest.raises(InputError, match=r"^Drive must be -0\.5 to 0\.5 V, the range of stack A, not 0\.6$"):
        card.checked_drive([0.1, 0.6])
    with pytest.raises(InputError, match="^Devices must be 1 or more, not 0$"):
        draw_population(card, 0, np.random.default_rng(0))
