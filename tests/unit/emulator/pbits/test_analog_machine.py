"""Crossbar and junctions: the exact law of the machine, drift as heat and what undoes it, noise as a flat sigmoid."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from spinchip.emulator.crossbar.adc import Adc
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.law_distance import total_variation
from spinchip.emulator.oracle.states import energies_of_states
from spinchip.emulator.pbits.analog_machine import IDEAL_TILE, CrossbarSampler, analog_law, drift_gain
from spinchip.emulator.pbits.junction_bank import NOMINAL
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.emulator.stats.distance import g_test, state_histogram
from spinchip.emulator.stats.effective_beta import beta_from_states
from spinchip.models.logic.graph_coloring import colorable_graph, coloring_instance, colors_of, is_proper
from spinchip.sim.proof.verification import verify

RING, BETA, ALPHA, DAY_S = resolve("[ring n=6 J=1 h=0.3]"), 0.5, 1e-6, 86_400.0
BOLTZMANN = boltzmann_law(RING, BETA)
N_CHAINS, N_SWEEPS = 8000, 20  # 4 N TV^2 = 250 rejects a law at TV 0.09, see test_clocked_pbits
SCHEDULE = Schedule.constant(BETA, N_SWEEPS)
PCM = replace(IDEAL_TILE, device=device("pcm_ibm"), read_noise="lumped")
MACHINES = {
    "ideal": {},
    "amplifier": {"amplifier_noise": 1.0},
    "phase change": {"tile": PCM},
    "after a day": {"tile": PCM, "t_s": DAY_S},
    "digital compensation": {"tile": replace(PCM, compensation="global"), "t_s": DAY_S},
    "spread junctions": {"tile": PCM, "card": replace(NOMINAL, cv_barrier=0.1, sd_offset=0.02)},
}


def drawn(sampler, n_chains=N_CHAINS, instance=RING, schedule=SCHEDULE, seed=3):
    recording = Recording(after=schedule.n_sweeps - 1)
    return sampler.sample(instance, schedule, n_chains, seed, recording).spins


def p_value(sampler, law):
    return g_test(state_histogram(drawn(sampler)), law, 20.0).p_value


@pytest.mark.promise("smtj.analog-machine")
@pytest.mark.parametrize("name", MACHINES)
def test_states_follow_the_law_of_the_machine(name):
    sampler = CrossbarSampler(**MACHINES[name])
    assert p_value(sampler, analog_law(sampler, RING, SCHEDULE)) > ALPHA


@pytest.mark.promise("smtj.analog-machine", "smtj.conformance")
def test_ideal_machine_passes_the_gate():
    assert total_variation(analog_law(CrossbarSampler(), RING, Schedule.constant(BETA, 60)), BOLTZMANN) < 1e-12
    assert verify(CrossbarSampler(), RING, BETA, seed=1).verdict == "pass"


@pytest.mark.promise("smtj.heating")
def test_drift_heats_and_the_read_voltage_undoes_it():
    aged = CrossbarSampler(PCM, t_s=DAY_S)
    assert p_value(aged, BOLTZMANN) < ALPHA
    gain = drift_gain(aged, RING)
    cured = CrossbarSampler(PCM, t_s=DAY_S, voltage_gain=gain)
    assert 4 * N_CHAINS * total_variation(analog_law(aged, RING, SCHEDULE), BOLTZMANN) ** 2 > 250
    assert p_value(cured, BOLTZMANN) > ALPHA
    assert gain > 1.2


@pytest.mark.promise("smtj.heating")
def test_effective_beta_falls_as_the_conductances_do():
    power_law = replace(IDEAL_TILE.device, drift=PCM.device.drift, t0_s=PCM.device.t0_s)
    tile = replace(IDEAL_TILE, device=power_law)
    fresh = CrossbarSampler(tile).crossbar(RING).effective_weights()
    for t_s in (1e3, 1e6):
        aged = CrossbarSampler(tile, t_s=t_s)
        ratio = np.sum(aged.crossbar(RING).effective_weights() * fresh) / np.sum(fresh * fresh)
        found = beta_from_states(RING, drawn(aged, 20_000), min_length=0.0, level=0.999)
        # The standard error of beta is 0.003; spread of nu over seven devices' worth of columns is second order.
        assert found.low - 0.01 < BETA * ratio < found.high + 0.01
        assert found.high < BETA  # negative control: no heating


@pytest.mark.promise("smtj.heating")
def test_noise_flattens_the_sigmoid_as_its_convolution_does():
    lone, noise = IsingInstance(np.zeros((2, 2)), np.array([0.8, -0.4])), 0.9
    sampler = CrossbarSampler(amplifier_noise=noise)
    spins = sampler.sample(lone, Schedule.constant(1.0, 40_000), 1, 5).spins[0]
    for share, field in zip((spins > 0).mean(axis=0), lone.biases, strict=True):
        flat = quad(lambda z, u=field: expit(2 * (u + noise * z)) * norm.pdf(z), -9, 9)[0]
        error = np.sqrt(flat * (1 - flat) / 40_000)
        assert abs(share - flat) < 5 * error
        assert abs(share - expit(2 * field)) > 10 * error  # negative control: the sharp curve


@pytest.mark.promise("smtj.analog-machine")
def test_higher_read_voltage_is_colder_under_a_fixed_amplifier_noise():
    glass = resolve("[maxcut n=24 weights=gauss seed=1]")
    glass = IsingInstance(glass.couplings, np.zeros(24))
    cold, warm = (
        beta_from_states(
            glass,
            drawn(CrossbarSampler(PCM, amplifier_noise=0.5), 2000, glass, Schedule.constant(b, 60)),
            min_length=0.0,
        )
        for b in (0.6, 0.3)
    )
    assert cold.low > warm.high
    same = beta_from_states(
        glass,
        drawn(CrossbarSampler(PCM, amplifier_noise=0.5), 2000, glass, Schedule.constant(0.3, 60), 8),
        min_length=0.0,
    )
    assert same.low < warm.high  # negative control: one voltage, two runs
    assert warm.low < same.high


@pytest.mark.promise("smtj.analog-machine")
def test_maximum_cut_of_24_vertices_is_found():
    glass = resolve("[maxcut n=24 weights=gauss seed=1]")
    dense = glass.couplings.toarray()
    best = energies_of_states(dense[1:, 1:], dense[0, 1:]).min()  # vertex 0 on one side: 2^23 states
    schedule = Schedule.linear(0.1, 2.0, 400)
    found = drawn(CrossbarSampler(PCM), 40, glass, schedule)[:, 0]
    side = found > 0
    rows, columns = glass.edges.T
    cuts = [-(glass.edge_values * (s[rows] != s[columns])).sum() for s in side]
    total = -glass.edge_values.sum()
    # Cut = (total - E of J = -w) / 2, from the graph's own weights.
    assert max(cuts) == pytest.approx((total - best) / 2, rel=1e-9)


@pytest.mark.promise("smtj.analog-machine")
def test_three_colours_of_ten_vertices_are_found():
    graph = colorable_graph(10, 3, 20, seed=3)
    instance = coloring_instance(graph, 3)
    found = drawn(CrossbarSampler(PCM), 20, instance, Schedule.linear(0.05, 1.5, 400))[:, 0]
    assert any(is_proper(graph, colors) for colors in colors_of(found, 3))


@pytest.mark.promise("smtj.seed")
def test_same_seed_same_states_whatever_the_number_of_chains():
    sampler = CrossbarSampler(PCM)
    few, many = (sampler.sample(RING, SCHEDULE, n, 9).spins for n in (2, 5))
    assert np.array_equal(few, many[:2])
    assert not np.array_equal(few, sampler.sample(RING, SCHEDULE, 2, 10).spins)
    other = CrossbarSampler(PCM, device_seed=1).crossbar(RING).effective_weights()
    assert not np.array_equal(other, sampler.crossbar(RING).effective_weights())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CrossbarSampler(volts_per_beta=0.0), r"Volts per beta must be above 0, not 0\.0"),
        (lambda: CrossbarSampler(voltage_gain=-1.0), r"Voltage gain must be above 0, not -1\.0"),
        (lambda: CrossbarSampler(amplifier_noise=np.nan), "Amplifier noise must be 0 or above, not nan"),
        (
            lambda: CrossbarSampler(PCM).sample(RING, Schedule.constant(1000.0, 1)),
            "Voltage of pcm_ibm must be within -0.3 to 0.3 V, not 50 V",
        ),
        (
            lambda: CrossbarSampler(replace(PCM, dac=Dac(4))).sample(RING, SCHEDULE),
            "DAC of column sums must have 1 bit or None, not 4",
        ),
        (
            lambda: analog_law(CrossbarSampler(replace(PCM, adc=Adc(8))), RING, SCHEDULE),
            "ADC of an exact distribution must be absent, not of 8 bits",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(InputError, match=f"^{words}"):
        make()
