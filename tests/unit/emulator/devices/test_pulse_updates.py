"""Pulse update: closed forms without spread, and the published spreads with it."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.devices.memristor.pulse_spread import PulsedDevices, PulseSpread
from spinchip.emulator.devices.memristor.pulse_update import (
    HFO2_ARRAY,
    OPTIMISED_ARRAY,
    PCM,
    RERAM_ES,
    ExpStep,
    LinearStep,
    SoftBounds,
    conductance_S,
    pulse,
)
from spinchip.emulator.spec.errors import InputError

N = 20000
EVEN = PulseSpread(dw_min=0.01)
PUBLISHED = {"reram_es": RERAM_ES, "pcm": PCM, "hfo2": HFO2_ARRAY, "om": OPTIMISED_ARRAY}


def even(law):
    """Return the law without spread from device to device and from cycle to cycle."""
    spread = law.spread
    bare = PulseSpread(dw_min=spread.dw_min, up_down=spread.up_down, w_min=spread.w_min, w_max=spread.w_max)
    return replace(law, spread=bare)


def after(law, n_pulses, direction, start=0.0, shape=(1,), seed=0):
    """Return the weights after some pulses in one direction."""
    rng = np.random.default_rng(seed)
    devices = law.spread.draw(shape, rng)
    weights = np.full(shape, start)
    for _ in range(n_pulses):
        weights = pulse(law, weights, devices, direction, rng)
    return weights


def test_soft_bounds_approach_exponentially():
    """Every pulse takes 1 % of what is left to the bound: 1 - 0.99^n."""
    assert after(SoftBounds(EVEN), 100, 1) == pytest.approx(1 - 0.99**100, rel=1e-12)
    assert after(SoftBounds(EVEN), 100, -1) == pytest.approx(-(1 - 0.99**100), rel=1e-12)
    lopsided = SoftBounds(PulseSpread(dw_min=0.01, w_min=-0.5))  # 2 % of what is left to -0.5
    assert after(lopsided, 100, -1) == pytest.approx(-0.5 * (1 - 0.98**100), rel=1e-12)
    assert after(LinearStep(EVEN, 1.0, 1.0), 100, 1) == pytest.approx(1 - 0.99**100, rel=1e-12)


def test_linear_step_loses_its_share_at_the_bound():
    """w' = w + 0.01 (1 - 0.5 w): fixed point 2, so w = 2 (1 - 0.995^n), clipped at 1."""
    law = LinearStep(EVEN, gamma_up=0.5, gamma_down=0.25)
    assert after(law, 50, 1) == pytest.approx(2 * (1 - 0.995**50), rel=1e-12)
    assert after(law, 50, -1) == pytest.approx(-4 * (1 - 0.9975**50), rel=1e-12)
    assert after(law, 1000, 1) == 1.0
    assert after(LinearStep(EVEN), 30, 1) == pytest.approx(0.3, rel=1e-12)


@pytest.mark.parametrize("w", [-0.8, 0.0, 0.9])
def test_exponential_step_by_hand(w):
    """ReRamES: z = -w / 2 - 1/2; up 0.00135 (1 + 1.18445 e^(5 z)), down 0.001 (1 + 0.081404 e^(-5 z))."""
    law = even(RERAM_ES)
    z = -w / 2 - 0.5
    up = 0.00135 * (1 + 1.18445 * np.exp(5 * z))
    down = 0.00135 * (1 - 0.259359) * (1 + 0.081404 * np.exp(-5 * z))
    assert after(law, 1, 1, start=w) - w == pytest.approx(up, rel=1e-9)
    assert after(law, 1, -1, start=w) - w == pytest.approx(-down, rel=1e-9)


def test_exponential_step_up_slows_and_pcm_is_one_sided():
    steps = [float(after(even(PCM), 1, 1, start=w)[0] - w) for w in (0.0, 0.5, 1.0, 1.5)]
    assert steps[0] == pytest.approx(0.01 * 28.235, rel=1e-9)
    assert steps == sorted(steps, reverse=True)
    assert after(even(PCM), 1, -1) == 0.0  # the lower bound is 0


@pytest.mark.parametrize("name", PUBLISHED)
def test_device_to_device_spread(name):
    spread = PUBLISHED[name].spread
    devices = replace(spread, corrupt=0.0).draw((N,), np.random.default_rng(1))
    middle = (devices.step_up + devices.step_down) / 2 / spread.dw_min + abs(spread.up_down) / 2  # the gain
    if spread.lognormal:
        middle, mean = np.log(middle), 0.0
    else:
        mean = 1.0
    sigma = spread.dw_min_dtod
    assert abs(np.mean(middle) - mean) < 4.5 * sigma / np.sqrt(N)
    assert abs(np.std(middle) / sigma - 1) < 4.5 / np.sqrt(2 * N)
    assert abs(np.std(middle) / (1.05 * sigma) - 1) > 4.5 / np.sqrt(2 * N)  # 5 % off is seen
    for bounds, mean_bound, dtod in (
        (devices.w_max, spread.w_max, spread.w_max_dtod),
        (devices.w_min, spread.w_min, spread.w_min_dtod),
    ):
        expected = np.abs(mean_bound * (1 + dtod * np.random.default_rng(2).standard_normal(400000)))
        error = expected.std() * np.sqrt(1 / N + 1 / 400000)
        assert abs(np.mean(np.abs(bounds)) - expected.mean()) <= 4.5 * error
        assert abs(np.std(bounds) - expected.std()) <= 4.5 * error  # 1.4 times what a normal law needs
    assert (devices.w_min <= 0).all()
    assert (devices.w_max >= 0).all()


