"""The effective beta of machines that are hot by a known factor, its interval, and one number that is not enough."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spinchip.calibration.machine.beta import fit_beta
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.pbits.clocked import SmtjSampler
from spinchip.emulator.pbits.junction_bank import NOMINAL
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.coloring import find_coloring
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.emulator.stats.effective_beta import beta_from_states

RING, BETA = resolve("[ring n=6 J=1 h=0.3]"), 0.5
COLORS = find_coloring(RING)
N_EXPERIMENTS, N_DRAWS = 200, 1000


def drawn(sampler, n_chains, n_draws, beta=BETA, instance=RING):
    schedule = Schedule.constant(beta, 100 + n_draws)
    return sampler.sample(instance, schedule, n_chains, 2, Recording(after=100)).spins


@pytest.fixture(scope="module")
def chains():
    return drawn(ReferenceSampler(), N_EXPERIMENTS, N_DRAWS)


def share_of(found, beta=BETA):
    return np.mean([one.parameters["beta"].low <= beta <= one.parameters["beta"].high for one in found])


@pytest.mark.promise("calibration.machine")
@pytest.mark.parametrize("colors", [COLORS, None], ids=["updates", "states"])
def test_interval_holds_beta_and_not_another(chains, colors):
    found = [fit_beta(RING, spins, k, colors) for k, spins in enumerate(chains)]
    error = np.sqrt(0.68 * 0.32 / N_EXPERIMENTS)
    assert abs(share_of(found) - 0.68) < 3.3 * error  # 1e-3
    width = np.mean([one.parameters["beta"].high - one.parameters["beta"].low for one in found])
    assert share_of(found, BETA + width) < 0.68 - 3.3 * error  # control: 2 standard errors off
    assert stats.kstest([one.chi2_p for one in found], "uniform").pvalue > 1e-4


def test_estimate_is_that_of_the_statistics_room(chains):
    found, expected = fit_beta(RING, chains[:20], 1), beta_from_states(RING, chains[:20], level=0.68)
    assert found.estimates["beta"] == pytest.approx(expected.best, abs=1e-7)
    width = found.parameters["beta"].high - found.parameters["beta"].low
    # 200 batches and 100 trials know a standard error to 5 and 9 %.
    assert width == pytest.approx(expected.high - expected.low, rel=0.4)


def test_hot_machine_is_called_hot():
    found = fit_beta(RING, drawn(ReferenceSampler(), 8, 5000, 0.9 * BETA), 1, COLORS)
    error = found.trials.std(ddof=1)
    assert abs(found.estimates["beta"] - 0.9 * BETA) < 4 * error < 4 * 0.1 * BETA / 8
    assert found.check() is found


def test_machine_whose_p_bits_differ_has_no_one_beta():
    spread = SmtjSampler(replace(NOMINAL, cv_gain=0.1, sd_offset=0.1 / 20.0), device_seed=1)
    with pytest.raises(InputError, match="^Model 'effective inverse temperature' must be consistent with the data.*$"):
        fit_beta(RING, drawn(spread, 8, 5000), 1, COLORS).check()


@pytest.mark.parametrize(
    ("instance", "spins", "text"),
    [
        (IsingInstance(np.zeros((2, 2)), np.zeros(2)), np.ones((40, 2)), "Local fields must differ from 0 .* state"),
        (RING, np.ones((400, 6)), r"(Parameter 'beta' must be determined|Fit of 'beta' must end).*"),
        (RING, np.ones((40, 5)), "Spins must be as many as the instance has, 6, not 5"),
    ],
)
def test_states_without_a_beta_are_refused(instance, spins, text):
    with pytest.raises(InputError, match=f"^{text}$"):
        fit_beta(instance, spins, 1)
