"""Closed loop: a machine of spread junctions fails the gate, passes it compensated, fails after a day, passes again."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spinchip.calibration.machine.compensation import CompensatedSampler, SubstituteInstance, compensated
from spinchip.calibration.machine.gain import PbitGains
from spinchip.calibration.machine.loop import calibrate_machine, probe_sweeps
from spinchip.emulator.devices.junction.ageing import BiasDrift
from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.law_distance import kl_divergence, total_variation
from spinchip.emulator.pbits.clocked import SmtjSampler
from spinchip.emulator.pbits.device_laws import clocked_law
from spinchip.emulator.pbits.junction_bank import NOMINAL
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.schedule import Schedule
from spinchip.sim.proof.verification import Size, verify

RING, BETA, DAY_S = resolve("[ring n=6 J=1 h=0.3]"), 0.5, 86_400.0
BOLTZMANN, SCHEDULE = boltzmann_law(RING, BETA), Schedule.constant(BETA, 60)
SIZE = Size(4000, 60)  # as `spinchip verify` judges small machines; 60 sweeps forget the first state to 1e-12
N_JUDGED = 4 * SIZE.n_chains  # states of the gate's second stage
UNIT = 1.0 / (2.0 * NOMINAL.barrier_kT)  # drive of beta I = 1
SPREAD = replace(NOMINAL, cv_gain=0.1, sd_offset=0.1 * UNIT, name="spread by 10 %")
# Offsets of about 0.1 in beta I after a day, a third of it from device to device, and a wander of 0.05 within hours.
DRIFT = BiasDrift(ageing=0.008 * UNIT, cv_ageing=0.3, onset_s=1.0, wander=0.05 * UNIT, memory_s=3600.0)
# A non-centrality that a chi-square of 63 cells finds at 1e-6 / 2 (two tests) with a chance of 0.999.
SEEN = next(x for x in range(20, 400) if stats.ncx2.sf(stats.chi2.isf(5e-7, 63), 63, x) > 0.999)

LEFT = stats.chi2.isf(1e-6, 12) / 12  # of 12 fitted numbers, 1 on average: what a probe may leave, 4.2


class AgedSampler(SmtjSampler):
    """The same junctions, offsets moved by what a drift makes of them in a time."""

    def __init__(self, card, device_seed, t_s):
        super().__init__(card, device_seed=device_seed)
        self.t_s = t_s

    def bank(self, instance):
        """Return the junctions with their offsets of time ``t_s``."""
        fresh = super().bank(instance)
        added = DRIFT.offsets([self.t_s], fresh.n_devices, np.random.default_rng(self.device_seed))[0]
        return replace(fresh, shift=fresh.shift - fresh.scale / UNIT * added)


def judged(machine, seed=5):
    return verify(machine, RING, BETA, SIZE, seed)


def non_centrality(sampler, given=RING, n_states=SIZE.n_chains):
    """Return 2 N KL(law of the machine | Boltzmann), exact, which is the mean of the G-test's shift."""
    return 2.0 * n_states * kl_divergence(clocked_law(sampler, given, SCHEDULE), BOLTZMANN)


@pytest.fixture(scope="module")
def fresh():
    return AgedSampler(SPREAD, 0, 0.0)


@pytest.fixture(scope="module")
def aged():
    return AgedSampler(SPREAD, 0, DAY_S)


@pytest.fixture(scope="module")
def morning(fresh):
    return calibrate_machine(fresh, RING, BETA, 1, probe_sweeps(6, N_JUDGED))


@pytest.mark.promise("calibration.machine")
def test_gate_rejects_the_machine_and_passes_it_compensated(fresh, morning):
    assert non_centrality(fresh) > SEEN
    assert judged(fresh).rejected
    left = non_centrality(fresh, morning.machine.given(RING, BETA), N_JUDGED)
    assert left < LEFT, left
    assert judged(morning.machine).verdict == "pass"
    assert morning.record.check() is morning.record


@pytest.mark.promise("calibration.machine")
def test_a_day_of_drift_is_rejected_and_calibrated_away(aged, morning):
    yesterday = CompensatedSampler(aged, morning.pbits)
    assert non_centrality(aged, yesterday.given(RING, BETA)) > SEEN
    assert judged(yesterday).rejected
    today = calibrate_machine(aged, RING, BETA, 2, probe_sweeps(6, N_JUDGED))
    assert non_centrality(aged, today.machine.given(RING, BETA), N_JUDGED) < LEFT
    assert judged(today.machine).verdict == "pass"
    moved = today.pbits.offsets - morning.pbits.offsets
    assert np.abs(moved).max() > 0.05
    assert np.abs(today.pbits.gains - morning.pbits.gains).max() < 0.02  # only offsets drift