def test_published_asymmetry():
    """ReRamES steps down by 25.9 % of dw_min less than up; both directions of the two arrays are alike."""
    for law, gap in ((RERAM_ES, 0.259359), (HFO2_ARRAY, 0.0)):
        devices = replace(law.spread, corrupt=0.0).draw((N,), np.random.default_rng(1))
        found = (devices.step_up - devices.step_down) / law.spread.dw_min
        error = 2 * law.spread.up_down_dtod / np.sqrt(N)
        # |gain + r| is folded where the gain is nearly 0, which lognormal gains and 5-sigma normal gains are not
        assert abs(found.mean() - gap) < 4.5 * error
        assert abs(found.mean() - gap - 0.01) > 4.5 * error


@pytest.mark.parametrize("name", ["hfo2", "om"])
def test_corrupt_share_does_not_move(name):
    law = PUBLISHED[name]
    rng = np.random.default_rng(3)
    devices = law.spread.draw((N,), rng)
    stuck = devices.step_up == 0
    share = law.spread.corrupt
    assert abs(stuck.mean() - share) < 4.5 * np.sqrt(share * (1 - share) / N)
    assert abs(stuck.mean() - 1.15 * share) > 4.5 * np.sqrt(share * (1 - share) / N)
    assert np.array_equal(devices.w_min[stuck], devices.w_max[stuck])
    assert np.abs(devices.w_max[stuck]).max() <= 0.01
    weights = pulse(law, np.zeros(N), devices, 1, rng)
    assert np.array_equal(weights[stuck], devices.w_max[stuck])


@pytest.mark.parametrize("added", [False, True])
def test_cycle_to_cycle_spread(added):
    """At half of the bound a soft step is half; multiplied noise halves with it, added noise does not."""
    law = SoftBounds(PulseSpread(dw_min=1e-3, dw_min_std=0.3, added_noise=added))
    steps = after(law, 1, 1, start=0.5, shape=(N,)) - 0.5
    sigma = 1e-3 * 0.3 * (1.0 if added else 0.5)
    assert abs(steps.mean() - 0.5e-3) < 4.5 * sigma / np.sqrt(N)
    assert abs(np.std(steps) / sigma - 1) < 4.5 / np.sqrt(2 * N)
    assert abs(np.std(steps) / (1.05 * sigma) - 1) > 4.5 / np.sqrt(2 * N)


@pytest.mark.parametrize("name", PUBLISHED)
def test_bounds_hold_and_arguments_stay(name):
    law = PUBLISHED[name]
    rng = np.random.default_rng(5)
    devices = law.spread.draw((40, 50), rng)
    for array in vars(devices).values():
        array.flags.writeable = False
    weights = np.clip(np.zeros((40, 50)), devices.w_min, devices.w_max)
    for _ in range(200):
        weights.flags.writeable = False
        directions = rng.integers(-1, 2, weights.shape)
        moved = pulse(law, weights, devices, directions, rng)
        assert np.array_equal(moved[directions == 0], weights[directions == 0])
        weights = moved
    assert ((weights >= devices.w_min) & (weights <= devices.w_max)).all()
    assert np.array_equal(after(law, 5, 1, shape=(6,), seed=1), after(law, 5, 1, shape=(6,), seed=1))
    assert not np.array_equal(after(law, 5, 1, shape=(6,), seed=1), after(law, 5, 1, shape=(6,), seed=2))


def test_weights_become_conductances():
    found_S = conductance_S(SoftBounds(EVEN), np.array([-1.0, 0.0, 1.0, -2.0]), 1e-6, 5e-6)
    assert found_S == pytest.approx(np.array([1e-6, 3e-6, 5e-6, 0.0]))


DEVICES = PulsedDevices(*np.ones((4, 2)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PulseSpread(dw_min=0.0), "dw_min must be above 0, not 0.0"),
        (lambda: PulseSpread(dw_min=0.1, w_max_dtod=-1.0), "w_max_dtod must be at least 0, not -1.0"),
        (lambda: PulseSpread(dw_min=0.1, w_min=0.1), "w_min must be at most 0 and w_max above 0, not 0.1 and 1.0"),
        (lambda: PulseSpread(dw_min=0.1, corrupt=2), "corrupt must be within 0 to 1, not 2"),
        (lambda: LinearStep(EVEN, gamma_up=-1.0), "gamma_up must be at least 0, not -1.0"),
        (
            lambda: pulse(SoftBounds(EVEN), np.zeros(2), DEVICES, [1, 2], np.random.default_rng(0)),
            "Directions must be -1, 0 or +1 in every device, not anything else",
        ),
    ],
)
def test_impossible_pulses_are_refused(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message


def test_all_three_laws_are_published_or_tested():
    assert {type(law) for law in PUBLISHED.values()} == {ExpStep, SoftBounds}
