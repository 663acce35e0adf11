"""Couplings from states: intervals that hold what they claim, sparse graphs, penalties, refusals."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spinchip.calibration.inverse_ising.infer import METHODS, infer_from_moments, infer_from_states, moments_of_law
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.states import all_spins
from spinchip.emulator.pbits.clocked import SmtjSampler
from spinchip.emulator.pbits.junction_bank import NOMINAL
from spinchip.emulator.spec.coloring import find_coloring
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule

N_EXPERIMENTS, N_DRAWS, REPEATS = 150, 600, 5
SHARE = 0.6827  # of truths within one standard error
TOO_NARROW = 2 * stats.norm.cdf(1 / np.sqrt(REPEATS)) - 1  # what is left of it if repeats count as draws: 0.345
PAIRS = np.triu_indices(5, 1)


@pytest.fixture(scope="module")
def glass():
    rng = np.random.default_rng(5)
    couplings = np.triu(rng.normal(size=(5, 5)) / np.sqrt(5), 1)
    return IsingInstance(couplings + couplings.T, 0.4 * rng.normal(size=5))


def drawn(instance, n_experiments, n_draws, seed):
    """Return independent states, shape (n_experiments, n_draws, n)."""
    law = boltzmann_law(instance, 1.0)
    numbers = np.random.default_rng(seed).choice(len(law), size=(n_experiments, n_draws), p=law)
    return all_spins(instance.n_spins)[numbers]


def shares(instance, experiments, **choices):
    """Return the share of couplings and biases within one standard error in each experiment."""
    couplings, found = instance.couplings.toarray(), []
    for spins in experiments:
        answer = infer_from_states(spins, **choices)
        off = [(answer.couplings - couplings)[PAIRS], answer.biases - instance.biases]
        errors = [answer.coupling_errors[PAIRS], answer.bias_errors]
        found.append(np.abs(np.concatenate(off)) < np.concatenate(errors))
    return np.mean(found, axis=1)


def check_share(found, expected=SHARE):
    error = found.std(ddof=1) / np.sqrt(len(found))
    assert error < 0.0125, f"test too weak: 4 x {error:.4f}"
    return abs(found.mean() - expected) < 4 * error


@pytest.mark.promise("calibration.machine")
def test_pseudolikelihood_errors_hold_68_percent_and_would_not_if_repeats_were_draws(glass):
    independent = drawn(glass, N_EXPERIMENTS, N_DRAWS, 1)
    assert check_share(shares(glass, independent))
    slow = np.repeat(drawn(glass, N_EXPERIMENTS, N_DRAWS, 2), REPEATS, axis=1)
    found = shares(glass, slow)
    assert abs(found.mean() - SHARE) < 0.05
    assert check_share(found)
    order = np.random.default_rng(3).permutation(N_DRAWS * REPEATS)
    naked = shares(glass, slow[:, order])
    assert not check_share(naked)
    assert check_share(naked, TOO_NARROW)


@pytest.mark.parametrize("method", ["naive_mean_field", "sessak_monasson", "bethe"])
def test_jackknife_errors_are_those_of_sampling(glass, method):
    limit = infer_from_moments(*moments_of_law(boltzmann_law(glass, 1.0)), method)  # what endless draws would give
    ideal = IsingInstance(limit.couplings, limit.biases)
    experiments = drawn(glass, 64, 2000, 4)
    found = shares(ideal, experiments, method=method)
    assert abs(found.mean() - SHARE) < 4 * found.std(ddof=1) / 8
    if method == "naive_mean_field":  # control: the formula's own error is not in its interval
        assert shares(glass, experiments, method=method).mean() < 0.5


def test_all_methods_find_weak_couplings():
    instance = IsingInstance(0.05 * (np.ones((4, 4)) - np.eye(4)), np.full(4, 0.1))
    spins = drawn(instance, 1, 40_000, 6)[0]
    for method in METHODS:
        z = (infer_from_states(spins, method).couplings - 0.05)[np.triu_indices(4, 1)] * np.sqrt(40_000)
        # Errors of order 2 are at most 2 x 0.05^2 (two common neighbours), 1 standard error; the wrong sign is 20.
        assert np.abs(z).max() < 5, method


def test_sparse_graph_is_fitted_on_its_edges_alone_and_with_smaller_errors(glass):
    edges = [(0, 1), (1, 2), (2, 3), (3, 4)]
    chain = IsingInstance.from_edges(5, edges, [0.6, -0.8, 0.5, 0.7], [0.1, 0.0, -0.2, 0.3, 0.0])
    spins = drawn(chain, 1, 20_000, 7)[0]
    sparse, dense = infer_from_states(spins, edges=edges), infer_from_states(spins)
    assert np.array_equal(sparse.couplings != 0, chain.couplings.toarray() != 0)
    for found in (sparse, dense):
        z = (found.couplings - chain.couplings.toarray())[PAIRS] / np.where(
            found.coupling_errors > 0, found.coupling_errors, 1
        )[PAIRS]
        assert np.sum(z**2) < stats.chi2.isf(1e-4, np.count_nonzero(z))
    held = tuple(np.array(edges).T)
    assert (sparse.coupling_errors[held] < 1.02 * dense.coupling_errors[held]).all()
    assert sparse.coupling_errors[held].mean() < dense.coupling_errors[held].mean()


def test_penalty_shrinks_couplings_and_makes_separable_states_fit():
    states = np.tile(all_spins(3)[[0, 1, 2, 7, 7, 0]], (50, 1))  # spin 2 is up only if both others are
    with pytest.raises(InputError, match=r"^Parameter 'beta_[Jh]_.*' must be determined by the data .*$"):
        infer_from_states(states, n_blocks=20)
    small, large = (infer_from_states(states, n_blocks=20, l2=l2).couplings for l2 in (0.01, 0.1))
    assert np.abs(large).sum() < np.abs(small).sum()
    assert small[0, 2] > 0.3


@pytest.mark.parametrize(
    ("spins", "method", "text"),
    [
        (np.zeros((30, 2)), "bethe", r"Spin 0 of draw 0 in chain 0 must be -1 or \+1, not 0.0"),
        (np.ones(30), "bethe", r"Spins must have shape \(chains, draws, spins\) or \(draws, spins\), not \(30,\)"),
        (np.ones((300, 2)), "pseudolikelihood", r"Spin 0 must be seen in both states, not only in \+1"),
        (np.ones((300, 2)), "bethe", r"Spin 0 must be seen in both states, not with a mean of 1"),
        (all_spins(3), "bethe", "Samples must be at least 20 for an interval, not 8"),
        (np.repeat(all_spins(4), 30, axis=0), "bethe", r"Chains must be at least .* draws long \(tau .*\), not 480"),
        (np.repeat(all_spins(4), 30, axis=0), "pseudolikelihood", r"Chains must be at least .* long .*, not 480"),
        (all_spins(6), "magic", "Method must be one of .*, not 'magic'"),
    ],
)
def test_states_that_tell_nothing_are_refused(spins, method, text):
    with pytest.raises(InputError, match=f"^{text}$"):
        infer_from_states(spins, method)


def test_choice_of_another_method_is_refused():
    with pytest.raises(InputError, match="^Choice 'l2' must go with pseudolikelihood, not with bethe$"):
        infer_from_states(all_spins(6), "bethe", l2=1.0)


def test_updates_tell_the_directed_couplings_of_a_machine_and_states_do_not():
    ring, beta = resolve("[ring n=6 J=1 h=0.3]"), 0.5
    machine = SmtjSampler(replace(NOMINAL, cv_gain=0.1), device_seed=0)
    spins = machine.sample(ring, Schedule.constant(beta, 20_100), 8, 1, Recording(after=100)).spins
    bank, off = machine.bank(ring), ~np.eye(6, dtype=bool)
    felt = (2.0 * bank.barrier_kT * bank.scale)[:, None] * beta * ring.couplings.toarray()
    by_updates, by_states = (infer_from_states(spins, colors=c) for c in (find_coloring(ring), None))
    squares = [np.sum(((f.directed - felt)[off] / f.directed_errors[off]) ** 2) for f in (by_updates, by_states)]
    assert squares[0] < stats.chi2.isf(1e-4, 30)
    assert squares[1] > stats.chi2.isf(1e-6, 30), "test too weak"
    # Control: one coupling for both ends is not what this machine has.
    z = ((by_updates.couplings - felt)[off] / by_updates.coupling_errors[off]) ** 2
    assert z.sum() > stats.chi2.isf(1e-6, 30)