def test_compensation_is_exact_for_known_junctions_and_wrong_signs_are_not(fresh):
    bank = fresh.bank(RING)
    gains, offsets = 2.0 * bank.barrier_kT * bank.scale, -bank.shift / bank.scale
    right = compensated(RING, BETA, PbitGains(gains, offsets))
    assert total_variation(clocked_law(fresh, right, SCHEDULE), BOLTZMANN) < 1e-12
    for wrong in (PbitGains(gains, -offsets), PbitGains(1.0 / gains, offsets), PbitGains(gains, np.zeros(6))):
        assert total_variation(clocked_law(fresh, compensated(RING, BETA, wrong), SCHEDULE), BOLTZMANN) > 0.01


def test_symmetric_compensation_leaves_an_error_of_the_first_order():
    off, plain = [], []
    for cv in (0.1, 0.05):
        sampler = SmtjSampler(replace(SPREAD, cv_gain=cv, sd_offset=cv * UNIT), device_seed=0)
        bank = sampler.bank(RING)
        known = PbitGains(2.0 * bank.barrier_kT * bank.scale, -bank.shift / bank.scale)
        given = compensated(RING, BETA, known, symmetric=True)
        assert abs(given.couplings - given.couplings.T).sum() == 0
        off.append(total_variation(clocked_law(sampler, given, SCHEDULE), BOLTZMANN))
        plain.append(total_variation(clocked_law(sampler, RING, SCHEDULE), BOLTZMANN))
    assert off[0] < 0.3 * plain[0]
    assert 1.6 < off[0] / off[1] < 2.4
    assert given.edge_values.shape == (6,)  # machines that hold a coupling once take it


@pytest.mark.promise("calibration.machine")
def test_probe_that_is_too_short_leaves_what_the_gate_sees(fresh):
    # 2 n M / N: a hundredth of the sweeps leaves a hundred times the non-centrality, and the estimate says so.
    short = calibrate_machine(fresh, RING, BETA, 1, probe_sweeps(6, N_JUDGED) // 100)
    assert non_centrality(fresh, short.machine.given(RING, BETA), N_JUDGED) > 20.0
    expected = [2 * 6 * N_JUDGED / n for n in (192_000, 1920)]
    assert expected == [1.0, 100.0]


def test_ideal_machine_stays_ideal():
    found = calibrate_machine(SmtjSampler(), RING, BETA, 3, probe_sweeps(6, N_JUDGED))
    z = (np.array(list(found.record.estimates.values())) - np.tile([1.0, 0.0], 6)) / found.record.trials.std(axis=0)
    assert np.sum(z**2) < stats.chi2.isf(1e-4, 12)
    assert judged(found.machine).verdict == "pass"


def test_samples_of_a_compensated_machine_have_the_energies_of_the_model(morning):
    found = morning.machine.sample(RING, Schedule.constant(BETA, 20), 3, 1)
    assert np.allclose(found.energies, RING.energies(found.spins))
    assert found.provenance["compensated"]
    again = morning.machine.sample(RING, Schedule.constant(BETA, 20), 3, 1)
    assert np.array_equal(found.spins, again.spins)


def test_directed_couplings_are_refused_by_machines_that_hold_each_once(morning):
    for sampler in (GoldenSampler(), ReferenceSampler()):
        with pytest.raises(InputError, match="^Couplings must be symmetric for a machine that holds each once .*$"):
            CompensatedSampler(sampler, morning.pbits).sample(RING, SCHEDULE)
        CompensatedSampler(sampler, morning.pbits, symmetric=True).sample(RING, SCHEDULE)


def test_wrong_requests_are_refused(fresh, morning):
    with pytest.raises(InputError, match="^Machine of a probe must be a bare one, .*$"):
        calibrate_machine(morning.machine, RING, BETA, 1, 1000)
    with pytest.raises(InputError, match="^Schedule must have one beta, since compensated biases are for one, not 2$"):
        morning.machine.sample(RING, Schedule(((0.5, 10), (0.6, 10))))
    with pytest.raises(InputError, match=r"^Inverse temperature must be above 0 to hold an offset, not 0.0$"):
        compensated(RING, 0.0, morning.pbits)
    with pytest.raises(InputError, match=r"^Gains must be one per spin \(6\), not 2$"):
        compensated(RING, BETA, PbitGains([1.0, 1.0], [0.0, 0.0]))
    with pytest.raises(InputError, match="^Non-centrality must be above 0, not 0$"):
        probe_sweeps(6, 1000, 0)
    with pytest.raises(InputError, match="^Pairs must be two spins that feel each other, .*$"):
        SubstituteInstance(np.triu(RING.couplings.toarray()), RING.biases, target=RING)
    with pytest.raises(
        InputError, match=r"^Couplings must be of as many spins as the model has, not of shape \(2, 2\)$"
    ):
        SubstituteInstance(np.zeros((2, 2)), np.zeros(2), target=RING)
