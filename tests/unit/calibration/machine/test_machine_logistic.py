"""Batches as long as memory asks, errors of the closed form, and what a separable or an endless fit is told."""

import numpy as np
import pytest
from scipy.special import expit

from spinchip.calibration.inverse_ising.logistic import BATCH_TIMES, Batches, fit_logistic
from spinchip.calibration.inverse_ising.states import seen_fields, seen_spins
from spinchip.calibration.machine.gain import fit_gains
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance


@pytest.mark.parametrize(("n_chains", "n_draws", "tau"), [(1, 6000, 15.0), (3, 2000, 7.3), (40, 50, 30.0)])
def test_groups_are_ten_memories_long_or_whole_chains(n_chains, n_draws, tau):
    batches = Batches.of_shape(n_chains, n_draws)
    groups = batches.groups(tau)
    sizes = np.add.reduceat(batches.sizes, groups)
    assert sizes.sum() == n_chains * n_draws
    assert (sizes >= BATCH_TIMES * tau).all() or len(groups) == n_chains
    assert len(groups) >= 20
    starts = batches.starts[groups]
    assert set(n_draws * np.arange(n_chains)) <= set(starts.tolist())  # no group holds parts of two chains


def test_chains_too_short_for_twenty_groups_are_refused():
    with pytest.raises(InputError, match=r"^Chains must be at least 2000 draws long \(tau 10\), not 1000$"):
        Batches.of_shape(1, 1000).groups(10.0)


def test_batch_errors_are_those_of_the_curvature_for_independent_draws():
    rng, theta = np.random.default_rng(1), np.array([0.8, -0.5])
    rows = np.stack([rng.normal(size=40_000), np.ones(40_000)], axis=1)
    spins = np.where(rng.random(40_000) < expit(2.0 * rows @ theta), 1, -1).astype(np.int8)
    fit = fit_logistic(rows, spins, Batches.of_shape(1, 40_000), ("slope", "shift"))
    expected = np.sqrt(fit.covariance.diagonal())
    assert fit.errors == pytest.approx(expected, rel=0.2)  # 200 batches: 5 %, four times
    assert (np.abs(fit.values - theta) < 4.0 * expected).all()


def test_error_of_an_offset_knows_that_of_the_gain():
    # An offset of 1.5 is found by continuing a slope: its error is mostly the gain's.
    gain, offset, n_draws, rng = 0.9, 1.5, 40_000, np.random.default_rng(2)
    pair = IsingInstance.from_edges(2, [(0, 1)], [1.0])
    other = np.where(rng.random(n_draws) < 0.5, 1, -1)
    spins = np.stack([np.where(rng.random(n_draws) < expit(2 * gain * (other - offset)), 1, -1), other], axis=1)
    one = fit_gains(pair, 1.0, spins.astype(np.int8), 1, n_trials=2000)
    rows = np.stack([other, np.ones(n_draws)], axis=1).astype(float)
    weight = 1.0 - np.tanh(gain * (other - offset)) ** 2
    covariance = np.linalg.inv((rows * weight[:, None]).T @ rows)
    jacobian = np.array([offset / gain, 1.0 / gain])  # of d = -b / a, by a and (up to its sign) by b
    expected = np.sqrt(jacobian @ covariance @ jacobian)
    assert one.trials[:, 1].std() == pytest.approx(expected, rel=0.25)
    assert np.sqrt(covariance[1, 1]) / gain != pytest.approx(expected, rel=0.25)  # control: without the gain's part


def test_seen_spins_are_new_for_lower_colours_and_old_for_others():
    spins, colors = np.array([[[1, -1, 1], [-1, 1, 1]]], dtype=np.int8), np.array([0, 1, 2])
    assert seen_spins(spins, 1, np.array([0, 2]), colors).tolist() == [[[-1, 1]]]
    chain = IsingInstance.from_edges(3, [(0, 1), (1, 2)], [1.0, 10.0], [0.5, 0.0, 0.0])
    # P-bit 0 saw p-bit 1 before, 1 saw 0 after and 2 before, 2 saw 1 after.
    assert seen_fields(chain, spins, colors).tolist() == [[[-0.5, 9.0, 10.0]]]
    assert seen_fields(chain, spins).tolist() == [[[-0.5, 11.0, -10.0], [1.5, 9.0, 10.0]]]
