"""Heat of the analog machine, and what undoes it: drift as a power of time, gains of the read voltage, their limits."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.power_law_drift import PowerLawDrift
from spinchip.emulator.devices.read_noise import FlickerNoise
from spinchip.emulator.devices.state_functions import Polynomial
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.law_distance import kl_divergence, total_variation
from spinchip.emulator.pbits.analog_control import drift_gain, effective_beta, temperature_gain
from spinchip.emulator.pbits.analog_law import analog_law, law_beta
from spinchip.emulator.pbits.analog_machine import IDEAL_TILE, CrossbarSampler
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.emulator.stats.distance import g_test, state_histogram

RING, BETA, ALPHA, DAY_S = resolve("[ring n=6 J=1 h=0.3]"), 0.5, 1e-6, 86_400.0
BOLTZMANN, SCHEDULE = boltzmann_law(RING, BETA), Schedule.constant(BETA, 20)
PCM = replace(IDEAL_TILE, device=device("pcm_ibm"), read_noise="lumped")
NU, T0_S = 0.05, 20.0


def drifting(nu, **laws):
    """Return tiles whose cells all drift with one exponent, and do nothing else but the laws given."""
    drift = PowerLawDrift(mean=Polynomial((nu,)), spread=Polynomial((0.0,)), scale_S=25e-6)
    card = replace(IDEAL_TILE.device, t0_s=T0_S, drift=drift, **laws)
    return replace(IDEAL_TILE, device=card, read_noise="lumped" if laws else "none")


def noisy(strength, t_read_s=1e-7):
    return {"read_noise": FlickerNoise(Polynomial((strength,)), scale_S=25e-6, t_read_s=t_read_s)}


def test_phase_change_drift_is_heat_but_for_its_spread():
    aged = CrossbarSampler(PCM, t_s=DAY_S)
    gain = drift_gain(aged, RING)
    hot, cured, fresh = (
        analog_law(machine, RING, SCHEDULE)
        for machine in (aged, replace(aged, voltage_gain=gain), CrossbarSampler(PCM))
    )
    weights = aged.crossbar(RING).effective_weights()[RING.couplings.toarray().nonzero()]
    assert law_beta(RING, hot) == pytest.approx(BETA * weights.mean(), rel=0.05)  # 12 cells, nu 0.049 +- 0.008
    assert law_beta(RING, cured) == pytest.approx(law_beta(RING, fresh), rel=0.05)
    assert total_variation(hot, BOLTZMANN) > 5 * total_variation(cured, BOLTZMANN)
    n = 8000
    assert 2 * n * kl_divergence(hot, BOLTZMANN) > 250  # see test_analog_machine
    for gained, passes in ((gain, True), (1.0, False)):
        machine = replace(aged, voltage_gain=gained)
        spins = machine.sample(RING, SCHEDULE, n, 3, Recording(after=19)).spins
        assert (g_test(state_histogram(spins), BOLTZMANN, 20.0).p_value > ALPHA) is passes


def test_gain_of_noisy_reads_is_not_too_small():
    glass = resolve("[sk n=32 seed=1]")
    tile, right = drifting(NU, **noisy(0.1)), (DAY_S / T0_S) ** NU
    gains, one_read = [], []
    for seed in range(12):
        aged = CrossbarSampler(tile, t_s=DAY_S, device_seed=seed)
        gains.append(drift_gain(aged, glass))
        # Negative control: one read, squared, counts its noise as signal.
        spins = np.random.default_rng(seed).choice([-1.0, 1.0], (64, 33))
        before = replace(aged, t_s=None).crossbar(glass).multiply(spins, seed=1)
        after = aged.crossbar(glass).multiply(spins, seed=2)
        one_read.append((before * after).sum() / (after * after).sum())
    error = np.std(gains, ddof=1) / np.sqrt(12)
    assert abs(np.mean(gains) - right) < 5 * error
    assert abs(np.mean(one_read) - right) > 10 * error
    assert error < 0.01 * right


def test_temperature_loop_undoes_amplifier_noise():
    machine = CrossbarSampler(amplifier_noise=1.0)
    setting = temperature_gain(machine, RING, BETA, seed=1)
    cured = analog_law(replace(machine, voltage_gain=setting.voltage_gain), RING, SCHEDULE)
    bare = analog_law(machine, RING, SCHEDULE)
    # The last of six corrections has the error of one measurement, whose 95 % half width is about that of the report.
    half = setting.beta.high - setting.beta.best
    assert abs(law_beta(RING, cured) - BETA) < 2.5 * half
    assert setting.beta.low - half < law_beta(RING, cured) < setting.beta.high + half
    assert BETA - law_beta(RING, bare) > 10 * half  # negative control: no loop
    assert total_variation(bare, BOLTZMANN) > 8 * total_variation(cured, BOLTZMANN)


def test_temperature_loop_agrees_with_calibration_reads_of_pure_drift():
    aged = CrossbarSampler(drifting(NU), t_s=DAY_S)
    setting = temperature_gain(aged, RING, BETA, seed=2)
    relative = (setting.beta.high - setting.beta.best) / BETA
    assert setting.voltage_gain == pytest.approx(drift_gain(aged, RING), rel=2.5 * relative)


def test_noise_that_grows_with_the_voltage_sets_a_highest_beta():
    machine = CrossbarSampler(drifting(0.0, **noisy(0.5)))
    far = [law_beta(RING, analog_law(replace(machine, voltage_gain=g), RING, SCHEDULE)) for g in (1.0, 10.0, 20.0)]
    assert far[0] < far[1] < BETA
    assert far[2] < 1.2 * far[1]  # twice the voltage, hardly colder
    with pytest.raises(InputError, match=r"^Beta must be within reach of noise and voltage, here .* not 0\.5$"):
        temperature_gain(machine, RING, BETA, n_chains=1000, seed=1)


def test_beta_of_a_boltzmann_law_is_its_own():
    for beta in (0.0, 0.2, 1.5):
        assert law_beta(RING, boltzmann_law(RING, beta)) == pytest.approx(beta, abs=1e-9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: temperature_gain(CrossbarSampler(), RING, 0.0), r"Beta of a gain must be above 0, not 0\.0"),
        (
            lambda: temperature_gain(CrossbarSampler(), RING, 0.5, seed=-1),
            "Seed must be a whole number of at least 0.*",
        ),
        (
            lambda: temperature_gain(CrossbarSampler(PCM, t_s=3e7, volts_per_beta=0.45), RING, 0.5, 500),
            r"Voltage of pcm_ibm must be within -0\.3 to 0\.3 V, not 0\.[3-9]\d* V",
        ),
        (
            lambda: effective_beta(
                CrossbarSampler(), IsingInstance(np.zeros((2, 2)), np.ones(2)), Schedule.constant(9.0, 9), 5
            ),
            "Chains must be enough for spins against their fields, not 5 without one",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(InputError, match=f"^{words}$"):
        make()
