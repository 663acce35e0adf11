"""Gains and offsets of junctions that are known, intervals that hold them, and p-bits that are not logistic refused."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spinchip.calibration.engine.coverage import Coverage
from spinchip.calibration.machine.gain import PbitGains, fit_gains
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.pbits.clocked import SmtjSampler
from spinchip.emulator.pbits.junction_bank import NOMINAL
from spinchip.emulator.spec.coloring import find_coloring
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule

RING, BETA = resolve("[ring n=4 J=1 h=0.3]"), 0.5
COLORS = find_coloring(RING)
SPREAD = replace(NOMINAL, cv_gain=0.1, sd_offset=0.1 / (2.0 * NOMINAL.barrier_kT))  # 10 %, and 0.1 of beta I
N_EXPERIMENTS, N_DRAWS = 200, 1000


def truth(sampler, instance=RING):
    """Return the gains and offsets in P(up) = sigma(2 gain (beta I - offset)) of junctions with exponent 2."""
    bank = sampler.bank(instance)
    return PbitGains(2.0 * bank.barrier_kT * bank.scale, -bank.shift / bank.scale)


def flat(pbits):
    return np.stack([pbits.gains, pbits.offsets], axis=1).ravel()


def drawn(sampler, n_chains, n_draws, instance=RING, beta=BETA, seed=1):
    schedule = Schedule.constant(beta, 50 + n_draws)
    return sampler.sample(instance, schedule, n_chains, seed, Recording(after=50)).spins


def coverage_of(records, expected):
    hits = [[one.low <= t <= one.high for one, t in zip(r.parameters.values(), expected, strict=True)] for r in records]
    return Coverage(tuple(records[0].parameters), np.array(hits), np.array([r.chi2_p for r in records]))


@pytest.fixture(scope="module")
def machine():
    return SmtjSampler(SPREAD, device_seed=3)


@pytest.fixture(scope="module")
def experiments(machine):
    return drawn(machine, N_EXPERIMENTS, N_DRAWS)


@pytest.fixture(scope="module")
def honest(machine, experiments):
    return coverage_of([fit_gains(RING, BETA, s, k, COLORS) for k, s in enumerate(experiments)], flat(truth(machine)))


@pytest.mark.promise("calibration.machine")
def test_intervals_hold_the_junctions_own_gains_and_offsets(honest):
    share, error = honest.pooled
    assert abs(share - 0.68) < min(4 * error, 0.05), f"{share:.3f} +- {error:.3f}"
    assert honest.check() is honest


@pytest.mark.promise("calibration.machine")
def test_draws_that_are_counted_twice_are_caught(machine, experiments):
    twice = [fit_gains(RING, BETA, np.stack([s, s]), k, COLORS) for k, s in enumerate(experiments[:80])]
    share, error = coverage_of(twice, flat(truth(machine))).pooled
    assert share < 0.68 - 4 * error, f"test too weak: {share:.3f} +- {error:.3f}"


def test_misfit_is_chi_square_for_logistic_p_bits_without_memory(honest):
    assert stats.kstest(honest.chi2_p, "uniform").pvalue > 1e-4


def test_updates_tell_the_gain_and_states_do_not_for_a_machine_in_no_equilibrium(machine):
    # Junctions of the first colour see neighbours that move on before the state is recorded. Of gains that differ by
    # 0.1 they show states a bias of about 0.05; with 0.005 to be seen as 8 standard errors, each 2 / sqrt(N).
    spins, expected = drawn(machine, 8, 20_000), flat(truth(machine))
    by_updates, by_states = fit_gains(RING, BETA, spins, 1, COLORS), fit_gains(RING, BETA, spins, 1)
    z = [
        (np.array(list(found.estimates.values())) - expected) / found.trials.std(axis=0, ddof=1)
        for found in (by_updates, by_states)
    ]
    assert np.sum(z[0] ** 2) < stats.chi2.isf(1e-4, 8), z[0]
    assert np.sum(z[1] ** 2) > stats.chi2.isf(1e-6, 8), "test too weak"
    assert by_updates.check().dof > by_states.dof


def test_states_are_enough_where_gains_are_equal():
    spins = drawn(SmtjSampler(), 8, 20_000)
    found = fit_gains(RING, BETA, spins, 1)
    z = (np.array(list(found.estimates.values())) - np.tile([1.0, 0.0], 4)) / found.trials.std(axis=0, ddof=1)
    assert np.sum(z**2) < stats.chi2.isf(1e-4, 8), z


@pytest.mark.parametrize("fault", ["memory", "noise"])
def test_p_bits_that_are_not_logistic_are_refused(fault):
    card, clock_s = NOMINAL, np.inf
    if fault == "memory":
        clock_s = float(NOMINAL.correlation_time_s(0.0))  # after both clocks of a sweep e^-2 of a junction is as before
    else:
        card = replace(
            NOMINAL, sd_cycle=2.0 / 20.0
        )  # offsets of 2 in beta I from clock to clock: two steps, no sigmoid
    spins = drawn(SmtjSampler(card, clock_s), 8, 5000, beta=1.5)
    with pytest.raises(InputError, match="^Model 'p-bit gains and offsets' must be consistent with the data .*$"):
        fit_gains(RING, 1.5, spins, 1, COLORS).check()
    fit_gains(RING, 1.5, drawn(SmtjSampler(), 8, 5000, beta=1.5), 1, COLORS).check()


def test_record_says_where_it_comes_from(experiments):
    found = fit_gains(RING, BETA, experiments[0], 7, COLORS)
    assert found.provenance["regressed_on"] == "what each update saw"
    assert found.provenance["n_draws"] == N_DRAWS
    assert found.as_dict()["estimates"]["gain_0"] == PbitGains.of_calibration(found).gains[0]
    again = fit_gains(RING, BETA, experiments[0], 7, COLORS)
    assert again.parameters == found.parameters


LONE = IsingInstance.from_edges(3, [(0, 1)], [1.0], [0.0, 0.0, 0.4])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"instance": LONE}, "Spins must be as many as the instance has, 3, not 4"),
        ({"beta": 0.0}, "Inverse temperature must be above 0 to show a gain, not 0.0"),
        ({"colors": [0, 1]}, r"Colours must be one per spin \(4\), not of shape \(2,\)"),
        ({"seed": 1, "n_trials": 5}, "Number of trials must be at least 20 for an interval, not 5"),
        ({"instance": IsingInstance(-RING.couplings, RING.biases)}, r"Gain of p-bit 0 must be above 0, not -.* \+- .*"),
    ],
)
def test_wrong_arguments_are_refused(experiments, change, text):
    arguments = {"instance": RING, "beta": BETA, "spins": experiments[0], "seed": 1, "colors": COLORS} | change
    with pytest.raises(InputError, match=f"^{text}$"):
        fit_gains(**arguments)


def test_p_bit_without_neighbours_tells_no_gain():
    spins = drawn(SmtjSampler(), 1, 500, LONE)
    with pytest.raises(InputError, match="^Parameter '(gain|offset)_2' must be determined by the data .*$"):
        fit_gains(LONE, BETA, spins, 1)


def test_gains_that_no_p_bit_has_are_refused():
    with pytest.raises(InputError, match="^Gain and offset of p-bit 1 must be above 0 and finite, not 0 and 0.1$"):
        PbitGains([1.0, 0.0], [0.0, 0.1])
