"""Clocked junctions against the exact law of their own machine, and against Boltzmann's where that is theirs."""

import math
from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.emulator.devices.junction.circuit import JunctionCircuit
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.law_distance import total_variation
from spinchip.emulator.pbits.clocked import SmtjSampler
from spinchip.emulator.pbits.device_laws import clocked_law, is_boltzmann
from spinchip.emulator.pbits.junction_bank import NOMINAL, comparator_chances, junction_bank
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.emulator.stats.distance import g_test, state_histogram
from spinchip.sim.proof.verification import Size, verify

RING = resolve("[ring n=4 J=1 h=0.3]")
BETA, N_SWEEPS, ALPHA = 0.5, 15, 1e-6
SCHEDULE = Schedule.constant(BETA, N_SWEEPS)
NEURON_S = float(NOMINAL.correlation_time_s(0.0))
NOISY = JunctionCircuit(noise_V=0.03, comparator_offset_V=0.005, comparator_hysteresis_V=0.02)
MACHINES = {
    "ideal": {},
    "memory": {"clock_s": NEURON_S},
    "spread": {
        "card": replace(NOMINAL, cv_barrier=0.1, sd_offset=0.02, cv_gain=0.1, cv_tau0=0.3),
        "clock_s": 0.5 * NEURON_S,
        "device_seed": 5,
    },
    "cycles": {"card": replace(NOMINAL, sd_cycle=0.1), "clock_s": NEURON_S},
    "read-out": {"card": replace(NOMINAL, circuit=NOISY), "clock_s": 2 * NEURON_S},
    "other exponent": {"card": SmtjCard(1e-9, 6.0, exponent=1.5, gain=3.0, offset=0.2)},
}
# G is 2 N KL and KL >= 2 TV^2, so a law at distance TV from the right one has a non-centrality of 4 N TV^2 or more.
# With 15 degrees of freedom chi-square's 1e-6 point is 54; 4 N TV^2 = 130 is beyond it with a probability of 1 - 1e-3.
# The smallest distance below is that of the memory, 0.033.
N_CHAINS = 40_000


def p_value(sampler, law, n_chains=N_CHAINS, seed=3):
    samples = sampler.sample(RING, SCHEDULE, n_chains, seed, Recording(after=N_SWEEPS - 1))
    return g_test(state_histogram(samples.spins[:, -1]), law, 20.0).p_value


@pytest.mark.promise("smtj.clocked")
@pytest.mark.parametrize("name", MACHINES)
def test_states_follow_the_law_of_the_machine(name):
    sampler = SmtjSampler(**MACHINES[name])
    assert p_value(sampler, clocked_law(sampler, RING, SCHEDULE)) > ALPHA


@pytest.mark.promise("smtj.clocked")
@pytest.mark.parametrize("name", ["memory", "spread", "cycles", "read-out"])
def test_non_idealities_leave_boltzmanns_law(name):
    sampler, boltzmann = SmtjSampler(**MACHINES[name]), boltzmann_law(RING, BETA)
    distance = total_variation(clocked_law(sampler, RING, SCHEDULE), boltzmann)
    assert 4 * N_CHAINS * distance**2 > 130
    assert p_value(sampler, boltzmann) < ALPHA


@pytest.mark.promise("smtj.clocked")
def test_ideal_law_is_boltzmanns():
    sampler = SmtjSampler()
    assert is_boltzmann(sampler.card, RING, BETA)
    law = clocked_law(sampler, RING, Schedule.constant(BETA, 200))
    assert np.abs(law - boltzmann_law(RING, BETA)).max() < 1e-14


@pytest.mark.promise("smtj.conformance")
def test_gate_passes_ideal_devices_and_rejects_a_beta_ten_percent_off():
    ring = resolve("[ring n=6 J=1 h=0.3]")
    # beta 10 % off moves the law by 0.060 in total variation: 4 N TV^2 = 293 with 20000 machines.
    size = Size(20_000, 30)
    assert verify(SmtjSampler(), ring, 0.5, size, seed=1).verdict == "pass"

    class Hotter(SmtjSampler):
        def sample(self, instance, schedule, *arguments, **named):
            cooled = Schedule(tuple((0.9 * beta, n) for beta, n in schedule.segments))
            return super().sample(instance, cooled, *arguments, **named)

    assert verify(Hotter(), ring, 0.5, size, seed=1).verdict == "fail"


@pytest.mark.promise("smtj.clocked")
def test_shares_follow_the_curve_of_each_junction():
    lone = resolve("[ring n=3 J=0 h=0.4]")
    sampler = SmtjSampler(replace(NOMINAL, cv_barrier=0.1, sd_offset=0.01, cv_gain=0.1), device_seed=2)
    up, down = sampler.bank(lone).rates_Hz(np.full(3, 0.4))
    samples = sampler.sample(lone, Schedule.constant(1.0, 20_000), 1, 3)
    shares = (samples.spins[0] > 0).mean(axis=0)
    errors = (shares - up / (up + down)) / np.sqrt(shares * (1 - shares) / 20_000)
    assert np.abs(errors).max() < 5
    nominal = 1 / (1 + math.exp(-0.8))  # negative control: the card's own curve is not theirs
    assert np.abs(shares - nominal).max() > 20 * math.sqrt(0.25 / 20_000)


def test_comparator_without_noise_copies_the_junction():
    assert comparator_chances(JunctionCircuit()).tolist() == [[0.0, 1.0], [0.0, 1.0]]
    stuck = comparator_chances(JunctionCircuit(comparator_hysteresis_V=1.0))
    assert stuck.tolist() == [[0.0, 0.0], [1.0, 1.0]]  # nothing moves it


@pytest.mark.promise("smtj.seed")
def test_same_seed_same_states_whatever_the_number_of_chains():
    sampler = SmtjSampler(clock_s=NEURON_S)
    few, many = (sampler.sample(RING, SCHEDULE, n, 9).spins for n in (2, 5))
    assert np.array_equal(few, many[:2])
    assert not np.array_equal(few, sampler.sample(RING, SCHEDULE, 2, 10).spins)


def test_a_machine_is_the_same_for_every_run():
    card = replace(NOMINAL, cv_barrier=0.1)
    first, again, other = (junction_bank(card, 5, seed).barrier_kT for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SmtjSampler(clock_s=0.0), r"Clock period must be above 0 s, not 0\.0"),
        (
            lambda: SmtjSampler(replace(NOMINAL, barrier_kT=0.0)).bank(RING),
            "Barrier of a p-bit's junction must be above",
        ),
        (
            lambda: SmtjSampler(replace(NOMINAL, drive_min=-0.01, drive_max=0.01)).sample(RING, SCHEDULE),
            r"Drive must be -0\.01 to 0\.01 V, the range of nominal",
        ),
        (lambda: clocked_law(SmtjSampler(), resolve("[ring n=7 J=1 h=0]"), SCHEDULE), r"Spins must be 1\.\.6"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(InputError, match=f"^{words}"):
        make()
