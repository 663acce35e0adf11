import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.oracle.states import all_spins
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.stats.autocorrelation import AutocorrError
from spinchip.emulator.stats.conditionals import measure_conditionals
from spinchip.emulator.stats.effective_beta import beta_from_conditionals, beta_from_states

N_REPEATS = 400
# Two-sided bounds on how many of 400 intervals of 95 % hold the truth, at 1e-3.
FEWEST, MOST = stats.binom.ppf([5e-4, 1 - 5e-4], N_REPEATS, 0.95)


def covered(intervals, beta):
    return sum(interval.low <= beta <= interval.high for interval in intervals)


def quantised_ring(ring):
    """The ring with the bias that its default format holds."""
    return ring(bias=38 / 128)


@pytest.mark.promise("gate.beta-eff")
def test_conditional_interval_covers(ring, program_of, naive):
    program, rng = program_of(ring(), n_sweeps=20), np.random.default_rng(1)
    found = [beta_from_conditionals(measure_conditionals(program, naive(program, 60, rng))) for _ in range(N_REPEATS)]
    assert FEWEST <= covered(found, 0.5) <= MOST
    assert covered(found, 0.53) < FEWEST  # control: 6 % off is about 2 half widths


@pytest.mark.promise("gate.beta-eff")
def test_state_interval_covers_independent_states(ring):
    instance, rng = quantised_ring(ring), np.random.default_rng(2)
    states = all_spins(6)
    weights = np.exp(-0.5 * instance.energies(states))
    draws = states[rng.choice(64, size=(N_REPEATS, 500), p=weights / weights.sum())]
    found = [beta_from_states(instance, spins[:, None, :]) for spins in draws]
    assert FEWEST <= covered(found, 0.5) <= MOST
    assert covered(found, 0.56) < FEWEST


@pytest.mark.promise("gate.beta-eff")
def test_state_interval_covers_slow_chains_because_tau_widens_it(ring, program_of, naive):
    # A sampler that shows every state five times: tau is 5 times that of the chain, and known to be so.
    program, rng = program_of(ring(bias=0.0), n_sweeps=260), np.random.default_rng(3)
    spins = naive(program, N_REPEATS * 2, rng)[:, 61:].reshape(N_REPEATS, 2, 200, 6)
    slow = np.repeat(spins, 5, axis=2)
    found = [beta_from_states(ring(bias=0.0), chains) for chains in slow]
    assert FEWEST <= covered(found, 0.5) <= N_REPEATS - 1
    # Control: the same states taken for independent, as single draws of 2000 chains.
    naked = [beta_from_states(ring(bias=0.0), chains.reshape(-1, 1, 6)) for chains in slow]
    assert covered(naked, 0.5) < FEWEST


def test_hot_sampler_is_called_hot(ring, program_of, naive):
    honest, hot = program_of(ring(), beta=0.5), program_of(ring(), beta=0.4)
    spins = naive(hot, 2000, np.random.default_rng(4))
    found = beta_from_conditionals(measure_conditionals(honest, spins))
    assert found.low <= 0.4 <= found.high
    assert found.high < 0.42
    assert found.low < found.best < found.high


def test_no_field_tells_no_beta(program_of, naive):
    lone = IsingInstance(np.zeros((2, 2)), np.zeros(2))
    program = program_of(lone, n_sweeps=50)
    spins = naive(program, 50, np.random.default_rng(5))
    assert beta_from_conditionals(measure_conditionals(program, spins)) is None
    assert beta_from_states(lone, spins) is None


def test_frozen_states_have_no_finite_beta(ring):
    assert beta_from_states(ring(), np.ones((10, 1, 6), dtype=np.int8)) is None


def test_short_chains_are_refused(ring, program_of, naive):
    spins = np.repeat(naive(program_of(ring(), n_sweeps=39), 2, np.random.default_rng(6)), 5, axis=1)
    with pytest.raises(AutocorrError):  # 200 draws, tau of 5 or more
        beta_from_states(ring(), spins)
