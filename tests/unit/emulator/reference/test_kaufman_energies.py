"""Both reference backends against Kaufman's exact energies of the ferromagnet on a 16 x 16 torus."""

import numpy as np
import pytest

from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.oracle.kaufman import torus_answer
from spinchip.emulator.reference.bitsliced import BitSlicedSampler
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.schedule import Recording, Schedule

L, N_CHAINS, BURN_IN, N_SWEEPS, EVERY = 16, 256, 2000, 10_000, 10


def standard_errors_off(sampler, beta, exact):
    """Return the distance of the mean energy from an exact one, in standard errors over independent chains.

    The autocorrelation time peaks at the critical point, at some L^2.17 = 400 sweeps, a fifth of the burn-in.
    """
    schedule = Schedule.constant(beta, BURN_IN + N_SWEEPS)
    recording = Recording(after=BURN_IN, every=EVERY, spins=False)
    means = sampler.sample(
        generate("ferromagnet2d", L=L), schedule, N_CHAINS, seed=4, recording=recording
    ).energies.mean(axis=1)
    return (means.mean() - exact) / (means.std(ddof=1) / np.sqrt(N_CHAINS))


@pytest.mark.promise("reference.kaufman")
@pytest.mark.parametrize("sampler", [ReferenceSampler(), BitSlicedSampler()], ids=lambda sampler: sampler.name)
@pytest.mark.parametrize("beta", [0.3, 0.44, 0.6])
def test_energy_is_kaufmans(sampler, beta):
    exact = torus_answer(L, L, beta).mean_energy
    assert abs(standard_errors_off(sampler, beta, exact)) < 4
    assert abs(standard_errors_off(sampler, 1.02 * beta, exact)) > 8, "two per cent of beta must be seen"
