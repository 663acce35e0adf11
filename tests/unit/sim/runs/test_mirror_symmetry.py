"""Chains that never left the side of their common start are told so; chains that mixed are not."""

import numpy as np
import pytest

import spinchip
from spinchip.sim.runs.mirror_symmetry import ONE_SIDED, is_one_sided
from spinchip.sim.runs.sampling import summarise

COLD, WARM = 1.0, 0.2  # of the square ferromagnet, whose transition is at 0.44


def drawn(text, beta, chains=64, on="reference"):
    """Return a model and its samples."""
    model = spinchip.load(text)
    return model, spinchip.sample(model, beta, sweeps=200, chains=chains, seed=1, on=on)


@pytest.mark.promise("sim.sample.one-sided-chains")
@pytest.mark.parametrize("on", ["reference", "golden"])
def test_a_cold_magnet_and_a_cold_gauged_one_are_told(on):
    model, samples = drawn("[ferromagnet2d L=8]", COLD, on=on)
    assert ONE_SIDED in summarise(model, samples)["notes"]
    gauge = np.repeat([-1.0, 1.0], [48, 16])  # its ground states are no longer all up and all down
    gauged = spinchip.load(model.couplings.toarray() * np.outer(gauge, gauge))
    assert is_one_sided(gauged, spinchip.sample(gauged, COLD, sweeps=200, seed=1, on=on, burn_in=100))


@pytest.mark.promise("sim.sample.one-sided-chains")
def test_warm_chains_biased_ones_and_a_few_are_not():
    assert not is_one_sided(*drawn("[ferromagnet2d L=8]", WARM))
    assert not is_one_sided(*drawn("[ring n=8 J=1 h=0.3]", COLD))
    assert not is_one_sided(*drawn("[ferromagnet2d L=8]", COLD, chains=25))
    assert is_one_sided(*drawn("[ferromagnet2d L=8]", COLD, chains=26))


@pytest.mark.promise("sim.sample.one-sided-chains")
def test_false_alarms_are_as_rare_as_stated():
    """Frozen chains, each on a side of its own: the worst memory. At 1e-6 none of 2000 runs is told."""
    model, samples = drawn("[ferromagnet2d L=4]", WARM)
    rng = np.random.default_rng(3)
    for _ in range(2000):
        sides = rng.choice(np.array([-1, 1], dtype=np.int8), (64, 1, 1))
        object.__setattr__(samples, "spins", np.broadcast_to(sides, (64, 1, 16)))
        assert not is_one_sided(model, samples)
